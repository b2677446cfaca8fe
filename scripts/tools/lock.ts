import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 5_000;
const staleMs = 60_000;

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when another process has it. */
  readonly waiting?: (holder: string) => void;
  readonly pollMs?: number;
}

/**
 * Takes a lock file and returns what gives it back. The lock of a process that is gone, or that has shown no sign of
 * life for a minute, is taken over. It saves work, it does not guard data: what is built appears by one rename.
 *
 * @throws the signal's reason when it is aborted while waiting
 */
export async function takeLock(file: string, options: LockOptions = {}): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(own, `${process.pid}`);
  let told = false;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      if (link(own, file)) break;
      const holder = read(file);
      if (holder !== undefined && isStale(file, holder)) {
        takeOver(file, holder, own);
        continue;
      }
      if (!told && holder !== undefined) options.waiting?.(holder);
      told = true;
      await sleep(options.pollMs ?? 500, undefined, options.signal ? { signal: options.signal } : {});
    }
  } catch (error) {
    rmSync(own, { force: true });
    throw error;
  }
  const heartbeat = setInterval(() => touch(own), heartbeatMs);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (sameFile(own, file)) rmSync(file, { force: true });
    rmSync(own, { force: true });
  };
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

// Two may find the same lock stale: the later one puts back what the earlier one took meanwhile.
function takeOver(file: string, holder: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) !== holder) link(aside, file);
  rmSync(aside, { force: true });
}

function isStale(file: string, holder: string): boolean {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return !isAlive(Number(holder)) || age > staleMs;
}

/** Whether a process of this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // The cache was emptied meanwhile; there is nothing left to guard.
  }
}

function sameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return one !== undefined && one?.ino === other?.ino;
}
