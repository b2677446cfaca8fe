import type { UsageError } from '../cli/exit.ts';
import { environmentRoots } from '../flux/discover.ts';
import { type Builder, type BuilderOptions, openBuilder, renderEnvironment } from '../flux/environment.ts';
import { pinnedBuilder, pinsOf } from '../flux/pins.ts';
import type { CommitResult } from '../repository/commit.ts';
import { gitError } from '../repository/git-error.ts';
import { openSharedSources, type ParsedFiles, type Sources } from '../repository/sources.ts';
import type { DeployedEnvironment, Environment } from './environment.ts';

export interface DeployedOptions extends Pick<BuilderOptions, 'judge'> {
  /** Opens the commits that components are pinned to. */
  readonly openPin: (commit: string) => CommitResult;
  /** Whether a commit is in the history of main; undefined where that is not known. */
  readonly isOnMain?: (commit: string) => boolean | undefined;
  readonly parsed: ParsedFiles;
}

export type DeployedResult =
  | { readonly ok: true; readonly deployed: readonly DeployedEnvironment[] }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Of the environments of this platform's layout, those with pinned components, each component built from the commit that its
 * GitRepository names. A commit that the clone lacks is an error: what runs could not be told.
 *
 * @param environments as rendered from `sources`
 */
export function renderDeployed(
  sources: Sources,
  environments: readonly Environment[],
  options: DeployedOptions,
): DeployedResult {
  const pinned = environments
    .map((environment) => ({ environment, pins: pinsOf(environment) }))
    .filter(({ pins }) => pins.size > 0);
  if (pinned.length === 0) return { ok: true, deployed: [] };
  const commits = new Map<string, { readonly sources: Sources; readonly builder: Builder }>();
  const builderOptions = options.judge ? { judge: options.judge } : {};
  for (const commit of new Set(pinned.flatMap(({ pins }) => [...pins.values()]))) {
    const opened = options.openPin(commit);
    if (!opened.ok) return { ok: false, error: gitError(opened, sources.files.root, commit) };
    const own = openSharedSources(opened.commit.files, options.parsed);
    commits.set(commit, { sources: own, builder: openBuilder(own, [], builderOptions) });
  }
  const builder = pinnedBuilder(
    openBuilder(sources, [], builderOptions),
    (commit) => commits.get(commit)?.builder,
  );
  const roots = environmentRoots(sources);
  const offMain = new Set([...commits.keys()].filter((commit) => options.isOnMain?.(commit) === false));
  const deployed = pinned.flatMap(({ environment: { name }, pins }) => {
    const root = roots.find((candidate) => candidate.name === name);
    if (!root) return [];
    const whole = new Map<string, Environment | undefined>();
    return [
      {
        environment: renderEnvironment(builder, root),
        pins,
        offMain,
        commits: new Map([...commits].map(([commit, { sources: own }]) => [commit, own])),
        at(commit: string) {
          if (!whole.has(commit)) {
            const own = commits.get(commit);
            const then = own && environmentRoots(own.sources).find((candidate) => candidate.name === name);
            whole.set(commit, own && then && renderEnvironment(own.builder, then));
          }
          return whole.get(commit);
        },
      },
    ];
  });
  return { ok: true, deployed };
}
