import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../../scripts/tools/lock.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('one holder at a time', async () => {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      const release = await takeLock(file, { pollMs: 5 });
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
      release();
    }),
  );
  expect(most).toBe(1);
  expect(readdirSync(directory)).toEqual([]);
});

test('the lock of a process that is gone is taken over', async () => {
  const gone = spawnSync('true').pid;
  writeFileSync(file, String(gone));
  const release = await takeLock(file, { pollMs: 5, signal: AbortSignal.timeout(2_000) });
  release();
  expect(readdirSync(directory)).toEqual([]);
});

test('the lock of a process that shows no sign of life is taken over', async () => {
  writeFileSync(file, String(process.pid));
  const long = new Date(Date.now() - 120_000);
  utimesSync(file, long, long);
  const release = await takeLock(file, { pollMs: 5, signal: AbortSignal.timeout(2_000) });
  release();
});

test('waiting says for whom, and ends with the signal', async () => {
  const release = await takeLock(file);
  const holders: string[] = [];
  await expect(
    takeLock(file, {
      pollMs: 5,
      signal: AbortSignal.timeout(50),
      waiting: (holder) => holders.push(holder),
    }),
  ).rejects.toThrow();
  expect(holders).toEqual([String(process.pid)]);
  expect(existsSync(file)).toBe(true);
  release();
  expect(readdirSync(directory)).toEqual([]);
});
