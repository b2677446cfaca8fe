import { basename, dirname, join } from 'node:path';
import { openKnownGood } from '../../scripts/cache/known-good.ts';
import type { KustomizeResult } from '../../scripts/flux/build.ts';
import { environmentRoots, findFluxObjects } from '../../scripts/flux/discover.ts';
import { type Builder, openBuilder, renderEnvironment } from '../../scripts/flux/environment.ts';
import { type GateResult, runGate, type Selection } from '../../scripts/gate.ts';
import type { Repository } from '../../scripts/render/environment.ts';
import { renderRepository } from '../../scripts/render/render.ts';
import { openDirectory, walk } from '../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../scripts/repository/sources.ts';
import { toJson } from '../../scripts/yaml/node.ts';
import { type Edit, overlaySources } from './overlay-files.ts';

const base = openSources(openDirectory(join(import.meta.dirname, '../..')));
const isOutside = (path: string): boolean => /(?:^|\/)(?:\.git|node_modules)$/.test(path);
// What one run found valid, the next need not validate again: the runs differ in a file or two.
const knownGood = openKnownGood(undefined);

export interface Checked extends GateResult {
  readonly sources: Sources;
}

/** Renders and checks this very repository with some changes, as `npm run validate` would; all of it, or some. */
export function check(
  edits: readonly Edit[],
  { stages = [], environments = [] }: Partial<Pick<Selection, 'stages' | 'environments'>> = {},
): Checked {
  const sources = overlaySources(base, edits);
  return gate({ ...renderQuickly(sources, edits), knownGood }, { stages, environments });
}

/** Renders this very repository with some changes and checks nothing. */
export const render = (edits: readonly Edit[]): Repository =>
  renderQuickly(overlaySources(base, edits), edits);

/** Checks without reusing anything of an earlier run. */
export const checkFromScratch = (edits: readonly Edit[]): Checked =>
  gate(renderRepository(overlaySources(base, edits)));

const gate = (
  repository: Repository,
  { stages = [], environments = [] }: Partial<Pick<Selection, 'stages' | 'environments'>> = {},
): Checked => ({
  ...runGate(repository, {
    selection: { environments, components: [], stages },
    platform: true,
    strict: false,
    today: new Date().toISOString().slice(0, 10),
  }),
  sources: repository.sources,
});

const built = new Map<string, KustomizeResult>();

/** Like renderRepository, but takes from the unchanged repository what it builds from files that no edit comes near. */
function renderQuickly(sources: Sources, edits: readonly Edit[]): Repository {
  const paths = [...walk(sources.files, '.', isOutside)].sort();
  const builder = openBuilder(sources, findFluxObjects(sources, paths).sources, {});
  const isFar = ({ reads }: KustomizeResult): boolean => {
    const near = new Set([...reads, ...[...reads].map(dirname)]);
    return edits.every(
      ({ path }) => !near.has(path) && !near.has(dirname(path)) && basename(path) !== '.sourceignore',
    );
  };
  const reusing: Builder = {
    ...builder,
    build(path, kustomization, source) {
      const key = JSON.stringify([path, kustomization?.value, source && toJson(source)]);
      const known = built.get(key);
      if (known && isFar(known)) return known;
      const result = builder.build(path, kustomization, source);
      if (edits.length === 0) built.set(key, result);
      return result;
    },
  };
  return {
    sources,
    paths,
    environments: environmentRoots(sources).map((root) => renderEnvironment(reusing, root)),
  };
}

/** The line on which a text ends that occurs exactly once in a file, counted from 1. */
export function lineOf({ files }: Sources, file: string, find: string): number {
  const read = files.read(file);
  if (!read.ok) throw new Error(`${file} cannot be read: ${read.reason}`);
  const start = read.text.indexOf(find);
  if (start === -1 || read.text.includes(find, start + 1))
    throw new Error(`${file}: ${JSON.stringify(find)} must occur exactly once`);
  return read.text.slice(0, start + find.length).split('\n').length;
}

// The faults reuse what this builds.
check([]);

/** What the unchanged repository is told, as `rule file`: what a test tells apart from the effect of its own edit. */
export const alwaysTold: ReadonlySet<string> = new Set(
  check([]).findings.map(({ rule, file }) => `${rule} ${file}`),
);
