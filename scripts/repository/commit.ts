import { spawnSync } from 'node:child_process';
import { posix } from 'node:path';
import { type FileKind, type Files, maximumBytes, type ReadResult, resolvePath } from './files.ts';

/** Why Git cannot say: each asks for another remedy. */
export type GitFailure = 'no-git' | 'no-repository' | 'missing-commit' | 'missing-objects';

export type CommitResult =
  | { readonly ok: true; readonly commit: Commit }
  | { readonly ok: false; readonly reason: GitFailure; readonly message: string };

export interface Commit {
  /** The full object id. */
  readonly id: string;
  readonly files: Files;
}

export type HistoryResult =
  | {
      readonly ok: true;
      /** Full object ids, newest first. */
      readonly commits: readonly string[];
      /** The clone may lack older ones. */
      readonly shallow: boolean;
    }
  | { readonly ok: false; readonly reason: GitFailure; readonly message: string };

/**
 * The files of a repository as a commit has them, whatever the working tree holds. Contents are read a top directory at a
 * time, when the first of its files is asked for, in one process. Submodules are empty directories, as in Flux's artifacts.
 *
 * @param root the directory that counts as the repository; it may lie inside a larger work tree
 * @param revision a commit id, or what else names a commit
 * @param paths only what is in these files and directories; all where absent
 */
export function openCommit(root: string, revision: string, paths: readonly string[] = []): CommitResult {
  const id = resolveCommit(root, revision);
  if (!id.ok) return id;
  const listed = git(root, ['ls-tree', '-r', '-z', id.text, '--', ...paths], 'missing-objects');
  if (!listed.ok) return listed;
  const entries = new Map(parseTree(listed.bytes.toString('utf8')).map((entry) => [entry.path, entry]));
  const blobs = [...entries.values()].filter(({ kind }) => kind === 'file').map(({ object }) => object);
  // In a partial clone some of it may be elsewhere, and nothing is fetched unasked.
  const measured = readSizes(root, [...new Set(blobs)]);
  if (!measured.ok) return measured;
  const { sizes } = measured;
  const contents = new Map<string, ReadonlyMap<string, Buffer>>();
  const readBlob = (path: string, object: string): ReadResult => {
    if (sizes.get(object)! > maximumBytes) return { ok: false, reason: 'too-large' };
    const top = topOf(path);
    const read =
      contents.get(top) ??
      readBlobs(
        root,
        [...entries.values()]
          .filter(
            (entry) =>
              entry.kind === 'file' && topOf(entry.path) === top && sizes.get(entry.object)! <= maximumBytes,
          )
          .map((entry) => entry.object),
      );
    contents.set(top, read);
    const bytes = read.get(object);
    return bytes === undefined
      ? { ok: false, reason: 'unreadable' }
      : { ok: true, text: bytes.toString('utf8'), bytes };
  };
  return { ok: true, commit: { id: id.text, files: filesOf(`${root} at ${id.text}`, entries, readBlob) } };
}

/**
 * The commits, from one backwards, that changed something in these files and directories. A merge counts where its result
 * differs from all that it merges, as in `git log`.
 */
export function commitsThatChanged(
  root: string,
  paths: readonly string[],
  { from = 'HEAD', limit }: { readonly from?: string; readonly limit?: number } = {},
): HistoryResult {
  const id = resolveCommit(root, from);
  if (!id.ok) return id;
  const count = limit === undefined ? [] : [`--max-count=${limit}`];
  const logged = git(
    root,
    ['log', '--format=%H', '--no-show-signature', ...count, id.text, '--', ...paths],
    'missing-objects',
  );
  if (!logged.ok) return logged;
  return {
    ok: true,
    commits: logged.bytes.toString('utf8').split('\n').filter(Boolean),
    shallow: isShallow(root),
  };
}

/** Whether the clone may lack older commits. */
export function isShallow(root: string): boolean {
  const answer = git(root, ['rev-parse', '--is-shallow-repository']);
  return answer.ok && answer.bytes.toString('utf8').trim() === 'true';
}

export type AncestorResult =
  | { readonly ok: true; readonly id: string | undefined; readonly shallow: boolean }
  | { readonly ok: false; readonly reason: GitFailure; readonly message: string };

/** The last commit that both of two have in their history; `id` is undefined where the clone knows of none. */
export function commonAncestor(root: string, one: string, other = 'HEAD'): AncestorResult {
  const ids = [resolveCommit(root, one), resolveCommit(root, other)] as const;
  for (const id of ids) if (!id.ok) return id;
  const found = git(root, ['merge-base', ...ids.map((id) => (id.ok ? id.text : ''))]);
  return {
    ok: true,
    id: found.ok ? found.bytes.toString('utf8').trim().split('\n')[0] : undefined,
    shallow: isShallow(root),
  };
}

interface TreeEntry {
  readonly path: string;
  readonly kind: FileKind;
  readonly object: string;
}

const kindOfMode: Readonly<Record<string, FileKind>> = { '120000': 'symlink', '160000': 'directory' };

// The files at the root are a directory of their own.
const topOf = (path: string): string => path.slice(0, Math.max(path.indexOf('/'), 0));

/** `<mode> <type> <object>\t<path>`, ended by NUL. */
const parseTree = (output: string): TreeEntry[] =>
  output
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', , object = ''] = line.slice(0, tab).split(' ');
      return { path: line.slice(tab + 1), kind: kindOfMode[mode] ?? 'file', object };
    });

function filesOf(
  root: string,
  entries: ReadonlyMap<string, TreeEntry>,
  readBlob: (path: string, object: string) => ReadResult,
): Files {
  const directories = new Map<string, Set<string>>([['.', new Set()]]);
  for (const { path, kind } of entries.values()) {
    if (kind === 'directory') directories.set(path, new Set());
    for (let current = path; current !== '.'; current = posix.dirname(current)) {
      const parent = posix.dirname(current);
      const names = directories.get(parent) ?? new Set();
      names.add(posix.basename(current));
      directories.set(parent, names);
    }
  }
  // A link on the way would lead out of the repository unseen.
  const kind = (path: string): FileKind | undefined => {
    if (directories.has(path)) return 'directory';
    const entry = entries.get(path);
    if (entry) return entry.kind;
    return path !== '.' && resolvePath('.', path) === path && kind(posix.dirname(path)) === 'symlink'
      ? 'symlink'
      : undefined;
  };
  const reads = new Map<string, ReadResult>();
  const readOnce = (path: string): ReadResult => {
    const found = kind(path);
    if (found === undefined) return { ok: false, reason: 'missing' };
    if (found !== 'file') return { ok: false, reason: found };
    return readBlob(path, entries.get(path)!.object);
  };
  return {
    root,
    kind,
    read(path) {
      const known = reads.get(path) ?? readOnce(path);
      reads.set(path, known);
      return known;
    },
    list: (path) => [...(directories.get(path) ?? [])].sort(),
  };
}

/** A full object id, or why there is none. */
type GitText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: GitFailure; readonly message: string };

/** The full id of the commit that a revision names. */
export function resolveCommit(root: string, revision: string): GitText {
  const missing = {
    ok: false,
    reason: 'missing-commit',
    message: `the clone in ${root} has no commit ${revision}: \`git fetch\` it`,
  } as const;
  // It would be taken for an option.
  if (revision === '' || revision.startsWith('-')) return missing;
  const repository = git(root, ['rev-parse', '--git-dir']);
  if (!repository.ok) return repository;
  const found = git(root, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  return found.ok ? { ok: true, text: found.bytes.toString('utf8').trim() } : missing;
}

function readSizes(
  root: string,
  objects: readonly string[],
):
  | { readonly ok: true; readonly sizes: ReadonlyMap<string, number> }
  | Extract<CommitResult, { readonly ok: false }> {
  const format = '--batch-check=%(objectname) %(objectsize)';
  const answer = git(root, ['cat-file', format], 'missing-objects', objects.map((id) => `${id}\n`).join(''));
  if (!answer.ok) return answer;
  const sizes = new Map<string, number>();
  for (const line of answer.bytes.toString('utf8').split('\n').filter(Boolean)) {
    const [object = '', size] = line.split(' ');
    if (size === 'missing')
      return {
        ok: false,
        reason: 'missing-objects',
        message: `the clone in ${root} lacks the object ${object}: \`git fetch\` it`,
      };
    sizes.set(object, Number(size));
  }
  return { ok: true, sizes };
}

/** By object id, from `<id> <type> <size>\n<content>\n` one after another. */
function readBlobs(root: string, objects: readonly string[]): ReadonlyMap<string, Buffer> {
  const contents = new Map<string, Buffer>();
  const answer = git(
    root,
    ['cat-file', '--batch'],
    'missing-objects',
    objects.map((id) => `${id}\n`).join(''),
  );
  if (!answer.ok) return contents;
  const { bytes } = answer;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    const [object = '', type, size] = bytes.toString('latin1', at, end).split(' ');
    if (type !== 'blob') break;
    const start = end + 1;
    contents.set(object, bytes.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return contents;
}

export type GitOutput =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: GitFailure; readonly message: string };

/**
 * Runs Git in a directory, without network, whatever the person's environment says of another repository.
 *
 * @param failure what it means that Git fails
 */
export function git(
  root: string,
  parameters: readonly string[],
  failure: GitFailure = 'no-repository',
  input = '',
): GitOutput {
  const run = spawnSync('git', [...always, ...parameters], {
    cwd: root,
    input,
    env: environment(),
    maxBuffer: 1024 ** 3,
  });
  if (run.error !== undefined && (run.error as NodeJS.ErrnoException).code === 'ENOENT')
    return { ok: false, reason: 'no-git', message: 'git is not on PATH' };
  if (run.status === 0) return { ok: true, bytes: run.stdout };
  const said = run.error?.message ?? run.stderr.toString('utf8').trim();
  return {
    ok: false,
    reason: failure,
    message: `git ${parameters[0] ?? ''} in ${root}: ${said || 'failed'}`,
  };
}

// Git before 2.44 fetches what a partial clone lacks whatever its environment says; without a protocol it cannot.
const always = ['--no-replace-objects', '--literal-pathspecs', '-c', 'protocol.allow=never'];

// A hook runs with the index and the directory of its own repository set.
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, GIT_PREFIX, ...others } = process.env;
  return {
    ...others,
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
  };
}
