import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A memory of what was found to be good: hashes of inputs, nothing else. A fault is never remembered, so a run always
 * finds it again; a line that is cut off or damaged is no hash of anything, so it only costs the work once more.
 */
export interface KnownGood {
  has(key: string): boolean;
  add(key: string): void;
  /** Writes what was added. Failing to (a full disk, a read-only home) is harmless, and said by the result. */
  save(): boolean;
}

const keyPattern = /^[0-9a-f]{64}$/;
// About 6 MB. Beyond it, only what this run needed is kept.
const maximumKeys = 100_000;

/** A key of any number of parts; no two different lists of parts give the same key. */
export function knownGoodKey(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

/** The memory in a file; undefined keeps it for this run only. */
export function openKnownGood(file: string | undefined): KnownGood {
  const known = new Set(file === undefined ? [] : readKeys(file));
  const needed = new Set<string>();
  const added = new Set<string>();
  return {
    has(key) {
      if (!known.has(key)) return false;
      needed.add(key);
      return true;
    },
    add(key) {
      if (!known.has(key)) added.add(key);
      known.add(key);
      needed.add(key);
    },
    save() {
      if (file === undefined || added.size === 0) return true;
      try {
        mkdirSync(dirname(file), { recursive: true });
        if (known.size > maximumKeys) {
          writeFileSync(`${file}.${process.pid}.tmp`, lines(needed));
          renameSync(`${file}.${process.pid}.tmp`, file);
        } else {
          // Starts with a line feed, in case another run was cut off in the middle of a line.
          appendFileSync(file, `\n${lines(added)}`);
        }
        added.clear();
        return true;
      } catch {
        return false;
      }
    },
  };
}

const lines = (keys: Iterable<string>): string => [...keys, ''].join('\n');

function readKeys(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => keyPattern.test(line));
  } catch {
    return [];
  }
}
