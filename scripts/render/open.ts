import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/directory.ts';
import { openKnownGood } from '../cache/known-good.ts';
import type { UsageError } from '../cli/exit.ts';
import type { EngineBuild } from '../flux/build.ts';
import { commonAncestor, openCommit } from '../repository/commit.ts';
import { type Files, openDirectory, walk } from '../repository/files.ts';
import { openSharedSources, openSources, type ParsedFiles } from '../repository/sources.ts';
import { trackedPaths } from '../repository/tracked.ts';
import { renderDeployed } from './deployed.ts';
import type { Repository } from './environment.ts';
import { realJudge } from './fallback.ts';
import { type Disagreement, judgeBuilds } from './judge.ts';
import { findRealKustomize, type ProgramResult, pinnedKustomize } from './real-kustomize.ts';
import { renderRepository } from './render.ts';

export interface OpenOptions {
  /** Whether to use and keep what earlier runs found to be good. */
  readonly cache: boolean;
  /** Whether environments are rendered as they run, too, for which their pins must be in the clone. */
  readonly deployed: boolean;
  readonly step?: (message: string) => void;
}

export type OpenResult =
  | {
      readonly ok: true;
      readonly repository: Repository;
      /** Whether this is a checkout of the InfoMetis platform, to which its own rules apply. */
      readonly platform: boolean;
      /** Builds that the real kustomize made differently; its result is in the repository. */
      readonly disagreements: readonly Disagreement[];
    }
  | { readonly ok: false; readonly error: UsageError };

const ownRoot = join(import.meta.dirname, '../..');

/**
 * Opens the repository in a directory and renders all that its environments deploy, each build compared with the real
 * kustomize. A tool that is missing or has another version is an error: nothing is checked on trust.
 *
 * @param root absolute path
 */
export async function openRepository(root: string, options: OpenOptions): Promise<OpenResult> {
  const own = openDirectory(ownRoot);
  const version = pinnedKustomize(openSources(own));
  if (version === undefined)
    return {
      ok: false,
      error: { message: `${join(ownRoot, 'versions.yaml')} names no kustomize`, fix: 'Add `kustomize: v…`.' },
    };
  const files = openDirectory(root);
  const parsed: ParsedFiles = new Map();
  const sources = openSharedSources(files, parsed);
  const platform = isPlatform(files);
  const knownGood = openKnownGood(
    options.cache ? join(cacheDirectory(), 'gate', codeFingerprint(own)) : undefined,
  );
  const find = remembered(() => findRealKustomize({ version }));
  const built: EngineBuild[] = [];
  const render = {
    judge: realJudge(find),
    layout: platform ? 'environments' : 'roots',
    paths: trackedPaths(files),
  } as const;
  options.step?.('Rendering …');
  let repository = renderRepository(sources, { ...render, onEngineBuild: (build) => built.push(build) });
  const verdict = await judgeBuilds(built, {
    root,
    version,
    knownGood,
    find,
    ...(options.step && { step: options.step }),
  });
  if (!verdict.ok)
    return {
      ok: false,
      error: {
        message: verdict.message,
        fix: 'The real kustomize is needed to compare with. Where the home directory cannot be written, set XDG_CACHE_HOME to one that can.',
      },
    };
  const { disagreements } = verdict;
  if (disagreements.length > 0)
    repository = renderRepository(sources, {
      ...render,
      distrusted: new Set(disagreements.map(({ directory }) => directory)),
    });
  knownGood.save();
  // Elsewhere a pinned source counts as the working tree, and Git is not asked: in a repository that is not trusted it could
  // run what its configuration names.
  const pinned =
    platform && options.deployed
      ? renderDeployed(sources, repository.environments, {
          judge: render.judge,
          parsed,
          openPin: (commit) => openCommit(root, commit),
          isOnMain: isOnMain(root),
        })
      : undefined;
  if (pinned?.ok === false) return pinned;
  return {
    ok: true,
    repository: { ...repository, knownGood, ...(pinned && { deployed: pinned.deployed }) },
    platform,
    disagreements,
  };
}

/** Whether a commit is in the history of main, as far as the clone knows it; in one without main, in that of HEAD. */
function isOnMain(root: string): (commit: string) => boolean | undefined {
  return (commit) => {
    for (const main of ['origin/main', 'main', 'HEAD']) {
      const ancestor = commonAncestor(root, main, commit);
      if (!ancestor.ok) continue;
      return ancestor.id === commit ? true : ancestor.shallow ? undefined : false;
    }
    return undefined;
  };
}

function remembered(find: () => ProgramResult): () => ProgramResult {
  let found: ProgramResult | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

function isPlatform(files: Files): boolean {
  const read = files.read('package.json');
  return read.ok && /"name":\s*"infometis-platform"/.test(read.text);
}

/** Of the gate's own code and schemas: what another version of them found to be good counts for nothing. */
function codeFingerprint(own: Files): string {
  const hash = createHash('sha256');
  for (const directory of ['scripts', 'schemas'])
    for (const path of walk(own, directory)) {
      const read = own.read(path);
      if (read.ok) hash.update(`${path}\u0000`).update(read.bytes);
    }
  return hash.digest('hex').slice(0, 16);
}
