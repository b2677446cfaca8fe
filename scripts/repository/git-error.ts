import type { UsageError } from '../cli/exit.ts';
import type { GitFailure } from './commit.ts';

/** What Git could not do, and what mends it. */
export function gitError(
  { reason, message }: { readonly reason: GitFailure; readonly message: string },
  root: string,
  revision: string,
): UsageError {
  switch (reason) {
    case 'no-git':
      return { message, fix: 'Install Git: earlier states come from its history.' };
    case 'no-repository':
      return {
        message: `${root} is no Git repository: ${message}`,
        fix: 'Run it in a clone: earlier states come from its history.',
      };
    case 'missing-commit':
      return { message: `the clone in ${root} has no commit ${revision}`, fix: fetchOf(revision) };
    case 'missing-objects':
      return { message, fix: 'Run `git fetch --refetch origin`: this is a partial clone.' };
  }
}

/** The command that brings a revision into a clone, be it shallow. */
function fetchOf(revision: string): string {
  const remote = /^(?:refs\/remotes\/)?origin\/([\w./-]+)$/.exec(revision)?.[1];
  if (remote !== undefined) return `Run \`git fetch origin ${remote}:refs/remotes/origin/${remote}\`.`;
  return /^[0-9a-f]{40}$/.test(revision)
    ? `Run \`git fetch origin ${revision}\`.`
    : 'Check its name; if it is right, run `git fetch origin`, in a shallow clone `git fetch --unshallow`.';
}
