import { posix } from 'node:path';
import type { BuildFailure } from '../render/environment.ts';
import { locate, type RenderedObject } from '../render/object.ts';
import { type Files, resolvePath } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import {
  at,
  clone,
  fromJson,
  itemsAt,
  list,
  type MapNode,
  map,
  type Node,
  type Origin,
  scalar,
  textAt,
} from '../yaml/node.ts';
import { resolveSubstituted } from './written-scalar.ts';

/** The names of a kustomization, in the order in which they are looked for. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** The kustomization files in a directory. More than one is an error. */
export const kustomizationFiles = (files: Files, directory: string): string[] =>
  kustomizationNames
    .map((name) => (directory === '.' ? name : `${directory}/${name}`))
    .filter((path) => files.kind(path) === 'file');

export type RootResult =
  | {
      readonly ok: true;
      /** Undefined where the file itself cannot be read as a kustomization; building it says why. */
      readonly root: MapNode | undefined;
      /** Whether nothing is named that could yield an object. */
      readonly empty: boolean;
      readonly reads: readonly string[];
    }
  | { readonly ok: false; readonly failure: BuildFailure; readonly reads: readonly string[] };

/** `spec.path` as a path of the repository. Leading `..` are dropped, as the controller does. */
export const pathOf = (kustomization: RenderedObject): string => {
  const path = posix.join('/', textAt(kustomization.node, ['spec', 'path']) ?? '').replace(/(?<=.)\/$/, '');
  return path === '/' ? '.' : path.slice(1);
};

/** Fields of a kustomization that can yield objects. */
const yielding = [
  'resources',
  'bases',
  'components',
  'configMapGenerator',
  'secretGenerator',
  'generators',
  'helmCharts',
  'helmChartInflationGenerator',
];
const transforming = [
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'replacements',
  'transformers',
  'validators',
];

/**
 * The kustomization that kustomize-controller builds for a Flux Kustomization: the one in its path (read leniently), or
 * one of all manifests below it where there is none, with what the Flux object adds. Everything keeps its origin.
 * Mirrors `Generator.GenerateManifest` of fluxcd/pkg/kustomize 1.35.
 */
export function rootKustomization(
  sources: Sources,
  directory: string,
  kustomization?: RenderedObject,
): RootResult {
  const { files } = sources;
  const origin = kustomization
    ? locate(kustomization, ['spec', 'path'])
    : { file: directory === '.' ? '.' : directory, line: 1, column: 1 };
  const [file, second] = kustomizationFiles(files, directory);
  const reads: string[] = file === undefined ? [] : [file];
  if (file !== undefined && second !== undefined)
    return {
      ok: false,
      reads: [file, second],
      failure: failure(
        'kustomization-file',
        `\`${directory}\` has both \`${posix.basename(file)}\` and \`${posix.basename(second)}\`, and kustomize refuses to choose`,
        `keep one of them`,
        { file: second, line: 1, column: 1 },
      ),
    };
  let root: MapNode;
  if (file === undefined) {
    root = generated(files, directory, origin);
  } else {
    const parsed = sources.yaml(file);
    // Further documents are not read.
    const document = parsed?.documents[0]?.node;
    const start = { file, line: 1, column: 1 };
    if (
      !parsed ||
      parsed.problems.some(({ code }) => code !== 'duplicate-key') ||
      (document && document.type !== 'map')
    )
      return { ok: true, root: undefined, empty: false, reads };
    root = document?.type === 'map' ? asRead(document) : map(start);
  }
  if (kustomization) {
    const problem = addFlux(root, kustomization, files, directory);
    if (problem) return { ok: false, failure: problem, reads };
  }
  const has = (field: string): boolean => {
    const value = at(root, [field]);
    if (value?.type === 'list') return value.items.length > 0;
    return value !== undefined && !(value.type === 'scalar' && value.value === null);
  };
  return { ok: true, root, empty: !yielding.some(has) && !transforming.some(has), reads };
}

const fields = [
  ...yielding,
  ...transforming,
  ...[
    'apiVersion',
    'kind',
    'metadata',
    'openapi',
    'namePrefix',
    'nameSuffix',
    'namespace',
    'commonLabels',
    'labels',
  ],
  ...['commonAnnotations', 'vars', 'images', 'imageTags', 'replicas', 'sortOptions', 'crds', 'helmGlobals'],
  ...['configurations', 'generatorOptions', 'inventory', 'buildMetadata'],
];
const fieldOf = new Map(fields.map((field) => [field.toLowerCase(), field]));

/**
 * The root as the controller reads it, before kustomize does: into Go's types, for which case in names does not matter
 * and a number where a text belongs is one.
 */
function asRead(document: MapNode): MapNode {
  const root = map(document.origin);
  for (const [key, entry] of document.entries)
    root.entries.set(fieldOf.get(key.toLowerCase()) ?? key, { ...entry, value: clone(entry.value) });
  for (const field of ['namespace', 'namePrefix', 'nameSuffix']) asText(root, field);
  for (const image of itemsAt(root, ['images']))
    if (image.type === 'map') for (const field of image.entries.keys()) asText(image, field);
  const texts = ['commonLabels', 'commonAnnotations'].map((field) => at(root, [field]));
  for (const pairs of [...texts, ...itemsAt(root, ['labels']).map((label) => at(label, ['pairs']))])
    if (pairs?.type === 'map') for (const key of pairs.entries.keys()) asText(pairs, key);
  return root;
}

function asText(holder: MapNode, field: string): void {
  const entry = holder.entries.get(field);
  if (entry?.value.type !== 'scalar' || entry.value.value === null) return;
  const { style, source, value } = entry.value;
  const read = style === 'plain' && source !== undefined ? resolveSubstituted(source) : value;
  holder.entries.set(field, { ...entry, value: scalar(String(read), entry.value.origin) });
}

/** What `spec` adds to the kustomization; returns what makes the controller give up. */
function addFlux(
  root: MapNode,
  kustomization: RenderedObject,
  files: Files,
  directory: string,
): BuildFailure | undefined {
  const spec = at(kustomization.node, ['spec']);
  const set = (field: string, from: string): void => {
    const value = at(spec, [from]);
    if (value?.type === 'scalar' && typeof value.value === 'string')
      root.entries.set(field, { origin: locate(kustomization, ['spec', from]), value });
  };
  set('namespace', 'targetNamespace');
  set('namePrefix', 'namePrefix');
  set('nameSuffix', 'nameSuffix');
  append(
    root,
    'patches',
    itemsAt(spec, ['patches']).map(asPatch),
    locate(kustomization, ['spec', 'patches']),
  );

  const components: Node[] = [];
  const ignoreMissing = at(spec, ['ignoreMissingComponents']);
  for (const [index, component] of itemsAt(spec, ['components']).entries()) {
    const path = component.type === 'scalar' ? String(component.value) : '';
    if (isRemote(path) || path.startsWith('/'))
      return failure(
        'component-path',
        `component \`${path}\` of Kustomization \`${kustomization.name}\` is no relative path, and Flux takes components only from the Kustomization's own source`,
        'write the path relative to `spec.path`',
        locate(kustomization, ['spec', 'components', index]),
      );
    const resolved = resolvePath(directory, path);
    const exists = resolved !== undefined && files.kind(resolved) !== undefined;
    if (!exists && ignoreMissing?.type === 'scalar' && ignoreMissing.value === true) continue;
    components.push(component);
  }
  append(root, 'components', components, locate(kustomization, ['spec', 'components']));
  addImages(root, itemsAt(spec, ['images']), locate(kustomization, ['spec', 'images']));
  const metadata = itemsAt(spec, ['buildMetadata']);
  if (metadata.length > 0)
    root.entries.set('buildMetadata', {
      origin: locate(kustomization, ['spec', 'buildMetadata']),
      value: list(locate(kustomization, ['spec', 'buildMetadata']), [...metadata]),
    });
  return undefined;
}

function append(root: MapNode, field: string, items: readonly Node[], origin: Origin): void {
  if (items.length === 0) return;
  const known = root.entries.get(field);
  const value = list(known?.value.origin ?? origin, [...itemsAt(root, [field]), ...items]);
  root.entries.set(field, { origin: known?.origin ?? origin, value });
}

const selectorFields = new Set([
  'group',
  'version',
  'kind',
  'name',
  'namespace',
  'labelSelector',
  'annotationSelector',
]);

/** Of a patch of the Flux object, what reaches kustomize. */
function asPatch(patch: Node): Node {
  const result = map(patch.origin);
  if (patch.type !== 'map') return result;
  const text = patch.entries.get('patch');
  if (text) result.entries.set('patch', text);
  const target = patch.entries.get('target');
  if (target?.value.type === 'map') {
    const selector = map(target.value.origin);
    for (const [key, entry] of target.value.entries)
      if (selectorFields.has(key)) selector.entries.set(key, entry);
    result.entries.set('target', { origin: target.origin, value: selector });
  }
  return result;
}

/** Images of the Flux object win field by field; tag and digest only together. */
function addImages(root: MapNode, images: readonly Node[], origin: Origin): void {
  if (images.length === 0) return;
  const result = itemsAt(root, ['images']).map((image) => clone(image));
  for (const image of images) {
    if (image.type !== 'map') continue;
    const name = textAt(image, ['name']);
    const known = result.find((candidate) => textAt(candidate, ['name']) === name);
    if (known?.type !== 'map') {
      result.push(clone(image));
      continue;
    }
    const given = (field: string): boolean => (textAt(image, [field]) ?? '') !== '';
    const take = (field: string): void => {
      const entry = image.entries.get(field);
      if (entry && given(field)) known.entries.set(field, entry);
      else known.entries.delete(field);
    };
    if (given('newName')) take('newName');
    if (given('newTag') || given('digest')) {
      take('newTag');
      take('digest');
    }
  }
  const entry = root.entries.get('images');
  root.entries.set('images', {
    origin: entry?.origin ?? origin,
    value: list(entry?.value.origin ?? origin, result),
  });
}

/** Every manifest below a directory; a directory with a kustomization of its own counts as one. */
function generated(files: Files, directory: string, origin: Origin): MapNode {
  const resources: string[] = [];
  const scan = (current: string): void => {
    for (const name of files.list(current)) {
      const path = current === '.' ? name : `${current}/${name}`;
      if (files.kind(path) === 'directory') {
        if (kustomizationFiles(files, path).length > 0) resources.push(path);
        else scan(path);
      } else if (/\.ya?ml$/.test(name)) {
        resources.push(path);
      }
    }
  };
  scan(directory);
  const root = map(origin);
  const relative = resources.map((path) => posix.relative(directory === '.' ? '' : directory, path));
  root.entries.set('resources', { origin, value: fromJson(relative, origin) });
  root.entries.set('kind', { origin, value: scalar('Kustomization', origin) });
  root.entries.set('apiVersion', { origin, value: scalar('kustomize.config.k8s.io/v1beta1', origin) });
  return root;
}

const remotePrefixes = [
  'git::',
  'gh:',
  'ssh://',
  'https://',
  'http://',
  'git@',
  'github.com:',
  'github.com/',
];

/** Whether kustomize would fetch a path from elsewhere. */
export const isRemote = (path: string): boolean =>
  remotePrefixes.some((prefix) => path.toLowerCase().startsWith(prefix) && path.length > prefix.length);

const failure = (code: string, message: string, fix: string, origin: Origin): BuildFailure => ({
  stage: 'render',
  code,
  message,
  fix,
  origin,
});

/**
 * Sets the labels and annotations of `spec.commonMetadata` on an object, over what it has. Of the object itself only,
 * not of pod templates; after the substitution. Mirrors `SetCommonMetadata` of fluxcd/pkg/ssa.
 */
export function withCommonMetadata(object: MapNode, kustomization: RenderedObject): MapNode {
  const common = at(kustomization.node, ['spec', 'commonMetadata']);
  if (common?.type !== 'map' || common.entries.size === 0) return object;
  const metadata = at(object, ['metadata']);
  const changed: MapNode = { ...object, entries: new Map(object.entries) };
  const target: MapNode =
    metadata?.type === 'map' ? { ...metadata, entries: new Map(metadata.entries) } : map(common.origin);
  for (const field of ['labels', 'annotations']) {
    const added = common.entries.get(field);
    if (added?.value.type !== 'map') continue;
    const present = target.entries.get(field);
    const merged: MapNode =
      present?.value.type === 'map'
        ? { ...present.value, entries: new Map(present.value.entries) }
        : map(added.origin);
    for (const [key, entry] of added.value.entries) merged.entries.set(key, entry);
    target.entries.set(field, { origin: present?.origin ?? added.origin, value: merged });
  }
  changed.entries.set('metadata', {
    origin: object.entries.get('metadata')?.origin ?? common.origin,
    value: target,
  });
  return changed;
}
