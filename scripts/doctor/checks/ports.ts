import { type Check, ok, problem, type Result, unknown } from '../check.ts';
import type { Machine } from '../machine.ts';
import { type Listener, parseListeners } from '../proc.ts';
import type { Target } from '../target.ts';

interface Wanted {
  readonly port: number;
  /** Every address where empty. */
  readonly address: string;
  readonly owner: string;
  /** Whether k0s itself listens there once it runs. */
  readonly k0s: boolean;
}

const everywhere = { address: '', k0s: true };
const here = { address: '127.0.0.1', k0s: true };

// The defaults of k0s and of what it starts.
const always: readonly Wanted[] = [
  { port: 179, owner: 'kube-router (BGP)', ...everywhere },
  { port: 6443, owner: 'the API server', ...everywhere },
  { port: 8080, owner: 'kube-router (metrics)', ...everywhere },
  { port: 8132, owner: 'konnectivity (agents)', ...everywhere },
  { port: 8133, owner: 'konnectivity (administration)', ...here },
  { port: 10248, owner: 'the kubelet (health)', ...here },
  { port: 10249, owner: 'kube-proxy (metrics)', ...everywhere },
  { port: 10250, owner: 'the kubelet', ...everywhere },
  { port: 10256, owner: 'kube-proxy (health)', ...everywhere },
  { port: 10257, owner: 'the controller manager', ...here },
  { port: 10259, owner: 'the scheduler', ...here },
];
const onSeveral: readonly Wanted[] = [
  { port: 2379, owner: 'etcd (clients)', ...here },
  { port: 2380, owner: 'etcd (peers)', ...everywhere },
  { port: 9443, owner: 'the k0s API, for nodes that join', ...everywhere },
];
const balanced: readonly Wanted[] = [
  { port: 7132, owner: 'the local load balancer (konnectivity)', ...here },
  { port: 7443, owner: 'the local load balancer (API server)', ...here },
];

// As /proc/<pid>/comm has them: 15 characters.
const k0sPrograms: ReadonlySet<string> = new Set(
  [
    'k0s',
    'etcd',
    'kine',
    'kubelet',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'kube-router',
    'konnectivity-server',
    'containerd',
    'envoy',
    'keepalived',
  ].map((name) => name.slice(0, 15)),
);

export const ports: Check = {
  id: 'ports',
  title: 'Ports in use',
  why: 'What finds its port taken does not start; of two that answer on one host port, one is never reached.',
  run(machine, target) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const files = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => [file, machine.read(file)] as const);
    const [, four] = files[0]!;
    if (!four.ok) return [unknown(`/proc/net/tcp: ${four.message}`)];
    // Without IPv6 there is no second file.
    const listeners = files.flatMap(([, read]) => (read.ok ? parseListeners(read.value) : []));
    const wanted = wantedPorts(target);
    const results = wanted.flatMap((want) => judge(machine, want, listeners));
    return results.length > 0
      ? results
      : [ok(`free, or k0s’s own: ${wanted.map(({ port }) => port).join(', ')}`)];
  },
};

const wantedPorts = ({ hostPorts, nodes, nodeLocalLoadBalancing }: Target): readonly Wanted[] =>
  [
    ...hostPorts.map(({ port, address, owner }) => ({ port, address, owner, k0s: false })),
    ...always,
    ...(nodes.count > 1 ? onSeveral : []),
    ...(nodeLocalLoadBalancing ? balanced : []),
  ].sort((a, b) => a.port - b.port);

const isEvery = (address: string): boolean => ['', '0.0.0.0', '::'].includes(address);

function judge(machine: Machine, want: Wanted, listeners: readonly Listener[]): readonly Result[] {
  const other = listeners.find(
    ({ port, address }) =>
      port === want.port && (isEvery(want.address) || isEvery(address) || address === want.address),
  );
  if (!other) return [];
  const program = programOf(machine, other.inode);
  const k0sRuns = machine.list('/run/k0s').ok;
  if (want.k0s && k0sRuns) {
    if (program.ok && k0sPrograms.has(program.name)) return [];
    if (!program.ok)
      return [
        unknown(
          `port ${want.port} is in use; k0s runs and may be the one: ${program.reason}`,
          'Run it with sudo.',
        ),
      ];
  }
  const by = program.ok ? `by ${program.name} (process ${program.pid})` : `(${program.reason})`;
  return [
    problem(
      `port ${want.port}, which ${want.owner} takes, is in use ${by}`,
      program.ok
        ? `Stop ${program.name}, or let it listen elsewhere.`
        : `See who has it: \`sudo ss -ltnp 'sport = :${want.port}'\`; stop it, or let it listen elsewhere.`,
    ),
  ];
}

type Program =
  | { readonly ok: true; readonly name: string; readonly pid: string }
  | { readonly ok: false; readonly reason: string };

/** The process that has a socket. Those of others only root can look into. */
function programOf(machine: Machine, inode: string): Program {
  const processes = machine.list('/proc');
  let hidden = false;
  for (const pid of processes.ok ? processes.value.filter((name) => /^\d+$/.test(name)) : []) {
    const descriptors = machine.list(`/proc/${pid}/fd`);
    if (!descriptors.ok) {
      hidden ||= descriptors.reason !== 'missing';
      continue;
    }
    for (const descriptor of descriptors.value) {
      const link = machine.readLink(`/proc/${pid}/fd/${descriptor}`);
      if (!link.ok || link.value !== `socket:[${inode}]`) continue;
      const name = machine.read(`/proc/${pid}/comm`);
      return { ok: true, pid, name: name.ok ? name.value.trim() : 'a process without a name' };
    }
  }
  return {
    ok: false,
    reason: hidden
      ? 'only root can see by which process'
      : 'no process here has it: another network namespace or the kernel',
  };
}
