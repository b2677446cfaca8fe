import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join, posix } from 'node:path';

export type ReadFailure = 'missing' | 'directory' | 'symlink' | 'too-large' | 'unreadable';
export type ReadResult =
  | { readonly ok: true; readonly text: string; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: ReadFailure };
export type FileKind = 'file' | 'directory' | 'symlink';

/**
 * The files of one repository, read-only. Every path is relative to its root, with `/`, without `.` or `..`; the root
 * itself is `.`. Nothing outside the root can be named. Symbolic links are seen but never followed: Flux's artifacts do
 * not contain them.
 */
export interface Files {
  /** For messages: the directory, or what else stands for it. */
  readonly root: string;
  read(path: string): ReadResult;
  kind(path: string): FileKind | undefined;
  /** The names in a directory, sorted; empty where there is no such directory. */
  list(path: string): readonly string[];
}

/** No manifest is larger: etcd refuses objects of more than 1.5 MiB. */
export const maximumBytes = 8 * 1024 * 1024;

/** The files below a directory, each read at most once. */
export function openDirectory(root: string): Files {
  const reads = new Map<string, ReadResult>();
  const kinds = new Map<string, FileKind | undefined>();
  const lists = new Map<string, readonly string[]>();

  const ownKind = (path: string): FileKind | undefined => {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    return stat?.isSymbolicLink() && path === '.' ? 'directory' : stat && kindOf(stat);
  };
  const kind = (path: string): FileKind | undefined =>
    remember(kinds, path, () => {
      if (!isRelative(path)) return undefined;
      // A link on the way would lead out of the repository unseen.
      const parent = posix.dirname(path);
      if (path !== '.' && kind(parent) !== 'directory')
        return kind(parent) === 'symlink' ? 'symlink' : undefined;
      return guarded(() => ownKind(path), undefined);
    });
  const read = (path: string): ReadResult =>
    remember(reads, path, () => {
      const found = kind(path);
      if (found === undefined) return { ok: false, reason: 'missing' };
      if (found !== 'file') return { ok: false, reason: found };
      return guarded<ReadResult>(
        () => {
          const file = join(root, path);
          if ((lstatSync(file).size ?? 0) > maximumBytes) return { ok: false, reason: 'too-large' };
          const bytes = readFileSync(file);
          return { ok: true, text: bytes.toString('utf8'), bytes };
        },
        { ok: false, reason: 'unreadable' },
      );
    });
  const list = (path: string): readonly string[] =>
    remember(lists, path, () => (kind(path) === 'directory' ? guarded(() => entries(path), []) : []));
  // A directory tells what its entries are, which saves asking for each of a thousand files.
  const entries = (path: string): readonly string[] =>
    readdirSync(join(root, path), { withFileTypes: true })
      .map((entry) => {
        kinds.set(path === '.' ? entry.name : `${path}/${entry.name}`, kindOf(entry));
        return entry.name;
      })
      .sort();
  return { root, read, kind, list };
}

const kindOf = (entry: Dirent | Stats): FileKind | undefined =>
  entry.isSymbolicLink()
    ? 'symlink'
    : entry.isDirectory()
      ? 'directory'
      : entry.isFile()
        ? 'file'
        : undefined;

/** Files that exist only in memory: for tests, and for commits that are read from Git. */
export function openMemory(contents: Readonly<Record<string, string | Uint8Array>>, root = 'memory'): Files {
  const files = new Map(Object.entries(contents));
  const directories = new Map<string, Set<string>>([['.', new Set()]]);
  for (const path of files.keys()) {
    let current = path;
    while (current !== '.') {
      const parent = posix.dirname(current);
      const names = directories.get(parent) ?? new Set();
      names.add(posix.basename(current));
      directories.set(parent, names);
      current = parent;
    }
  }
  const kind = (path: string): FileKind | undefined =>
    files.has(path) ? 'file' : directories.has(path) ? 'directory' : undefined;
  return {
    root,
    kind,
    read(path) {
      const content = files.get(path);
      if (content === undefined)
        return { ok: false, reason: directories.has(path) ? 'directory' : 'missing' };
      return typeof content === 'string'
        ? { ok: true, text: content, bytes: Buffer.from(content) }
        : { ok: true, text: Buffer.from(content).toString('utf8'), bytes: content };
    },
    list: (path) => [...(directories.get(path) ?? [])].sort(),
  };
}

/** The same files, some with another text: a change that is not written yet. Files that are not there are not added. */
export const withTexts = (files: Files, texts: ReadonlyMap<string, string>): Files => ({
  ...files,
  read(path) {
    const text = files.kind(path) === 'file' ? texts.get(path) : undefined;
    return text === undefined ? files.read(path) : { ok: true, text, bytes: Buffer.from(text) };
  },
});

/** Whether a path is one that `Files` takes; `a/../../b` would name what lies outside. */
const isRelative = (path: string): boolean =>
  path === '.' || path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');

/** A path relative to a directory as one relative to the root; undefined where it leaves the repository. */
export function resolvePath(directory: string, relative: string): string | undefined {
  if (relative.startsWith('/')) return undefined;
  const path = posix.normalize(posix.join(directory, relative)).replace(/(?<=.)\/$/, '');
  return path === '..' || path.startsWith('../') ? undefined : path;
}

/** Every file below a directory, sorted by path. `skip` is asked for directories and files alike. */
export function* walk(
  files: Files,
  directory: string,
  skip: (path: string) => boolean = () => false,
): Generator<string> {
  for (const name of files.list(directory)) {
    const path = directory === '.' ? name : `${directory}/${name}`;
    if (skip(path)) continue;
    const kind = files.kind(path);
    if (kind === 'directory') yield* walk(files, path, skip);
    else if (kind !== undefined) yield path;
  }
}

function remember<V>(known: Map<string, V>, path: string, make: () => V): V {
  if (known.has(path)) return known.get(path) as V;
  const value = make();
  known.set(path, value);
  return value;
}

function guarded<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}
