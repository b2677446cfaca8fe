/** Git repositories for tests, away from the person's own configuration. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitEnvironment } from '../../git-environment.ts';

export const hour = 3_600_000;

export interface TestRepository {
  readonly root: string;
  git(...parameters: string[]): string;
  /** Writes files, commits all that changed as of a time in ms since 1970, and returns the full id. */
  commit(message: string, time: number, files?: Readonly<Record<string, string>>): string;
  /** Merges a branch with a commit of its own. */
  merge(branch: string, time: number): string;
}

export function makeRepository(root: string): TestRepository {
  mkdirSync(root, { recursive: true });
  const at = (time: number, ...parameters: string[]): string =>
    execFileSync('git', parameters, {
      cwd: root,
      env: { ...gitEnvironment, GIT_COMMITTER_DATE: `@${Math.floor(time / 1000)} +0000` },
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  const git = (...parameters: string[]): string => at(0, ...parameters);
  git('init', '--quiet', '--initial-branch=main');
  return {
    root,
    git,
    commit(message, time, files = {}) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      git('add', '--all');
      at(time, 'commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    },
    merge(branch, time) {
      at(time, 'merge', '--quiet', '--no-ff', '--message', `Merge ${branch}`, branch);
      return git('rev-parse', 'HEAD');
    },
  };
}
