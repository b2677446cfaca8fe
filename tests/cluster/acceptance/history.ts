import type { Environment } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { commitsThatChanged, openCommit } from '../../../scripts/repository/commit.ts';
import { type Files, walk } from '../../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../../scripts/repository/sources.ts';

/** An environment as an earlier commit has it. */
export interface EarlierState {
  readonly commit: string;
  readonly sources: Sources;
}

export type EarlierStates =
  | { readonly ok: true; readonly states: readonly EarlierState[] }
  | { readonly ok: false; readonly reason: string };

/** What the builds of an environment are made of. */
const pathsOf = (environment: string): string[] => [
  'base',
  'components',
  'policies',
  `overlays/${environment}`,
  `flux/${environment}`,
];

/**
 * The last states of an environment before the working tree's, newest first: those commits that changed it and have it
 * otherwise than the working tree does.
 */
export function earlierStates(root: string, now: Files, environment: string, limit: number): EarlierStates {
  const paths = pathsOf(environment);
  const history = commitsThatChanged(root, paths);
  if (!history.ok) return { ok: false, reason: history.message };
  if (history.shallow) return { ok: false, reason: 'the clone is shallow' };
  const states: EarlierState[] = [];
  for (const id of history.commits) {
    if (states.length === limit) break;
    const opened = openCommit(root, id, paths);
    if (!opened.ok) return { ok: false, reason: opened.message };
    const { files } = opened.commit;
    // Before that there was no such environment.
    if (files.kind(`flux/${environment}`) === undefined) break;
    if (!sameFiles(files, now, paths)) states.push({ commit: id.slice(0, 10), sources: openSources(files) });
  }
  return states.length > 0
    ? { ok: true, states }
    : { ok: false, reason: 'no earlier commit has another state' };
}

function sameFiles(a: Files, b: Files, paths: readonly string[]): boolean {
  const contents = (files: Files): Map<string, string> =>
    new Map(
      paths
        .flatMap((path) => [...walk(files, path)])
        .map((path) => {
          const read = files.read(path);
          return [path, read.ok ? Buffer.from(read.bytes).toString('latin1') : read.reason];
        }),
    );
  const [left, right] = [contents(a), contents(b)];
  return left.size === right.size && [...left].every(([path, text]) => right.get(path) === text);
}

/** @throws where it cannot be rendered as a whole, but for what lies in other repositories */
export function renderOne(sources: Sources, environment: string): Environment {
  const [rendered] = renderRepository(sources, { environments: [environment] }).environments;
  if (!rendered) throw new Error(`there is no environment ${environment}`);
  const failures = rendered.builds.flatMap((build) =>
    build.failures
      .filter(({ code }) => code !== 'foreign-source')
      .map(({ message }) => `${build.component}: ${message}`),
  );
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return { ...rendered, builds: rendered.builds.filter((build) => build.failures.length === 0) };
}
