import { createHash } from 'node:crypto';

/** The kind of hook: before the commit, because a commit that the gate refuses should never come to be. */
export const hookName = 'pre-commit';

/** What those who have a hook of their own add to it. */
export const ownLine = 'node "$(git rev-parse --show-toplevel)/scripts/run.mjs" hook run || exit 1';

/**
 * The hook, for POSIX shells. It stands in the directory that all worktrees share, so it looks for the command in the one that
 * commits; and it knows a Node.js, because programs with windows are started without the PATH of a shell.
 *
 * @param node the Node.js that ran the installation
 */
export function hookScript(node: string): string {
  const body = `
# \`git commit --no-verify\` goes past it.
root=$(git rev-parse --show-toplevel) || exit 1
# A commit from before this command may be checked out in this worktree.
[ -f "$root/scripts/hook.ts" ] || exit 0
node=${quoted(node)}
[ -x "$node" ] || node=$(command -v node) || {
  echo 'error: the gate cannot run: there is no Node.js on PATH, and the one it was installed with is gone' >&2
  echo '  fix: Run \`npm run hook -- install\` again in a shell, or commit from one. \`git commit --no-verify\` goes past it.' >&2
  exit 1
}
exec "$node" "$root/scripts/run.mjs" hook run
`;
  return `${head}${checksum(body)}${body}`;
}

const head = `#!/bin/sh
# Runs the gate on what is about to be committed. Written by \`npm run hook -- install\`, taken away by \`npm run hook -- uninstall\`.
# As it was written: `;

const checksum = (body: string): string => createHash('sha256').update(body).digest('hex');

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Whether a hook is one that was written here, in whatever version, and that nobody has edited since. */
export function isOwnHook(text: string): boolean {
  const start = text.indexOf(marker);
  if (start === -1) return false;
  const rest = text.slice(start + marker.length);
  return checksum(rest.slice(64)) === rest.slice(0, 64);
}

/** Whether a hook was written here, and then edited. */
export const isEditedHook = (text: string): boolean => text.includes(marker) && !isOwnHook(text);

const marker = '# As it was written: ';
