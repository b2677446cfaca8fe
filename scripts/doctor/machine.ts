import { readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { dirname } from 'node:path';
import { type Connected, connect } from '../cluster/kubectl.ts';
import { findProgram, type ProcessResult, runProcess } from '../cluster/process.ts';

/** What was read, or why it was not: `denied` asks for root, `missing` is an answer. */
export type Look<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'missing' | 'denied' | 'failed'; readonly message: string };

export interface Space {
  /** Bytes of the file system. */
  readonly total: number;
  /** Bytes that are free for everybody. */
  readonly available: number;
}

/** The machine that is, or is to be, a node: all that checks see of it. Nothing here changes anything. */
export interface Machine {
  /** As Node names it: `linux`, `darwin`. */
  readonly platform: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly architecture: string;
  /** Of the kernel: `6.12.43-amd64`. */
  readonly release: string;
  readonly isRoot: boolean;
  readonly cpus: number;
  /** Without the leading v. */
  readonly node: string;
  /** Whether the person has named a cluster: by an option, by KUBECONFIG, or by a file in the usual place. */
  readonly namesCluster: boolean;
  read(path: string): Look<string>;
  /** The names in a directory, sorted. */
  list(path: string): Look<readonly string[]>;
  readLink(path: string): Look<string>;
  /** Of the file system that has the path, or will have it. */
  space(path: string): Look<Space>;
  /** Undefined where no directory of PATH has the program. */
  run(program: string, args: readonly string[]): Promise<ProcessResult | undefined>;
  connect(): Promise<Connected>;
}

export interface MachineOptions {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** The machine that this runs on. */
export function thisMachine({ environment, signal, ...cluster }: MachineOptions): Machine {
  return {
    platform: process.platform,
    architecture: process.arch,
    release: release(),
    isRoot: process.getuid?.() === 0,
    cpus: availableParallelism(),
    node: process.versions.node,
    namesCluster:
      cluster.context !== undefined ||
      cluster.kubeconfig !== undefined ||
      Boolean(environment.KUBECONFIG) ||
      (environment.HOME !== undefined && look(() => readFileSync(`${environment.HOME}/.kube/config`)).ok),
    read: (path) => look(() => readFileSync(path, 'utf8')),
    list: (path) => look(() => readdirSync(path).sort()),
    readLink: (path) => look(() => readlinkSync(path)),
    space: (path) => spaceOf(path),
    async run(program, args) {
      // sbin is not on everyone's PATH.
      const found = findProgram(program, { PATH: `${environment.PATH ?? ''}:/usr/sbin:/sbin` });
      return found === undefined
        ? undefined
        : runProcess([found, ...args], { environment: { ...environment, LC_ALL: 'C' }, signal });
    },
    connect: () => connect({ ...cluster, environment, signal }),
  };
}

function look<T>(action: () => T): Look<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'missing'
        : code === 'EACCES' || code === 'EPERM'
          ? 'denied'
          : 'failed';
    return { ok: false, reason, message };
  }
}

// A directory that is not there yet will be made in the nearest one that is.
function spaceOf(path: string): Look<Space> {
  const found = look(() => statfsSync(path));
  if (found.ok)
    return {
      ok: true,
      value: {
        total: found.value.blocks * found.value.bsize,
        available: found.value.bavail * found.value.bsize,
      },
    };
  return found.reason === 'missing' && path !== dirname(path) ? spaceOf(dirname(path)) : found;
}
