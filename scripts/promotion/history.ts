/** What Git knows of main and of the pins: read-only, without network. */

import type { UsageError } from '../cli/exit.ts';
import { commitsThatChanged, git, isShallow, openCommit, resolveCommit } from '../repository/commit.ts';
import { gitError } from '../repository/git-error.ts';
import { textAt } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';

/** For how long main has had a commit before it may go on, in milliseconds. */
export const soakTime = 24 * 60 * 60 * 1000;

export interface LoggedCommit {
  /** The full object id. */
  readonly id: string;
  /** When it was committed, in ms since 1970; of a merge, when it was merged. */
  readonly time: number;
  readonly subject: string;
}

/** The states that main has had, one after another. */
export interface MainLine {
  /** `origin/main`, or `main` where there is no such remote. */
  readonly ref: string;
  /** Along the first parents, newest first; at least one. */
  readonly commits: readonly LoggedCommit[];
  /** The clone may lack older ones. */
  readonly shallow: boolean;
}

type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: UsageError };

/** What the remote has counts; a local branch only where there is no remote one. */
export function readMainLine(root: string, branch: string): Result<MainLine> {
  for (const ref of [`origin/${branch}`, branch]) {
    const full = ref === branch ? `refs/heads/${branch}` : `refs/remotes/origin/${branch}`;
    const found = resolveCommit(root, full);
    if (!found.ok) {
      if (found.reason === 'missing-commit') continue;
      return { ok: false, error: gitError(found, root, ref) };
    }
    const commits = log(root, ['--first-parent', found.text]);
    if (!commits.ok) return { ok: false, error: gitError(commits, root, ref) };
    return { ok: true, value: { ref, commits: inOrder(commits.commits), shallow: isShallow(root) } };
  }
  return {
    ok: false,
    error: {
      message: `the clone has neither origin/${branch} nor ${branch}, of which pins are commits`,
      fix: `Run \`git fetch origin ${branch}:refs/remotes/origin/${branch}\`.`,
    },
  };
}

/** A state of main is no older than what it is built on, whatever the clock said where it was committed. */
function inOrder(commits: readonly LoggedCommit[]): readonly LoggedCommit[] {
  let latest = 0;
  return [...commits]
    .reverse()
    .map((commit) => {
      latest = Math.max(latest, commit.time);
      return { ...commit, time: latest };
    })
    .reverse();
}

/** The full id of what somebody named. */
export function resolveRevision(root: string, revision: string): Result<string> {
  const found = resolveCommit(root, revision);
  return found.ok
    ? { ok: true, value: found.text }
    : { ok: false, error: gitError(found, root, revision || '(empty)') };
}

/** Whether one commit is the other or in its history. */
export const isAncestor = (root: string, one: string, other: string): boolean =>
  one === other || git(root, ['merge-base', '--is-ancestor', one, other]).ok;

/** The state of main, by its index, that first had a commit; undefined where none has it. */
export function arrivalOf(root: string, { commits }: MainLine, id: string): number | undefined {
  const own = commits.findIndex((commit) => commit.id === id);
  if (own !== -1) return own;
  if (!isAncestor(root, id, commits[0]!.id)) return undefined;
  // Once main has it, it keeps it.
  let [has, lacks] = [0, commits.length];
  while (lacks - has > 1) {
    const middle = (has + lacks) >> 1;
    if (isAncestor(root, id, commits[middle]!.id)) has = middle;
    else lacks = middle;
  }
  return has;
}

export const isSoaked = ({ time }: LoggedCommit, now: number): boolean => time + soakTime <= now;

/** The commits after one up to another that touch these files and directories, newest first; merges are told by what they bring. */
export function commitsBetween(
  root: string,
  from: string,
  to: string,
  paths: Iterable<string>,
): readonly LoggedCommit[] {
  const found = log(root, ['--no-merges', `${from}..${to}`, '--', ...paths]);
  return found.ok ? found.commits : [];
}

function log(root: string, parameters: readonly string[]) {
  const format = '--format=%H%x00%ct%x00%s';
  const logged = git(root, ['log', format, '--no-show-signature', ...parameters], 'missing-objects');
  if (!logged.ok) return logged;
  const commits = logged.bytes
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): LoggedCommit => {
      const [id = '', time, subject = ''] = line.split('\0');
      return { id, time: Number(time) * 1000, subject };
    });
  return { ok: true, commits } as const;
}

/** Those of these files that differ from the last commit, or are not in it. */
export function uncommitted(root: string, paths: readonly string[]): ReadonlySet<string> {
  if (paths.length === 0) return new Set();
  const answer = git(root, ['status', '--porcelain=v1', '-z', '--no-renames', '--', ...paths]);
  // `XY path`, from the top of the work tree.
  const changed = answer.ok ? answer.bytes.toString('utf8').split('\0').filter(Boolean) : [];
  return new Set(
    paths.filter((path) =>
      changed.some((line) => line.slice(3) === path || line.slice(3).endsWith(`/${path}`)),
    ),
  );
}

/** How many commits of main a branch does not have. */
export function missingCommits(root: string, { ref }: MainLine): number {
  const answer = git(root, ['rev-list', '--count', `HEAD..${ref}`]);
  return answer.ok ? Number(answer.bytes.toString('utf8').trim()) : 0;
}

/**
 * The pins that a GitRepository has had, the last one first, as the history of its file tells them: each once, however often
 * the file was changed meanwhile. Undefined where it followed its branch.
 */
export function pinsInHistory(
  root: string,
  file: string,
  source: string,
): Result<readonly (string | undefined)[]> {
  const history = commitsThatChanged(root, [file]);
  if (!history.ok) return { ok: false, error: gitError(history, root, 'HEAD') };
  const pins: (string | undefined)[] = [];
  for (const commit of history.commits) {
    const opened = openCommit(root, commit, [file]);
    if (!opened.ok) return { ok: false, error: gitError(opened, root, commit) };
    const read = opened.commit.files.read(file);
    // It was not there yet, or no more.
    if (!read.ok) continue;
    const { documents } = parseYaml(file, read.text);
    const node = documents
      .map((document) => document.node)
      .find(
        (candidate) =>
          textAt(candidate, ['kind']) === 'GitRepository' &&
          textAt(candidate, ['metadata', 'name']) === source,
      );
    if (!node) continue;
    const pin = textAt(node, ['spec', 'ref', 'commit']);
    if (pins.length === 0 || pins.at(-1) !== pin) pins.push(pin);
  }
  return { ok: true, value: pins };
}
