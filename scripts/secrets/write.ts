import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Writes a file so that at every moment it is the old one or the new one, whole. */
export function writeAtomically(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Lets a program change a copy of an encrypted file, in a directory that only its owner can enter, and takes it over when
 * all went well. The directory is in memory where the system has such a place: an editor writes its plain text there.
 */
export async function onCopy<T>(
  file: string,
  change: (copy: string, directory: string) => Promise<T>,
): Promise<{ readonly result: T; readonly text: string }> {
  const directory = mkdtempSync(join(memoryDirectory(), 'infometis-secrets-'));
  const clean = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', clean);
  try {
    const copy = join(directory, basename(file));
    writeFileSync(copy, readFileSync(file), { mode: 0o600 });
    const result = await change(copy, directory);
    return { result, text: readFileSync(copy, 'utf8') };
  } finally {
    process.removeListener('exit', clean);
    clean();
  }
}

function memoryDirectory(): string {
  for (const directory of [process.env['XDG_RUNTIME_DIR'], '/dev/shm'])
    if (directory && statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
      try {
        rmSync(mkdtempSync(join(directory, 'infometis-try-')), { recursive: true });
        return directory;
      } catch {
        // Not ours to write to.
      }
    }
  return tmpdir();
}
