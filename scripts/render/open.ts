import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/directory.ts';
import { openKnownGood } from '../cache/known-good.ts';
import type { UsageError } from '../cli/exit.ts';
import { openDirectory, walk } from '../repository/files.ts';
import { openSources } from '../repository/sources.ts';
import type { Repository } from './environment.ts';
import { realJudge } from './fallback.ts';
import { findRealKustomize } from './real-kustomize.ts';
import { renderRepository } from './render.ts';

export interface OpenOptions {
  /** Whether to use and keep what earlier runs found to be good. */
  readonly cache: boolean;
  readonly step?: (message: string) => void;
}

export type OpenResult =
  | {
      readonly ok: true;
      readonly repository: Repository;
      /** Whether this is a checkout of the InfoMetis platform, to which its own rules apply. */
      readonly platform: boolean;
    }
  | { readonly ok: false; readonly error: UsageError };

/** Opens the repository in a directory and renders all that its environments deploy. */
export async function openRepository(root: string, options: OpenOptions): Promise<OpenResult> {
  const files = openDirectory(root);
  const sources = openSources(files);
  const knownGood = openKnownGood(
    options.cache ? join(cacheDirectory(), 'gate', codeFingerprint()) : undefined,
  );
  options.step?.('Rendering …');
  const judge = realJudge(() => findRealKustomize({ version: 'v5.8.1' }));
  const repository = renderRepository(sources, { judge });
  return {
    ok: true,
    repository: { ...repository, knownGood },
    platform: isPlatform(sources.files.read('package.json')),
  };
}

const isPlatform = (read: ReturnType<ReturnType<typeof openDirectory>['read']>): boolean =>
  read.ok && /"name":\s*"infometis-platform"/.test(read.text);

/** Of the gate's own code and schemas: what another version of them found to be good counts for nothing. */
function codeFingerprint(): string {
  const own = openDirectory(join(import.meta.dirname, '../..'));
  const hash = createHash('sha256');
  for (const directory of ['scripts', 'schemas'])
    for (const path of walk(own, directory)) {
      const read = own.read(path);
      if (read.ok) hash.update(`${path}\u0000`).update(read.bytes);
    }
  return hash.digest('hex').slice(0, 16);
}
