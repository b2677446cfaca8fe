import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { trackedPaths } from '../../../scripts/repository/tracked.ts';
import type { Edit } from '../../faults/overlay-files.ts';
import { type GitRepository, type GitServer, startGitServer } from '../harness/git-server.ts';

/** This repository, as it stands in the working tree, behind a Git server on loopback. */
export interface ServedRepository {
  readonly url: string;
  /** The work tree behind the served branch: what was committed last. */
  readonly directory: string;
  /** The commit of this repository as it stands. */
  readonly first: string;
  /** Changes files, commits and pushes; returns the commit. @throws where an edit does not fit the file */
  commit(message: string, edits: readonly Edit[]): string;
  /** A commit that takes everything since the first one back. */
  revert(message: string): string;
  stop(): Promise<void>;
}

/** The copy before anybody has seen it. */
export interface Copy {
  readonly directory: string;
  readonly url: string;
}

/**
 * Serves what Git tracks, or would add, of a directory. Nothing is written there.
 *
 * @param directory for the served copy; the caller removes it
 * @param prepare changes the copy before its first commit
 */
export async function serveRepository(
  root: string,
  directory: string,
  prepare: (copy: Copy) => Promise<void> = async () => {},
): Promise<ServedRepository> {
  const server: GitServer = await startGitServer(directory);
  const repository: GitRepository = server.repository('platform');
  const at = (path: string): string => join(repository.directory, path);
  for (const path of trackedPaths(openDirectory(root))) {
    mkdirSync(dirname(at(path)), { recursive: true });
    copyFileSync(join(root, path), at(path));
  }
  await prepare(repository);
  const first = repository.commit('The repository as it stands');
  return {
    url: repository.url,
    directory: repository.directory,
    first,
    commit(message, edits) {
      for (const edit of edits) {
        if ('add' in edit) {
          mkdirSync(dirname(at(edit.path)), { recursive: true });
          writeFileSync(at(edit.path), edit.add, { flag: 'wx' });
        } else if ('edit' in edit) {
          writeFileSync(at(edit.path), edit.edit(readFileSync(at(edit.path), 'utf8')));
        } else rmSync(at(edit.path));
      }
      return repository.commit(message);
    },
    revert(message) {
      repository.git('restore', `--source=${first}`, '--staged', '--worktree', '--', ':/');
      return repository.commit(message);
    },
    stop: () => server.stop(),
  };
}
