import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCode, type UsageError } from '../cli/exit.ts';
import type { Git } from './git.ts';

/** Runs the gate on a directory; gives its exit code, 130 where it was interrupted. */
export type Gate = (directory: string) => Promise<number>;

export type Checked =
  | {
      readonly ok: true;
      readonly code: number;
      /** Nothing that the gate reads is changed. */
      readonly skipped: boolean;
    }
  | { readonly ok: false; readonly error: UsageError };

// YAML and JSON are read wherever they lie. Of the rest no rule reads these; everything else may matter.
const data = /\.(?:ya?ml|json)$/;
const unread = /^(?:docs|tests|\.github|\.ci)\/|^[^/]+\.md$|^LICENSE$|^\.(?:editorconfig|prettier\w*)$/;

/** Whether a change of this path can change the gate's verdict. */
export const concernsGate = (path: string): boolean => data.test(path) || !unread.test(path);

/**
 * Runs the gate on the index: what is about to be committed, whatever the working tree holds. The index is written to a
 * temporary directory, which is always removed; it counts as a worktree of the same repository, because pinned components are
 * read from history.
 */
export async function checkIndex(git: Git, gate: Gate): Promise<Checked> {
  const changed = await git.run(['diff', '--cached', '--name-only', '--no-renames', '-z']);
  if (changed.code !== 0) return failed('git diff', changed.stderr);
  if (!changed.stdout.split('\0').filter(Boolean).some(concernsGate))
    return { ok: true, code: exitCode.good, skipped: true };
  const listed = await git.run(['ls-files', '--cached', '-z']);
  if (listed.code !== 0) return failed('git ls-files', listed.stderr);
  const directory = mkdtempSync(join(tmpdir(), 'infometis-index-'));
  try {
    const written = await git.run(
      ['checkout-index', '--quiet', '-z', '--stdin', `--prefix=${directory}/`],
      listed.stdout,
    );
    if (written.code !== 0) return failed('git checkout-index', written.stderr);
    writeFileSync(join(directory, '.git'), `gitdir: ${git.directory}\n`);
    return { ok: true, code: await gate(directory), skipped: false };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const failed = (command: string, stderr: string): Checked => ({
  ok: false,
  error: {
    message: `${command} failed: ${stderr.trim() || 'interrupted'}`,
    fix: 'Nothing was committed. `git commit --no-verify` goes past the gate.',
  },
});

/** The environment without what would lead the gate's own Git to the index of this commit. */
export function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    GIT_DIR,
    GIT_INDEX_FILE,
    GIT_WORK_TREE,
    GIT_PREFIX,
    GIT_COMMON_DIR,
    GIT_OBJECT_DIRECTORY,
    ...rest
  } = environment;
  return rest;
}
