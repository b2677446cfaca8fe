import ignore, { type Ignore } from 'ignore';
import type { Files } from './files.ts';

/**
 * The files that Git tracks or would add, sorted: everything but `.git` and what `.gitignore` files name. Told from the
 * files alone, because asking Git in somebody else's repository can run programs that its configuration names.
 */
export function trackedPaths(files: Files): readonly string[] {
  const result: string[] = [];
  const visit = (directory: string, above: readonly Scope[]): void => {
    const own = files.read(join(directory, '.gitignore'));
    const scopes = own.ok ? [...above, { directory, rules: ignore().add(own.text) }] : above;
    for (const name of files.list(directory)) {
      const path = join(directory, name);
      const kind = files.kind(path);
      if (kind === undefined || name === '.git' || name === 'node_modules') continue;
      if (isIgnored(scopes, kind === 'directory' ? `${path}/` : path)) continue;
      if (kind === 'directory') visit(path, scopes);
      else result.push(path);
    }
  };
  visit('.', []);
  return result.sort();
}

interface Scope {
  readonly directory: string;
  readonly rules: Ignore;
}

// The file nearest to the path has the last word.
function isIgnored(scopes: readonly Scope[], path: string): boolean {
  for (const { directory, rules } of [...scopes].reverse()) {
    const { ignored, unignored } = rules.test(directory === '.' ? path : path.slice(directory.length + 1));
    if (ignored || unignored) return ignored;
  }
  return false;
}

const join = (directory: string, name: string): string => (directory === '.' ? name : `${directory}/${name}`);
