import { posix } from 'node:path';
import type { Check, Result } from '../../../scripts/doctor/check.ts';
import type { Machine } from '../../../scripts/doctor/machine.ts';
import type { Target } from '../../../scripts/doctor/target.ts';

export interface FakeMachine
  extends Partial<Omit<Machine, 'read' | 'list' | 'readLink' | 'space' | 'run' | 'connect'>> {
  /** Text by path; directories are those that lead to them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Directories without files. */
  readonly directories?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  /** What only root may see. */
  readonly denied?: readonly string[];
  readonly space?: Readonly<Record<string, { total: number; available: number }>>;
  /** Output by command; a number is the exit code of one that fails. */
  readonly programs?: Readonly<Record<string, string | number>>;
  readonly connect?: Machine['connect'];
}

/** A machine that is nothing but what a test says of it. */
export function fakeMachine(fake: FakeMachine = {}): Machine {
  const { files = {}, links = {}, denied = [], directories = [] } = fake;
  const missing = (path: string) => ({ ok: false, reason: 'missing', message: `no ${path}` }) as const;
  const refused = (path: string) => ({ ok: false, reason: 'denied', message: `EACCES ${path}` }) as const;
  return {
    platform: fake.platform ?? 'linux',
    architecture: fake.architecture ?? 'x64',
    release: fake.release ?? '6.12.43-amd64',
    isRoot: fake.isRoot ?? true,
    cpus: fake.cpus ?? 8,
    node: fake.node ?? '20.19.0',
    namesCluster: fake.namesCluster ?? false,
    read(path) {
      if (denied.includes(path)) return refused(path);
      const text = files[path];
      return text === undefined ? missing(path) : { ok: true, value: text };
    },
    list(path) {
      if (denied.includes(path)) return refused(path);
      const all = [...Object.keys(files), ...Object.keys(links), ...directories.map((name) => `${name}/.`)];
      const names = all
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split('/')[0]!);
      return names.length === 0
        ? missing(path)
        : { ok: true, value: [...new Set(names)].filter((name) => name !== '.').sort() };
    },
    readLink(path) {
      const target = links[path];
      return target === undefined ? missing(path) : { ok: true, value: target };
    },
    space(path) {
      for (let current = path; ; current = posix.dirname(current)) {
        const found = fake.space?.[current];
        if (found) return { ok: true, value: found };
        if (current === '/') return missing(path);
      }
    },
    async run(program, args) {
      const said = fake.programs?.[[program, ...args].join(' ')];
      if (said === undefined) return undefined;
      return typeof said === 'number'
        ? { code: said, stdout: '', stderr: 'failed' }
        : { code: 0, stdout: said, stderr: '' };
    },
    connect:
      fake.connect ??
      (async () => ({ ok: false, error: { message: 'no current context', fix: 'Name a kubeconfig.' } })),
  };
}

export const gibibyte = 2 ** 30;

/** One node under /tmp, as the prototype; three with a disk of their own, as small-production. */
export const oneNode: Target = {
  environment: 'prototype',
  path: 'flux/prototype',
  nodes: { count: 1, cpu: 8, memory: 16 * gibibyte },
  factsFile: 'overlays/prototype/environment/environment.yaml',
  requests: { cpu: 6.15, memory: 12 * gibibyte, pods: 20 },
  k0sFile: 'k0s/prototype.yaml',
  reserved: { cpu: 0, memory: 0 },
  kernelSettings: [],
  nodeLocalLoadBalancing: false,
  volumes: [
    { path: '/tmp/kafka-data', bytes: 10 * gibibyte },
    { path: '/tmp/nifi-conf-data', bytes: gibibyte },
  ],
  hostPorts: [
    { port: 80, address: '127.0.0.1', owner: 'Deployment traefik' },
    { port: 8083, address: '127.0.0.1', owner: 'Deployment traefik' },
  ],
  versions: new Map([
    ['node', 'v20.19.0'],
    ['k0s', 'v1.36.3+k0s.2'],
    ['kubernetes', 'v1.36.3'],
    ['flux', 'v2.9.5'],
  ]),
};

export const threeNodes: Target = {
  ...oneNode,
  environment: 'small-production',
  path: 'flux/small-production',
  nodes: { count: 3, cpu: 16, memory: 32 * gibibyte },
  requests: { cpu: 30, memory: 60 * gibibyte, pods: 60 },
  k0sFile: 'k0s/small-production.yaml',
  reserved: { cpu: 1.5, memory: 4 * gibibyte },
  kernelSettings: [
    { name: 'vm.max_map_count', value: '262144', file: '/etc/sysctl.d/90-infometis.conf' },
    { name: 'kernel.panic', value: '10', file: '/etc/sysctl.d/90-infometis.conf' },
  ],
  nodeLocalLoadBalancing: true,
  volumes: [{ path: '/var/lib/infometis-volumes', bytes: 100 * gibibyte }],
  hostPorts: [],
};

export async function look(
  check: Check,
  machine: FakeMachine,
  target: Target = oneNode,
): Promise<readonly Result[]> {
  return check.run(fakeMachine(machine), target);
}

/** `problem: …` for each result. */
export const told = (results: readonly Result[]): readonly string[] =>
  results.map(({ status, detail }) => `${status}: ${detail}`);
