import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import { resolvePath } from '../../repository/files.ts';
import { at, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import {
  isKustomizationPath,
  type KustomizationFile,
  kustomizationFiles,
  kustomizationOf,
  readPaths,
  splitFileSource,
} from './kustomization-files.ts';
import { topOf, treesOf } from './subject.ts';

/** A file that nothing deploys, with the kustomization that stands nearest above it. */
export interface Orphan {
  readonly path: string;
  readonly nearest: KustomizationFile | undefined;
}

/**
 * Files below the directories that are meant for a cluster which no build reads: manifests, patches, kustomizations, and
 * anything in a `config/` directory beside a kustomization. Notes, scripts and values of charts are nobody's orphans.
 */
export function* orphansOf(repository: Repository): Generator<Orphan> {
  // What leads to everything else is itself at fault: what it would have led to is not known, and no fault of its own.
  if (repository.environments.some(({ builds }) => builds[0]?.objects.length === 0)) return;
  const read = readPaths(repository);
  const trees = treesOf(repository);
  for (const path of repository.paths) {
    if (read.has(path) || !trees.has(topOf(path)) || isBesideChart(repository, path)) continue;
    const nearest = nearestKustomization(repository, posix.dirname(path));
    if (isKustomizationPath(path) || isConfiguration(path, nearest) || isManifest(repository, path))
      yield { path, nearest };
  }
}

function nearestKustomization(repository: Repository, directory: string): KustomizationFile | undefined {
  for (let current = directory; ; current = posix.dirname(current)) {
    const found = kustomizationOf(repository, current);
    if (found || current === '.') return found;
  }
}

const isConfiguration = (path: string, nearest: KustomizationFile | undefined): boolean =>
  nearest !== undefined &&
  nearest.directory !== '.' &&
  path.startsWith(`${nearest.directory}/config/`) &&
  !/(?:^|\/)(?:README[^/]*|\.[^/]*)$|\.md$/i.test(path);

function isManifest(repository: Repository, path: string): boolean {
  if (!/\.(?:ya?ml|json)$/i.test(path)) return false;
  const file = repository.sources.yaml(path);
  return file?.documents.some((document) => isObject(document.node) || isJsonPatch(document.node)) ?? false;
}

const isObject = (node: Node | undefined): boolean =>
  /^(?:[a-z0-9.-]+\/)?v\d+(?:(?:alpha|beta)\d+)?$/.test(textAt(node, ['apiVersion']) ?? '') &&
  /^[A-Z]\w+$/.test(textAt(node, ['kind']) ?? '') &&
  (at(node, ['metadata'])?.type === 'map' || at(node, ['items'])?.type === 'list');

const isJsonPatch = (node: Node | undefined): boolean =>
  node?.type === 'list' &&
  node.items.length > 0 &&
  node.items.every((item) => textAt(item, ['op']) !== undefined && textAt(item, ['path']) !== undefined);

/** Whether a file is part of a Helm chart, whose files Helm reads. */
function isBesideChart(repository: Repository, path: string): boolean {
  for (let directory = posix.dirname(path); directory !== '.'; directory = posix.dirname(directory))
    if (repository.sources.files.kind(`${directory}/Chart.yaml`) === 'file') return true;
  return false;
}

/** The paths that comments of kustomizations list: somebody switched them off on purpose. */
export function switchedOff(repository: Repository): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { directory, file } of kustomizationFiles(repository).values())
    for (const [, text] of file.text.matchAll(/^\s*#+\s*-\s*(?:path:\s*)?["']?([^\s"'#]+)/gm)) {
      const path = resolvePath(directory, splitFileSource(text!).path);
      if (path !== undefined && path !== directory) paths.add(path);
    }
  return paths;
}

/**
 * What the paths that are switched off would bring if they were not: files that a kustomization lists, and through a Flux
 * Kustomization the directory that it builds. The word about the line that is commented out stands for all of them; a file among
 * them that even then nothing would read is an orphan like any other.
 */
export function broughtBySwitchedOff(repository: Repository): ReadonlySet<string> {
  const files = kustomizationFiles(repository);
  const paths = new Set<string>();
  const queue: string[] = [];
  const add = (path: string | undefined): void => {
    if (path === undefined) return;
    for (const found of [path, kustomizationOf(repository, path)?.path])
      if (found !== undefined && !paths.has(found)) {
        paths.add(found);
        queue.push(found);
      }
  };
  for (const path of switchedOff(repository)) add(path);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const kustomization = files.get(path);
    if (kustomization) for (const reference of kustomization.references) add(reference.path);
    else for (const directory of builtByFlux(repository, path)) add(directory);
  }
  return paths;
}

/** The directories that the Flux Kustomizations in a file name. */
function* builtByFlux(repository: Repository, path: string): Generator<string> {
  if (!/\.ya?ml$/i.test(path)) return;
  for (const { node } of repository.sources.yaml(path)?.documents ?? []) {
    if (!textAt(node, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/')) continue;
    const directory = resolvePath('.', textAt(node, ['spec', 'path']) ?? '');
    if (directory === undefined || directory === '.') continue;
    yield directory;
    for (const item of itemsAt(node, ['spec', 'components'])) {
      const component = resolvePath(directory, textAt(item, []) ?? '');
      if (component !== undefined) yield component;
    }
  }
}
