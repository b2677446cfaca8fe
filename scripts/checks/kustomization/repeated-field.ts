import type { Shape } from '../../kustomize/kustomization-shape.ts';
import type { MapNode, Node } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type Fields, fieldNamed, kustomizationFields } from './fields.ts';
import type { KustomizationSubject } from './subject.ts';

export const repeatedField: Rule<KustomizationSubject> = {
  id: 'kustomization/repeated-field',
  severity: 'error',
  title: 'No field of a kustomization is written twice in different case.',
  why: 'kustomize does not mind the case of its fields, so `Resources` and `resources` are the same one: the list of one of them is lost without a word.',
  fix: 'Join the two under the documented name.',
  scope: 'general',
  *check(subject) {
    if (subject.node) yield* inFields(subject.node, kustomizationFields);
  },
};

function* inFields(node: MapNode, fields: Fields): Generator<Report> {
  const seen = new Map<string, string>();
  for (const [key, entry] of node.entries) {
    const found = fieldNamed(fields, key);
    if (!found) continue;
    const [name, type] = found;
    const other = seen.get(name);
    if (other !== undefined)
      yield {
        message: `\`${key}\` and \`${other}\` are the same field to kustomize: only one of them takes effect`,
        fix: `Join both under \`${name}\`.`,
        at: entry.origin,
      };
    seen.set(name, key);
    yield* inValue(entry.value, type);
  }
}

function* inValue(node: Node, type: Shape): Generator<Report> {
  if (typeof type === 'string') return;
  if ('map' in type) return;
  if ('list' in type) {
    if (node.type === 'list') for (const item of node.items) yield* inValue(item, type.list);
  } else if (node.type === 'map') {
    yield* inFields(node, type.fields);
  }
}
