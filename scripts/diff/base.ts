import type { UsageError } from '../cli/exit.ts';
import { commonAncestor, type GitFailure, openCommit } from '../repository/commit.ts';
import type { Files } from '../repository/files.ts';
import { gitError } from '../repository/git-error.ts';

export interface Base {
  /** The full object id. */
  readonly id: string;
  /** For people: `merge-base with origin/main`. */
  readonly label: string;
  readonly files: Files;
}

export type BaseResult =
  | { readonly ok: true; readonly base: Base }
  | { readonly ok: false; readonly error: UsageError };

/** Where a change usually starts from, the first that the clone has. */
const usual = ['origin/main', 'main', 'origin/HEAD'];

/**
 * The commit to compare with: the one that is named, else where the working tree's branch left the main one.
 *
 * @param root the repository, or a directory in it that counts as one
 */
export function openBase(root: string, revision: string | undefined): BaseResult {
  if (revision !== undefined) return open(root, revision, revision);
  for (const branch of usual) {
    const ancestor = commonAncestor(root, branch);
    if (!ancestor.ok) {
      if (ancestor.reason === 'missing-commit') continue;
      return failed(ancestor, root, branch);
    }
    if (ancestor.id !== undefined) return open(root, ancestor.id, `merge-base with ${branch}`);
    return {
      ok: false,
      error: ancestor.shallow
        ? {
            message: `this shallow clone does not reach back to where HEAD left ${branch}`,
            fix: 'Run `git fetch --unshallow`, or name the commit with --base.',
          }
        : { message: `HEAD and ${branch} have no common history`, fix: 'Name the commit with --base.' },
    };
  }
  const head = commonAncestor(root, 'HEAD');
  if (!head.ok)
    return head.reason === 'missing-commit'
      ? {
          ok: false,
          error: {
            message: `${root} has no commit yet`,
            fix: 'Commit first: there is nothing to compare with.',
          },
        }
      : failed(head, root, 'HEAD');
  return {
    ok: false,
    error: {
      message: `the clone has none of ${usual.join(', ')}`,
      fix: 'Run `git fetch origin main:refs/remotes/origin/main`, or name the commit with --base.',
    },
  };
}

function open(root: string, revision: string, label: string): BaseResult {
  const opened = openCommit(root, revision);
  if (!opened.ok) return failed(opened, root, revision);
  const { id, files } = opened.commit;
  return { ok: true, base: { id, label, files } };
}

const failed = (
  failure: { readonly reason: GitFailure; readonly message: string },
  root: string,
  revision: string,
): { readonly ok: false; readonly error: UsageError } => ({
  ok: false,
  error: gitError(failure, root, revision),
});
