import type { UsageError } from '../cli/exit.ts';
import type { Judge } from '../flux/build.ts';
import type { Layout } from '../flux/discover.ts';
import { renderDeployed } from '../render/deployed.ts';
import type { Environment } from '../render/environment.ts';
import { renderRepository } from '../render/render.ts';
import type { CommitResult } from '../repository/commit.ts';
import type { Files } from '../repository/files.ts';
import { openSharedSources, type ParsedFiles } from '../repository/sources.ts';

export interface SideOptions {
  readonly layout: Layout;
  readonly parsed: ParsedFiles;
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
  const sources = openSharedSources(files, options.parsed);
  const { layout, judge, paths } = options;
  const promoted = renderRepository(sources, {
    layout,
    ...(judge && { judge }),
    ...(paths && { paths }),
  }).environments;
  if (layout !== 'environments') return { ok: true, side: { deployed: promoted, promoted, pins: new Map() } };
  const rendered = renderDeployed(sources, promoted, options);
  if (!rendered.ok) return rendered;
  const { deployed } = rendered;
  return {
    ok: true,
    side: {
      deployed: promoted.map(
        (own) => deployed.find(({ environment }) => environment.name === own.name)?.environment ?? own,
      ),
      promoted,
      pins: new Map(deployed.map(({ environment, pins }) => [environment.name, pins])),
    },
  };
}
