import type { UsageError } from '../cli/exit.ts';
import type { Judge } from '../flux/build.ts';
import { environmentRoots, type Layout } from '../flux/discover.ts';
import { type Builder, openBuilder, renderEnvironment } from '../flux/environment.ts';
import { sourceOf } from '../flux/source.ts';
import type { Environment } from '../render/environment.ts';
import { renderRepository } from '../render/render.ts';
import type { CommitResult } from '../repository/commit.ts';
import type { Files } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { type MapNode, textAt } from '../yaml/node.ts';
import { parseYaml, type YamlFile } from '../yaml/parse.ts';
import { gitError } from './base.ts';

/** Files that were parsed, by their path and text: most are the same on both sides, and in the pins. */
export type Parsed = Map<string, YamlFile>;

export interface SideOptions {
  readonly layout: Layout;
  readonly parsed: Parsed;
  readonly judge?: Judge;
  /** Every file that Git would track. */
  readonly paths?: readonly string[];
  /** Opens the commits that components are pinned to. */
  readonly openPin: (commit: string) => CommitResult;
}

/** One state of the repository, rendered. */
export interface Side {
  /** What the clusters run once this is merged: what is pinned comes from its pin. */
  readonly deployed: readonly Environment[];
  /** What they run when everything is promoted: all from this state. Where nothing is pinned it is the same. */
  readonly promoted: readonly Environment[];
  /** By environment, the pinned components and their commits. */
  readonly pins: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export type SideResult =
  | { readonly ok: true; readonly side: Side }
  | { readonly ok: false; readonly error: UsageError };

export function renderSide(files: Files, options: SideOptions): SideResult {
  const sources = sharedSources(files, options.parsed);
  const { layout, judge, paths } = options;
  const promoted = renderRepository(sources, {
    layout,
    ...(judge && { judge }),
    ...(paths && { paths }),
  }).environments;
  if (layout !== 'environments') return { ok: true, side: { deployed: promoted, promoted, pins: new Map() } };
  const pins = new Map(promoted.map((environment) => [environment.name, pinsOf(environment)]));
  if ([...pins.values()].every(({ size }) => size === 0))
    return { ok: true, side: { deployed: promoted, promoted, pins } };
  const { builder, error } = pinnedBuilder(sources, options, files.root);
  const roots = environmentRoots(sources);
  const deployed = promoted.map((environment) => {
    const root = roots.find(({ name }) => name === environment.name);
    return root && pins.get(environment.name)!.size > 0 ? renderEnvironment(builder, root) : environment;
  });
  const failure = error();
  return failure ? { ok: false, error: failure } : { ok: true, side: { deployed, promoted, pins } };
}

function sharedSources(files: Files, parsed: Parsed): Sources {
  const found = new Map<string, YamlFile | undefined>();
  const parse = (path: string): YamlFile | undefined => {
    const read = files.read(path);
    if (!read.ok) return undefined;
    const key = `${path}\u0000${read.text}`;
    const file = parsed.get(key) ?? parseYaml(path, read.text);
    parsed.set(key, file);
    return file;
  };
  return {
    files,
    yaml(path) {
      if (!found.has(path)) found.set(path, parse(path));
      return found.get(path);
    },
  };
}

const pinOf = (source: MapNode | undefined): string | undefined =>
  source && textAt(source, ['kind']) === 'GitRepository'
    ? textAt(source, ['spec', 'ref', 'commit'])
    : undefined;

/** What Flux takes from a commit although it is of this repository. */
function pinsOf({ builds, objects }: Environment): ReadonlyMap<string, string> {
  const commits = new Map(
    objects.flatMap(({ kind, namespace, name, node }) => {
      const commit = kind === 'GitRepository' ? pinOf(node) : undefined;
      return commit === undefined ? [] : [[`${namespace ?? ''}/${name}`, commit] as const];
    }),
  );
  return new Map(
    builds.flatMap(({ component, kustomization, failures }) => {
      if (!kustomization || failures.some(({ code }) => code === 'foreign-source')) return [];
      const { kind, namespace, name } = sourceOf(kustomization);
      const commit = kind === 'GitRepository' ? commits.get(`${namespace ?? ''}/${name}`) : undefined;
      return commit === undefined ? [] : [[component, commit] as const];
    }),
  );
}

/** Builds what a source pins from the commit that it names, and the rest from the given files. */
function pinnedBuilder(sources: Sources, { judge, openPin, parsed }: SideOptions, root: string) {
  const options = judge ? { judge } : {};
  const tree = openBuilder(sources, [], options);
  const builders = new Map<string, Builder | undefined>();
  let error: UsageError | undefined;
  const builderAt = (commit: string): Builder | undefined => {
    if (!builders.has(commit)) {
      const opened = openPin(commit);
      if (!opened.ok) error ??= gitError(opened, root, commit);
      builders.set(
        commit,
        opened.ok ? openBuilder(sharedSources(opened.commit.files, parsed), [], options) : undefined,
      );
    }
    return builders.get(commit);
  };
  const builder: Builder = {
    ...tree,
    build(path, kustomization, source) {
      const commit = pinOf(source);
      return ((commit === undefined ? undefined : builderAt(commit)) ?? tree).build(
        path,
        kustomization,
        source,
      );
    },
  };
  return { builder, error: () => error };
}
