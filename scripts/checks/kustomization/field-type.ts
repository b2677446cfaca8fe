import type { Shape } from '../../kustomize/kustomization-shape.ts';
import { legacyValue } from '../../kustomize/scalars.ts';
import type { Node, ScalarNode } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { fieldNamed, kustomizationFields } from './fields.ts';
import type { KustomizationSubject } from './subject.ts';

export const fieldType: Rule<KustomizationSubject> = {
  id: 'kustomization/field-type',
  severity: 'error',
  title: 'Every field of a kustomization has the type that kustomize expects.',
  why: 'kustomize refuses the file and nothing of it is deployed. An unquoted number would also lose its text: the tag 1.10 reads as 1.1.',
  fix: 'Quote numbers and booleans that are meant as text; write lists as lists.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/',
  scope: 'general',
  *check(subject) {
    if (subject.node) yield* inValue(subject.node, { fields: kustomizationFields }, '');
  },
};

function* inValue(node: Node, type: Shape, field: string): Generator<Report> {
  // A null is the field's zero value to Go, whatever its type.
  if (type === 'any' || (node.type === 'scalar' && node.value === null)) return;
  if (type === 'string') {
    if (node.type !== 'scalar') yield wrong(node, field, 'a string');
    else if (typeof legacyValue(node) !== 'string') yield unquoted(node, field);
    return;
  }
  if (type === 'bool' || type === 'int') {
    const fits =
      node.type === 'scalar' &&
      (type === 'bool' ? typeof legacyValue(node) === 'boolean' : Number.isInteger(node.value));
    if (!fits) yield wrong(node, field, type === 'bool' ? '`true` or `false`' : 'a whole number');
    return;
  }
  if ('map' in type) {
    if (node.type !== 'map') return yield wrong(node, field, 'a mapping');
    for (const [key, entry] of node.entries) yield* inValue(entry.value, type.map, `${field}.${key}`);
    return;
  }
  if ('list' in type) {
    if (node.type !== 'list') return yield wrong(node, field, 'a list');
    for (const item of node.items) yield* inValue(item, type.list, `${field}[]`);
    return;
  }
  if (node.type !== 'map') return yield wrong(node, field, 'a mapping');
  for (const [key, entry] of node.entries) {
    const found = fieldNamed(type.fields, key);
    if (found)
      yield* inValue(
        entry.value,
        found[1],
        field === '' ? found[0] : `${field.replace(/\[\]$/, '')}.${found[0]}`,
      );
  }
}

function unquoted(node: ScalarNode, field: string): Report {
  const text = node.source ?? String(node.value);
  // kustomize reads its own file as YAML 1.1, in which `yes` and `off` are booleans.
  const value = legacyValue(node);
  const read = text === String(value) ? '' : `, and YAML reads it as ${String(value)}`;
  return {
    message: `\`${field}\` is the ${typeof value} ${text}, not a string${read}: kustomize refuses the whole file`,
    fix: `Quote it: "${text}".`,
    at: node.origin,
  };
}

function wrong(node: Node, field: string, expected: string): Report {
  const got =
    node.type === 'map'
      ? 'a mapping'
      : node.type === 'list'
        ? 'a list'
        : `${typeof node.value === 'string' ? 'the string' : `the ${typeof node.value}`} \`${node.source ?? String(node.value)}\``;
  const name = field === '' ? 'a kustomization' : `\`${field}\``;
  return {
    message: `${name} must be ${expected}, not ${got}: kustomize refuses the whole file`,
    fix: hint(node, field) ?? `Write ${expected}.`,
    at: node.origin,
  };
}

function hint(node: Node, field: string): string | undefined {
  if (node.type !== 'scalar') return undefined;
  const text = node.source ?? String(node.value);
  if (field === 'patches[]' || field === 'replacements[]') return `Write \`- path: ${text}\`.`;
  if (field.endsWith('count') && Number.isInteger(Number(text))) return `Write ${text} without quotes.`;
  if (/^(?:true|false)$/.test(text)) return `Write ${text} without quotes.`;
  return undefined;
}
