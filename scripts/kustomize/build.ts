import { posix } from 'node:path';
import { resolvePath } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { clone, type MapNode, type Node, type Origin, type ScalarNode, scalar } from '../yaml/node.ts';
import type { BuildContext } from './context.ts';
import { objectsOf } from './documents.ts';
import { generate } from './generators/generate.ts';
import { addHashes } from './generators/hash.ts';
import {
  checkKustomization,
  type Kustomization,
  readKustomization,
  scalars,
  stringOf,
} from './kustomization.ts';
import { loadYaml, refuseRemote } from './load.ts';
import { currentId, describeId, findTwins, makeResource, nameOrigin, type Resource } from './resource.ts';
import { refuseOpenKey, textOf } from './scalars.ts';
import { metadataMap } from './selector.ts';
import { sortResources } from './sort.ts';
import { fail, Stop, unsupported } from './stop.ts';
import { commonAnnotations } from './transformers/annotations.ts';
import { images } from './transformers/images.ts';
import { labels } from './transformers/labels.ts';
import { namePrefix, nameSuffix } from './transformers/name-affixes.ts';
import { updateNameReferences } from './transformers/name-references.ts';
import { namespace } from './transformers/namespace.ts';
import { patches } from './transformers/patches.ts';
import { jsonPatches } from './transformers/patches-json6902.ts';
import { strategicPatches } from './transformers/patches-strategic-merge.ts';
import { replacements } from './transformers/replacements.ts';
import { replicas } from './transformers/replicas.ts';
import type { Transformer } from './transformers/transformer.ts';

export interface BuildOptions {
  /** Flux builds with 'none' (inside the repository), the kustomize command with 'root-only'. */
  readonly loadRestrictions: 'none' | 'root-only';
  /** Flux emits resource order ('none'); `kubectl kustomize` 'legacy'. */
  readonly order: 'none' | 'legacy';
  /** The kustomization of `directory` where it is not the file on disk: Flux merges its own fields into it, or makes one where there is none. */
  readonly root?: MapNode;
  /** Flux reads the kustomization at spec.path leniently: unknown fields are dropped. They are then notices 'unknown-field'. */
  readonly lenientRoot?: boolean;
}

/** What kustomize itself would refuse. */
export interface BuildProblem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
}

/** Something kustomize passes over in silence; matched entries have no message. */
export interface BuildNotice {
  readonly code:
    | 'unmatched-patch'
    | 'unmatched-image'
    | 'unmatched-replacement-target'
    | 'unknown-field'
    | 'duplicate-key'
    | (string & {});
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
  readonly matched: boolean;
  /** Of what matched nothing: the objects that it was tried on. */
  readonly candidates?: readonly MapNode[];
  /** Of a strategic patch that matched nothing: what it would have set. */
  readonly patch?: MapNode;
}

export type BuildResult =
  | {
      readonly status: 'built';
      readonly objects: readonly MapNode[];
      readonly notices: readonly BuildNotice[];
      readonly reads: ReadonlySet<string>;
    }
  | {
      readonly status: 'unsupported';
      readonly feature: string;
      readonly origin: Origin;
      readonly reads: ReadonlySet<string>;
    }
  | {
      readonly status: 'failed';
      readonly problems: readonly BuildProblem[];
      /** Of what was tried before the build failed. */
      readonly notices: readonly BuildNotice[];
      readonly reads: ReadonlySet<string>;
    };

/** In kustomize's own order, which is not that of the file. */
const transformers: readonly Transformer[] = [
  strategicPatches,
  patches,
  namespace,
  namePrefix,
  nameSuffix,
  labels,
  commonAnnotations,
  jsonPatches,
  replicas,
  images,
  replacements,
];

/**
 * Builds a directory as kustomize 5.8.1 does. Every node of the result tells where its value was set. `directory` is
 * relative to the repository's root. What this implementation is not certain of is `unsupported`, never guessed.
 */
export function buildKustomization(sources: Sources, directory: string, options: BuildOptions): BuildResult {
  const reads = new Set<string>();
  const notices: BuildNotice[] = [];
  const context: BuildContext = { sources, loadRestrictions: options.loadRestrictions, reads, notices };
  try {
    const root = readRoot(context, directory, options);
    const resources: Resource[] = [];
    accumulate(context, root, resources, [directory]);
    addHashes(resources);
    updateNameReferences(resources);
    const emitted = sortResources(emittedOf(resources), root, options.order);
    return { status: 'built', objects: emitted.map(finished), notices, reads };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const { reason } = error;
    return reason.kind === 'failed'
      ? { status: 'failed', problems: [reason.problem], notices, reads }
      : { status: 'unsupported', feature: reason.feature, origin: reason.origin, reads };
  }
}

function readRoot(context: BuildContext, directory: string, options: BuildOptions): Kustomization {
  const start: Origin = { file: directory, line: 1, column: 1 };
  if (options.root)
    return checkKustomization(
      context,
      options.root,
      directory,
      options.root.origin.file,
      options.lenientRoot ?? false,
    );
  return readKustomization(context, directory, start, options.lenientRoot ?? false);
}

/** Adds to `resources` what a kustomization names and makes, and applies its transformers to all of them. */
function accumulate(
  context: BuildContext,
  kustomization: Kustomization,
  resources: Resource[],
  ancestors: readonly string[],
): void {
  const { node } = kustomization;
  for (const entry of [...scalars(node, 'resources'), ...scalars(node, 'bases')])
    addResource(context, kustomization, entry, resources, ancestors);
  generate(context, kustomization, resources);
  for (const entry of scalars(node, 'components'))
    addDirectory(context, kustomization, entry, resources, ancestors, true);
  const steps = transformers.map((transformer) => transformer(context, kustomization));
  for (const step of steps) step?.(resources);
}

function addResource(
  context: BuildContext,
  kustomization: Kustomization,
  entry: ScalarNode,
  resources: Resource[],
  ancestors: readonly string[],
): void {
  const name = stringOf(entry);
  refuseRemote(name, entry.origin);
  const path = resolvePath(kustomization.directory, name);
  const kind = path === undefined ? undefined : context.sources.files.kind(path);
  if (kind === 'directory') {
    addDirectory(context, kustomization, entry, resources, ancestors, false);
    return;
  }
  const yaml = loadYaml(context, kustomization.directory, name, entry.origin);
  const objects = objectsOf(yaml).map((object) => makeResource(clone(object)));
  addAll(resources, objects, entry.origin);
}

function addDirectory(
  context: BuildContext,
  parent: Kustomization,
  entry: ScalarNode,
  resources: Resource[],
  ancestors: readonly string[],
  isComponent: boolean,
): void {
  const name = stringOf(entry);
  refuseRemote(name, entry.origin);
  const path = resolvePath(parent.directory, name);
  if (path === undefined) {
    if (context.loadRestrictions === 'root-only' || posix.isAbsolute(name))
      unsupported(`the directory ${name} outside the repository`, entry.origin);
    fail(
      'outside-repository',
      `\`${name}\` leads out of the repository`,
      'Name a directory within the repository.',
      entry.origin,
    );
  }
  context.reads.add(path);
  const kind = context.sources.files.kind(path);
  if (kind === 'symlink') unsupported(`the symbolic link ${path}`, entry.origin);
  if (kind !== 'directory')
    fail(
      kind === 'file' ? 'not-a-directory' : 'missing-file',
      kind === 'file' ? `${path} is a file, a Component is a directory` : `${path} does not exist`,
      'Correct the path.',
      entry.origin,
    );
  for (const ancestor of ancestors)
    if (path === '.' || ancestor === path || ancestor.startsWith(`${path}/`))
      fail(
        'cycle',
        `\`${path}\` contains \`${ancestor}\`, which is being built: a cycle`,
        'Move what both need into a directory of its own.',
        entry.origin,
      );
  const child = readKustomization(context, path, entry.origin, false);
  if (child.isComponent !== isComponent)
    fail(
      'kustomization-kind',
      isComponent ? `\`${path}\` is no Component` : `\`${path}\` is a Component`,
      isComponent ? 'List it under `resources`.' : 'List it under `components`.',
      entry.origin,
    );
  if (isComponent) {
    // A Component works on what its parent has gathered so far.
    accumulate(context, child, resources, [path, ...ancestors]);
    refuseTwins(resources, entry.origin);
    return;
  }
  const own: Resource[] = [];
  accumulate(context, child, own, [path, ...ancestors]);
  addAll(resources, own, entry.origin);
}

function addAll(resources: Resource[], more: readonly Resource[], origin: Origin): void {
  resources.push(...more);
  refuseTwins(resources, origin);
}

function refuseTwins(resources: readonly Resource[], origin: Origin): void {
  const found = findTwins(resources);
  if (found) twins(found[0], found[1], origin);
}

function twins(first: Resource, second: Resource, origin: Origin): never {
  const place = nameOrigin(first.node);
  return fail(
    'id-conflict',
    `${describeId(currentId(second))} is there already (${place.file}:${place.line})`,
    'Include it only once, or give one of the two another name or namespace.',
    origin,
  );
}

const localConfig = 'config.kubernetes.io/local-config';

/** The objects of the result; renaming by patches or hashes may have made two of them the same. */
function emittedOf(resources: readonly Resource[]): readonly Resource[] {
  const found = findTwins(resources);
  if (found && !found.every(isEmitted))
    unsupported('a local object with the name of another', nameOrigin(found[1].node));
  if (found) twins(found[0], found[1], nameOrigin(found[1].node));
  return resources.filter(isEmitted);
}

/** Objects for kustomize's own use stay out of the result. */
function isEmitted({ node }: Resource): boolean {
  const value = metadataMap(node, 'annotations').get(localConfig);
  return value === undefined || value === 'false';
}

// Kustomize's YAML writer and reader do not agree on these.
const unwritable = /[\x7f-\x9f\ufffe\uffff]/;

function refuseUnwritable(node: Node): void {
  switch (node.type) {
    case 'scalar':
      if (typeof node.value === 'string' && unwritable.test(node.value))
        unsupported('a control character in a text', node.origin);
      return;
    case 'list':
      for (const item of node.items) refuseUnwritable(item);
      return;
    case 'map':
      for (const { value } of node.entries.values()) refuseUnwritable(value);
  }
}

/** Annotations leave kustomize as text, and not at all where there are none. */
function finished({ node }: Resource): MapNode {
  refuseUnwritable(node);
  const metadata = node.entries.get('metadata')?.value;
  const entry = metadata?.type === 'map' ? metadata.entries.get('annotations') : undefined;
  if (metadata?.type !== 'map' || entry === undefined) return node;
  if (entry.value.type !== 'map' || entry.value.entries.size === 0) metadata.entries.delete('annotations');
  else
    for (const [key, each] of entry.value.entries) {
      refuseOpenKey(key, each.origin);
      if (
        each.value.type !== 'scalar' ||
        typeof each.value.value !== 'string' ||
        each.value.source !== undefined
      )
        each.value = scalar(textOf(each.value), each.value.origin);
    }
  return node;
}
