import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { UsageError } from './exit.ts';

export type RootChosen =
  | { readonly ok: true; readonly root: string }
  | { readonly ok: false; readonly error: UsageError };

/** The directory that `--root` names, from where the person stands (npm changes that); this repository without it. */
export function chooseRoot(given: string | undefined): RootChosen {
  const root = resolve(process.env.INIT_CWD ?? process.cwd(), given ?? join(import.meta.dirname, '../..'));
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return { ok: true, root };
  return {
    ok: false,
    error: {
      message: `--root: ${root} is no directory`,
      fix: 'Name the checkout of a Flux repository.',
    },
  };
}
