/** Compares the generated files with the folder, and writes them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Paths below the folder that would change. */
export interface Difference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Everything below these folders belongs to the generator: what it no longer makes is removed. */
export function ownedFolders(files: ReadonlyMap<string, string>): string[] {
  return [
    ...new Set(
      [...files.keys()].map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('crds/') ? 1 : 2)
          .join('/'),
      ),
    ),
  ];
}

export function compare(root: string, files: ReadonlyMap<string, string>): Difference {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [path, text] of files) {
    const file = join(root, path);
    if (!existsSync(file)) added.push(path);
    else if (readFileSync(file, 'utf8') !== text) changed.push(path);
  }
  const removed = ownedFolders(files)
    .flatMap((folder) => list(root, folder))
    .filter((path) => !files.has(path));
  return { added, changed, removed };
}

export function write(root: string, files: ReadonlyMap<string, string>, difference: Difference): void {
  for (const path of [...difference.added, ...difference.changed]) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files.get(path) ?? '');
  }
  for (const path of difference.removed) rmSync(join(root, path));
}

function list(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? list(root, path) : [path];
  });
}
