import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { findProgram } from '../../../scripts/cluster/process.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly environment: NodeJS.ProcessEnv;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly directory?: string;
}

/** How a process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when it has ended, whatever the reason. */
  readonly ended: Promise<Exit>;
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined;
  /** Asks it to end, kills it and what it started after the grace, and waits until it is gone. */
  stop(graceMs?: number): Promise<void>;
  /** As `kill -9`: no goodbye. Waits until it is gone. */
  kill(): Promise<void>;
  /** Resident memory in bytes; 0 where it is gone or the system does not tell. */
  memory(): number;
}

const running = new Set<ChildProcess>();
const temporary = new Set<string>();
let guarded = false;

/**
 * Starts a process of its own group, with its output in a file. Every process started here is gone when this process
 * ends, however it ends: by itself, by Ctrl-C, or (on Linux with setpriv) killed.
 *
 * @throws where the program cannot be started
 */
export async function startProcess(spec: ProcessSpec): Promise<RunningProcess> {
  guard();
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a');
  const [file = '', ...parameters] = [...deathWish(), ...spec.command];
  const child = spawn(file, parameters, {
    cwd: spec.directory ?? dirname(spec.logFile),
    env: spec.environment,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${spec.name} cannot be started: ${error.message}`)));
  });
  running.add(child);
  let exit: Exit | undefined;
  const ended = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child);
      // What it started must not outlive it.
      signalGroup(child, 'SIGKILL');
      exit = { code, signal };
      resolve(exit);
    });
  });
  const pid = child.pid!;
  return {
    name: spec.name,
    pid,
    logFile: spec.logFile,
    ended,
    exit: () => exit,
    memory: () => residentMemory(pid),
    async stop(graceMs = 10_000) {
      if (exit) return;
      signalGroup(child, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      if (exit) return;
      signalGroup(child, 'SIGKILL');
      await ended;
    },
  };
}

/** Removes a directory when this process ends, after its children have ended; returns what calls that off. */
export function removeAtExit(directory: string): () => void {
  guard();
  temporary.add(directory);
  return () => temporary.delete(directory);
}

/** The last lines of a log, for a message. */
export function logTail(file: string, lines = 20): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** The ids of all living processes that have the text in an argument or in their environment; only on Linux. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => {
      try {
        return ['cmdline', 'environ'].some((file) =>
          readFileSync(`/proc/${entry}/${file}`, 'utf8').includes(text),
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

function guard(): void {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
    // They may write for a moment longer, hence the retries.
    for (const directory of temporary)
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const)
    process.once(signal, () => process.exit(128 + number));
}

// A killed parent runs no handler, so the kernel is asked to end the child with it.
function deathWish(): string[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

function residentMemory(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
