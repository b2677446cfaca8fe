import type { UsageError } from '../cli/exit.ts';
import type { Judge } from '../flux/build.ts';
import { type Layout, layoutOf } from '../flux/discover.ts';
import type { Environment } from '../render/environment.ts';
import { type CommitResult, openCommit } from '../repository/commit.ts';
import type { Files } from '../repository/files.ts';
import { openSources, type ParsedFiles } from '../repository/sources.ts';
import { trackedPaths } from '../repository/tracked.ts';
import type { EnvironmentChange } from './change.ts';
import { compareEnvironments } from './compare.ts';
import { type Danger, lintDangers } from './danger/index.ts';
import { renderSide, type Side } from './side.ts';

export interface DiffOptions {
  /** The clone, in which pins are looked up. */
  readonly root: string;
  readonly judge?: Judge;
  /** Names of environments and components; all where empty. */
  readonly environments?: readonly string[];
  readonly components?: readonly string[];
  readonly step?: (message: string) => void;
}

/** What a change does to an environment, and what is dangerous in it. */
export interface EnvironmentDiff {
  readonly change: EnvironmentChange;
  readonly dangers: readonly Danger[];
}

export type DiffResult =
  | { readonly ok: true; readonly diffs: readonly EnvironmentDiff[] }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Compares what two states of a repository deploy: each environment at merge and, where components are pinned, what the
 * change will do to those when they are promoted.
 */
export function diffRepositories(before: Files, after: Files, options: DiffOptions): DiffResult {
  const layout = commonLayout(before, after);
  const commits = new Map<string, CommitResult>();
  const openPin = (commit: string): CommitResult => {
    const opened = commits.get(commit) ?? openCommit(options.root, commit);
    commits.set(commit, opened);
    return opened;
  };
  const sides: Side[] = [];
  const parsed: ParsedFiles = new Map();
  for (const [files, what] of [
    [before, 'base'],
    [after, 'working tree'],
  ] as const) {
    options.step?.(`Rendering the ${what} …`);
    const rendered = renderSide(files, {
      layout,
      parsed,
      paths: trackedPaths(files),
      openPin,
      ...(options.judge && { judge: options.judge }),
    });
    if (!rendered.ok) return rendered;
    sides.push(rendered.side);
  }
  options.step?.('Comparing …');
  return compareSides(sides[0]!, sides[1]!, options);
}

// A change that breaks the layout, or makes it, is compared by it all the same.
const commonLayout = (before: Files, after: Files): Layout =>
  [before, after].some((files) => layoutOf(openSources(files)) === 'environments') ? 'environments' : 'roots';

function compareSides(
  before: Side,
  after: Side,
  { environments = [], components = [] }: DiffOptions,
): DiffResult {
  const names = [
    ...new Set([before, after].flatMap(({ promoted }) => promoted.map(({ name }) => name))),
  ].sort();
  const wrong =
    unknown('environment', environments, names) ??
    unknown('component', components, componentsOf([before, after], environments));
  if (wrong) return { ok: false, error: wrong };
  const isWanted = (component: string): boolean => components.length === 0 || components.includes(component);
  const diffs: EnvironmentDiff[] = [];
  for (const name of environments.length > 0
    ? names.filter((known) => environments.includes(known))
    : names) {
    const find = (list: readonly Environment[]) => list.find((environment) => environment.name === name);
    const narrowed = components.length > 0 ? { components: new Set(components) } : {};
    const change = compareEnvironments(find(before.deployed), find(after.deployed), narrowed);
    diffs.push({ change, dangers: lintDangers(change) });
    const pinned = [...(after.pins.get(name)?.keys() ?? [])].filter(isWanted);
    if (pinned.length === 0) continue;
    const next = compareEnvironments(find(before.promoted), find(after.promoted), {
      timing: 'promotion',
      components: new Set(pinned),
    });
    diffs.push({ change: next, dangers: lintDangers(next) });
  }
  return { ok: true, diffs };
}

const componentsOf = (sides: readonly Side[], environments: readonly string[]): readonly string[] =>
  [
    ...new Set(
      sides
        .flatMap(({ promoted }) => promoted)
        .filter(({ name }) => environments.length === 0 || environments.includes(name))
        .flatMap(({ builds }) => builds.map(({ component }) => component)),
    ),
  ].sort();

function unknown(what: string, wanted: readonly string[], known: readonly string[]): UsageError | undefined {
  const name = wanted.find((candidate) => !known.includes(candidate));
  return name === undefined
    ? undefined
    : {
        message: `there is no ${what} \`${name}\`, neither before nor after`,
        fix: known.length === 0 ? 'None was found.' : `One of ${known.join(', ')}.`,
      };
}
