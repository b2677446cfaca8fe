import { posix } from 'node:path';
import type { Build, Repository } from '../../render/environment.ts';
import { resolvePath } from '../../repository/files.ts';
import {
  entriesAt,
  itemsAt,
  type MapEntry,
  type MapNode,
  type Node,
  type Origin,
  type ScalarNode,
  textAt,
} from '../../yaml/node.ts';
import type { YamlFile } from '../../yaml/parse.ts';
import { nearestDirectory } from './nearest-directory.ts';

/** What a reference of a kustomization may name. */
export type Expected = 'file' | 'directory' | 'either';

/** One path that a kustomization names. */
export interface Reference {
  /** As messages name the field: `resources`, `configMapGenerator.files`. */
  readonly field: string;
  /** The path as written, without the `key=` of a generator. */
  readonly text: string;
  readonly expected: Expected;
  /** `true` where kustomize would fetch it from elsewhere. */
  readonly remote: boolean;
  /** The path from the repository's root; undefined where it is remote, absolute or leaves the repository. */
  readonly path: string | undefined;
  readonly origin: Origin;
}

/** A kustomization.yaml, whether of a Kustomization or a Component. */
export interface KustomizationFile {
  readonly path: string;
  readonly directory: string;
  readonly kind: string;
  readonly file: YamlFile;
  /** Undefined where the file is empty or cannot be parsed. */
  readonly node: MapNode | undefined;
  readonly references: readonly Reference[];
}

/** The names under which kustomize looks for its file, in its order. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

export const isKustomizationPath = (path: string): boolean =>
  (kustomizationNames as readonly string[]).includes(posix.basename(path));

const known = new WeakMap<Repository, ReadonlyMap<string, KustomizationFile>>();

/** Every kustomization of a repository by its path, read by a build or not. */
export function kustomizationFiles(repository: Repository): ReadonlyMap<string, KustomizationFile> {
  let files = known.get(repository);
  if (!files) {
    const all = new Map(
      repository.paths.filter(isKustomizationPath).flatMap((path) => {
        const file = repository.sources.yaml(path);
        return file ? [[path, kustomizationFile(path, file)] as const] : [];
      }),
    );
    // A Flux Kustomization may stand in a file of this name, as long as the file itself is listed as a resource.
    for (const { references } of [...all.values()])
      for (const { path } of references) {
        const named = path === undefined ? undefined : all.get(path);
        if (named && isFluxObject(named)) all.delete(named.path);
      }
    files = all;
    known.set(repository, files);
  }
  return files;
}

/** Whether a file of kustomize's name holds an object for Flux instead. */
export const isFluxObject = ({ node }: Pick<KustomizationFile, 'node'>): boolean =>
  textAt(node, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/') ?? false;

/** The kustomization of a directory, or undefined. */
export function kustomizationOf(repository: Repository, directory: string): KustomizationFile | undefined {
  const files = kustomizationFiles(repository);
  for (const name of kustomizationNames) {
    const found = files.get(directory === '.' ? name : `${directory}/${name}`);
    if (found) return found;
  }
  return undefined;
}

function kustomizationFile(path: string, file: YamlFile): KustomizationFile {
  const directory = posix.dirname(path);
  // kustomize decodes the first document and never looks at another.
  const first = file.documents.find((document) => document.node !== undefined)?.node;
  const node = first?.type === 'map' ? first : undefined;
  return {
    path,
    directory,
    kind: (node && textAt(fieldOf(node, 'kind')?.value, [])) || 'Kustomization',
    file,
    node,
    references: node ? [...referencesOf(node, directory)] : [],
  };
}

/** The entry of a field; kustomize does not mind the case of its names. */
export function fieldOf(node: Node | undefined, name: string): MapEntry | undefined {
  const entries = entriesAt(node, []);
  const exact = entries.get(name);
  if (exact) return exact;
  const lower = name.toLowerCase();
  for (const [key, entry] of entries) if (key.toLowerCase() === lower) return entry;
  return undefined;
}

/** The items of a list field; empty where there is none. */
export const itemsOf = (node: Node | undefined, name: string): readonly Node[] =>
  itemsAt(fieldOf(node, name)?.value, []);

/** The text of a field, or undefined where it is absent or no string. */
export const textOf = (node: Node | undefined, name: string): string | undefined =>
  textAt(fieldOf(node, name)?.value, []);

const lists: readonly (readonly [field: string, expected: Expected])[] = [
  ['resources', 'either'],
  ['bases', 'directory'],
  ['components', 'directory'],
  ['crds', 'file'],
  ['configurations', 'file'],
  ['generators', 'either'],
  ['transformers', 'either'],
  ['validators', 'either'],
  ['patchesStrategicMerge', 'file'],
];
// Fields whose items may hold the YAML itself instead of a path.
const inline = new Set(['generators', 'transformers', 'validators', 'patchesStrategicMerge']);

function* referencesOf(node: MapNode, directory: string): Generator<Reference> {
  const reference = (field: string, expected: Expected, found: Node | undefined): Reference[] => {
    if (!isText(found) || found.value.trim() === '') return [];
    return [toReference(field, expected, found.value, found.origin, directory)];
  };
  for (const [field, expected] of lists)
    for (const item of itemsOf(node, field)) {
      if (isText(item) && inline.has(field) && isInlineYaml(item.value)) continue;
      yield* reference(field, expected, item);
    }
  for (const field of ['patches', 'patchesJson6902', 'replacements'])
    for (const item of itemsOf(node, field))
      yield* reference(`${field}.path`, 'file', fieldOf(item, 'path')?.value);
  for (const field of ['configMapGenerator', 'secretGenerator'])
    for (const generator of itemsOf(node, field)) {
      for (const item of itemsOf(generator, 'files'))
        if (isText(item))
          yield toReference(
            `${field}.files`,
            'file',
            splitFileSource(item.value).path,
            item.origin,
            directory,
          );
      for (const item of itemsOf(generator, 'envs')) yield* reference(`${field}.envs`, 'file', item);
      yield* reference(`${field}.env`, 'file', fieldOf(generator, 'env')?.value);
    }
  for (const chart of itemsOf(node, 'helmCharts')) {
    yield* reference('helmCharts.valuesFile', 'file', fieldOf(chart, 'valuesFile')?.value);
    for (const item of itemsOf(chart, 'additionalValuesFiles'))
      yield* reference('helmCharts.additionalValuesFiles', 'file', item);
  }
  yield* reference('openapi.path', 'file', fieldOf(fieldOf(node, 'openapi')?.value, 'path')?.value);
}

function toReference(
  field: string,
  expected: Expected,
  text: string,
  origin: Origin,
  directory: string,
): Reference {
  const remote = isRemote(text);
  return {
    field,
    text,
    expected,
    remote,
    path: remote ? undefined : resolvePath(directory, text),
    origin,
  };
}

const isText = (node: Node | undefined): node is ScalarNode & { value: string } =>
  node?.type === 'scalar' && typeof node.value === 'string';

const isInlineYaml = (text: string): boolean => /\n|:\s|^\s*[{[]/.test(text);

// As kustomize's api/internal/git and kyaml's HTTP loader tell a remote from a path.
const remotePattern = /^(?:git::|(?:git::)?(?:https?|ssh|file):\/\/|[\w.-]+@[\w.-]+:|github\.com[:/])/i;
const isRemote = (text: string): boolean => remotePattern.test(text);

/** `key=path` or `path` of a generator's `files`, as kustomize parses it. */
export function splitFileSource(text: string): { readonly key: string; readonly path: string } {
  const equals = text.indexOf('=');
  if (equals === -1) return { key: posix.basename(text), path: text };
  return { key: text.slice(0, equals), path: text.slice(equals + 1) };
}

const reached = new WeakMap<Build, ReadonlySet<string>>();

/**
 * Every path that a build reads. One that failed stopped reading half-way: what its kustomizations name counts too, lest
 * one missing file make orphans of all the rest.
 */
export function readBy(repository: Repository, build: Build): ReadonlySet<string> {
  let paths = reached.get(build);
  if (!paths) {
    paths = closureOf(repository, build);
    reached.set(build, paths);
  }
  return paths;
}

function closureOf(repository: Repository, build: Build): ReadonlySet<string> {
  const files = kustomizationFiles(repository);
  const paths = new Set<string>();
  const queue: string[] = [];
  const add = (path: string | undefined): void => {
    if (path === undefined || paths.has(path)) return;
    paths.add(path);
    queue.push(path);
  };
  for (const path of build.reads) add(path);
  add(kustomizationOf(repository, meantPath(repository, build))?.path);
  for (let path = queue.pop(); path !== undefined; path = queue.pop())
    for (const reference of files.get(path)?.references ?? []) {
      add(reference.path);
      if (reference.path !== undefined) add(kustomizationOf(repository, reference.path)?.path);
    }
  return paths;
}

/** A path with a slip in it leads to one fault, not to a directory full of files that nothing builds. */
const meantPath = ({ sources: { files } }: Repository, { path, failures }: Build): string =>
  failures.some(({ code }) => code === 'missing-path') ? (nearestDirectory(files, path) ?? path) : path;

const allReached = new WeakMap<Repository, ReadonlySet<string>>();

/** Every path that any build of a repository reads. */
export function readPaths(repository: Repository): ReadonlySet<string> {
  let paths = allReached.get(repository);
  if (!paths) {
    const builds = repository.environments.flatMap((environment) => environment.builds);
    paths = new Set(builds.flatMap((build) => [...readBy(repository, build)]));
    allReached.set(repository, paths);
  }
  return paths;
}
