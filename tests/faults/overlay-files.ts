import { posix } from 'node:path';
import type { FileKind, Files } from '../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../scripts/repository/sources.ts';

/** One change to a repository that stays in memory. */
export type Edit =
  | { readonly path: string; readonly edit: (text: string) => string }
  | { readonly path: string; readonly add: string }
  | { readonly path: string; readonly remove: true };

/** Replaces a text that occurs exactly once in the file. */
export const replace = (path: string, from: string, to: string): Edit => ({
  path,
  edit: (text) => {
    const parts = text.split(from);
    if (parts.length !== 2)
      throw new Error(`${path}: ${JSON.stringify(from)} occurs ${parts.length - 1} times, not once`);
    return parts.join(to);
  },
});

/** Puts text at the end of a file. */
export const append = (path: string, text: string): Edit => ({ path, edit: (before) => before + text });

/** A file that is not there yet. */
export const add = (path: string, text: string): Edit => ({ path, add: text });

export const remove = (path: string): Edit => ({ path, remove: true });

/** Changes a file by any function; one that changes nothing is refused. */
export const edit = (path: string, change: (text: string) => string): Edit => ({
  path,
  edit: (text) => {
    const changed = change(text);
    if (changed === text) throw new Error(`${path}: the edit changes nothing`);
    return changed;
  },
});

/**
 * The files of a repository with some of them changed, added or removed; nothing is written to disk. An edit of a file that
 * does not exist, or the addition of one that does, throws: the fault would not be the one that its name says.
 */
export function overlayFiles(base: Files, edits: readonly Edit[]): Files {
  // null: removed.
  const changed = new Map<string, string | null>();
  for (const change of edits) {
    const { path } = change;
    const current = changed.has(path) ? changed.get(path)! : currentText(base, path);
    if ('add' in change) {
      if (current !== null) throw new Error(`${path} exists already`);
      changed.set(path, change.add);
    } else {
      if (current === null) throw new Error(`${path} does not exist`);
      changed.set(path, 'edit' in change ? change.edit(current) : null);
    }
  }

  const isBelow = (directory: string, path: string): boolean =>
    directory === '.' || path.startsWith(`${directory}/`);
  const kind = (path: string): FileKind | undefined => {
    const text = changed.get(path);
    if (text !== undefined) return text === null ? undefined : 'file';
    return [...changed].some(([file, own]) => own !== null && isBelow(path, file))
      ? 'directory'
      : base.kind(path);
  };
  return {
    root: base.root,
    kind,
    read: (path) => {
      const text = changed.get(path);
      if (text === null) return { ok: false, reason: 'missing' };
      return text === undefined ? base.read(path) : { ok: true, text, bytes: Buffer.from(text) };
    },
    list: (directory) => {
      const names = new Set(base.list(directory));
      for (const path of changed.keys()) {
        if (!isBelow(directory, path)) continue;
        const relative = directory === '.' ? path : path.slice(directory.length + 1);
        names.add(relative.split('/')[0]!);
      }
      return [...names].filter((name) => kind(posix.join(directory, name)) !== undefined).sort();
    },
  };
}

/** The sources of such files. What was not changed is taken from the base, where it is parsed once for all. */
export function overlaySources(base: Sources, edits: readonly Edit[]): Sources {
  const files = overlayFiles(base.files, edits);
  const touched = new Set(edits.map(({ path }) => path));
  const own = openSources(files);
  return { files, yaml: (path) => (touched.has(path) ? own.yaml(path) : base.yaml(path)) };
}

function currentText(files: Files, path: string): string | null {
  const read = files.read(path);
  return read.ok ? read.text : null;
}
