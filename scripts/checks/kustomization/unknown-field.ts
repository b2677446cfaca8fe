import type { Shape } from '../../kustomize/kustomization-shape.ts';
import { nearestName } from '../../text/nearest.ts';
import type { MapNode, Node } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type Fields, fieldNamed, kustomizationFields } from './fields.ts';
import { isFluxObject } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

/** Slips that no counting of letters would find. */
const meant: Readonly<Record<string, string>> = {
  'images.tag': 'newTag',
  'images.image': 'name',
  'images.version': 'newTag',
  'images.newImage': 'newName',
  'images.repository': 'newName',
  patch: 'patches',
  patchesJson: 'patches',
  'patches.file': 'path',
  'patches.inline': 'patch',
  'patches.ops': 'patch',
  'patches.op': 'patch',
  'patches.target.apiVersion': 'group` and `version',
  'replacements.source.apiVersion': 'group` and `version',
  'replacements.targets.select.apiVersion': 'group` and `version',
  'configMapGenerator.literal': 'literals',
  'configMapGenerator.file': 'files',
  'configMapGenerator.data': 'literals',
  'configMapGenerator.disableNameSuffixHash': 'options.disableNameSuffixHash',
  'secretGenerator.literal': 'literals',
  'secretGenerator.file': 'files',
  'secretGenerator.data': 'literals',
  'secretGenerator.stringData': 'literals',
  'secretGenerator.disableNameSuffixHash': 'options.disableNameSuffixHash',
  'replicas.replicas': 'count',
  configMaps: 'configMapGenerator',
  secrets: 'secretGenerator',
  annotations: 'commonAnnotations',
  commonAnnotation: 'commonAnnotations',
  prefix: 'namePrefix',
  suffix: 'nameSuffix',
};

export const unknownField: Rule<KustomizationSubject> = {
  id: 'kustomization/unknown-field',
  severity: 'error',
  title: 'A kustomization has only fields that kustomize knows.',
  why: 'In a base or Component kustomize refuses the file, so nothing is deployed. In the directory that a Flux Kustomization names, Flux drops the field without a word, reports Ready, and what the field should have done is missing.',
  fix: 'Correct the name of the field, or remove it.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/',
  scope: 'general',
  *check(subject) {
    if (!subject.node || isFluxObject(subject)) return;
    const silent = subject.usedBy.some((build) => build.path === subject.directory);
    yield* inFields(subject.node, kustomizationFields, [], silent);
  },
};

function* inFields(
  node: MapNode,
  fields: Fields,
  parents: readonly string[],
  silent: boolean,
): Generator<Report> {
  for (const [key, entry] of node.entries) {
    const found = fieldNamed(fields, key);
    if (found) {
      yield* inValue(entry.value, found[1], [...parents, found[0]], silent);
      continue;
    }
    const known = meant[[...parents, key].join('.')] ?? nearestName(key, Object.keys(fields));
    const where = parents.length === 0 ? 'a kustomization' : `\`${parents.join('.')}\``;
    const result = silent ? 'Flux drops it silently and reports Ready' : 'kustomize refuses the whole file';
    yield {
      message: `\`${key}\` is no field of ${where}: ${result}${known === undefined ? '' : `; did you mean \`${known}\`?`}`,
      fix:
        known === undefined
          ? `Remove \`${key}\`, or use one of: ${Object.keys(fields).join(', ')}.`
          : `Write \`${known}\` instead of \`${key}\`.`,
      at: entry.origin,
    };
  }
}

function* inValue(node: Node, type: Shape, parents: readonly string[], silent: boolean): Generator<Report> {
  if (typeof type === 'string') return;
  if ('map' in type) return;
  if ('list' in type) {
    if (node.type === 'list') for (const item of node.items) yield* inValue(item, type.list, parents, silent);
  } else if (node.type === 'map') {
    yield* inFields(node, type.fields, parents, silent);
  }
}
