import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';

/**
 * Writes several files, all or none: each beside its place first, then moved there. An interrupt waits until it is done.
 *
 * @param texts by absolute path
 */
export function writeAll(texts: ReadonlyMap<string, string>): UsageError | undefined {
  const wait = (): void => {};
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, wait);
  const temporary = new Map(
    [...texts.keys()].map((path) => [path, join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)]),
  );
  const replaced: { readonly path: string; readonly kept: Buffer | undefined }[] = [];
  let current = '';
  try {
    for (const [path, beside] of temporary) {
      current = path;
      writeFileSync(beside, texts.get(path)!, { flag: 'wx' });
      const before = statSync(path, { throwIfNoEntry: false });
      if (before) chmodSync(beside, before.mode);
    }
    for (const [path, beside] of temporary) {
      current = path;
      const kept = statSync(path, { throwIfNoEntry: false }) ? readFileSync(path) : undefined;
      renameSync(beside, path);
      replaced.push({ path, kept });
    }
    return undefined;
  } catch (error) {
    for (const { path, kept } of replaced) {
      if (kept === undefined) rmSync(path, { force: true });
      else writeFileSync(path, kept);
    }
    return {
      message: `${current} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Nothing was changed. Make it writable, then run the command again.',
    };
  } finally {
    for (const beside of temporary.values()) rmSync(beside, { force: true });
    for (const signal of signals) process.off(signal, wait);
  }
}
