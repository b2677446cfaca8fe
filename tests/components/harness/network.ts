import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, type ProcessResult, runProcess } from '../../../scripts/cluster/process.ts';
import { logTail, type RunningProcess, startProcess } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';

// What a container engine would do, by the kernel's own means and without rights on the machine: pods with their own address,
// so that each has the ports of the manifest; their own files, so that each has its paths; and all gone with one process.

/** A directory of this machine, seen in a pod. */
export interface Mount {
  readonly path: string;
  readonly source: string;
  /** A copy that cannot be written, as the kubelet makes of ConfigMaps and Secrets; otherwise the directory itself. */
  readonly readOnly: boolean;
}

export interface BoxSpec {
  readonly name: string;
  /** Without one it reaches nobody but itself. */
  readonly address?: string;
  /** Files that the image would bring, below the root. */
  readonly image?: string;
  readonly mounts: readonly Mount[];
}

/** A pod without its processes. */
export interface Box {
  /** Runs a program in it to its end, as `kubectl exec` does. The environment is the whole one. */
  run(command: readonly string[], environment: NodeJS.ProcessEnv, input?: string): Promise<ProcessResult>;
  start(command: readonly string[], environment: NodeJS.ProcessEnv, logFile: string): Promise<RunningProcess>;
}

export interface Network {
  /** @param hosts every name that is known there, by address: in place of the cluster's DNS */
  addBox(spec: BoxSpec, hosts: readonly Host[]): Promise<Box>;
  /** Ends it and everything that runs in it. */
  stop(): Promise<void>;
}

export interface Host {
  readonly address: string;
  readonly names: readonly string[];
}

const programs = ['unshare', 'nsenter', 'ip', 'mount', 'chroot', 'setpriv', 'bash'];
const systemPath = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

const namespaces = [
  'unshare',
  '--user',
  '--map-root-user',
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

// A /run of its own, because `ip netns` keeps its names there.
const prepare = 'mount -t tmpfs tmpfs /run && ip link set lo up && ip link add pods type bridge';

let problem: Promise<string | undefined> | undefined;

/** Why there can be no such pods on this machine; undefined where there can. */
export function networkProblem(): Promise<string | undefined> {
  problem ??= findProblem();
  return problem;
}

async function findProblem(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'namespaces of Linux are needed';
  const missing = programs.filter((name) => findProgram(name, { PATH: systemPath }) === undefined);
  if (missing.length > 0) return `${missing.join(', ')} not on PATH`;
  const { code, stderr } = await runProcess(
    [...namespaces, 'bash', '-c', `${prepare} && ip netns add probe`],
    { environment: { PATH: systemPath } },
  );
  return code === 0
    ? undefined
    : `this user may not make namespaces (${stderr.trim().split('\n')[0] || `unshare ends with ${code}`})`;
}

/** The JDK's directory, where it is in the pods too. */
export const javaHome = (): string => dirname(dirname(realpathSync(findProgram('java') ?? '')));

/**
 * An empty network with everything that it writes below one directory.
 *
 * @throws where `networkProblem` would have said why not
 */
export async function startNetwork(directory: string): Promise<Network> {
  mkdirSync(directory, { recursive: true });
  const logFile = join(directory, 'network.log');
  const holder = await startProcess({
    name: 'the network of the pods',
    command: [
      ...namespaces,
      'bash',
      '-ec',
      `${prepare} && ip link set pods up && echo ready && exec sleep infinity`,
    ],
    environment: { PATH: systemPath },
    logFile,
  });
  await waitFor(
    holder.name,
    () => (readFileSync(logFile, 'utf8').includes('ready') ? done(true) : notYet(logTail(logFile))),
    { deadlineMs: 10_000, pollMs: 20, giveUp: () => holder.exit() && `it has ended: ${logTail(logFile)}` },
  );
  // The one that lives inside; the process itself waits for it outside.
  const inside = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
  const enter = [
    'nsenter',
    `--target=${inside}`,
    '--user',
    '--preserve-credentials',
    '--mount',
    '--pid',
    '--net',
    '--wd=/',
    '--',
  ];
  let count = 0;

  async function addBox(spec: BoxSpec, hosts: readonly Host[]): Promise<Box> {
    const root = join(directory, spec.name, 'root');
    mkdirSync(root, { recursive: true });
    const script = boxScript(spec, root, count++, hosts);
    const { code, stderr } = await runProcess([...enter, 'bash', '-eu'], {
      input: script,
      environment: { PATH: systemPath },
    });
    if (code !== 0) throw new Error(`the pod ${spec.name} cannot be made: ${stderr}`);
    const at = [
      ...enter,
      'nsenter',
      `--net=/run/netns/${spec.name}`,
      '--',
      // Programs that look up their own host name want an answer.
      'unshare',
      '--uts',
      'bash',
      '-c',
      'echo "$0" > /proc/sys/kernel/hostname && exec chroot "$@"',
      spec.name,
      root,
    ];
    // nsenter itself is looked for in the caller's PATH, the command in the pod's.
    const command = (words: readonly string[], environment: NodeJS.ProcessEnv) => [
      ...at,
      '/usr/bin/env',
      `PATH=${environment['PATH'] ?? '/usr/bin:/bin'}`,
      ...words,
    ];
    const outer = (environment: NodeJS.ProcessEnv) => ({ ...environment, PATH: systemPath });
    return {
      run: (words, environment, input) =>
        runProcess(command(words, environment), {
          environment: outer(environment),
          ...(input === undefined ? {} : { input }),
        }),
      start: (words, environment, log) =>
        startProcess({
          name: spec.name,
          command: command(words, environment),
          environment: outer(environment),
          logFile: log,
        }),
    };
  }

  return { addBox, stop: () => holder.kill() };
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What makes a pod: run as root of the namespaces, whose mounts nobody outside sees. */
function boxScript(spec: BoxSpec, root: string, index: number, hosts: readonly Host[]): string {
  const at = (path: string): string => quote(join(root, path));
  const lines = [
    `ip netns add ${spec.name}`,
    `ip -n ${spec.name} link set lo up`,
    ...(spec.address === undefined
      ? []
      : [
          `ip link add pod${index} type veth peer name eth0 netns ${spec.name}`,
          `ip link set pod${index} master pods up`,
          `ip -n ${spec.name} addr add ${spec.address}/16 dev eth0`,
          `ip -n ${spec.name} link set eth0 up`,
        ]),
    `mount -t tmpfs tmpfs ${quote(root)}`,
  ];
  const bind = (source: string, path = source): void => {
    const make = lstatSync(source).isDirectory() ? 'mkdir -p' : 'touch';
    lines.push(
      `mkdir -p ${at(dirname(path))}`,
      `${make} ${at(path)}`,
      `mount --rbind ${quote(source)} ${at(path)}`,
    );
  };
  const kind = (path: string): 'link' | 'directory' | 'none' => {
    const state = lstatSync(path, { throwIfNoEntry: false });
    return state?.isSymbolicLink() ? 'link' : state?.isDirectory() ? 'directory' : 'none';
  };

  // The machine's programs and libraries; the rest of its files stays outside.
  for (const path of ['/bin', '/sbin', '/lib', '/lib32', '/lib64'])
    if (kind(path) === 'link') lines.push(`cp -P ${path} ${at(path)}`);
    else if (kind(path) === 'directory') bind(path);
  for (const entry of readdirSync('/usr')) if (entry !== 'share') bind(join('/usr', entry));
  // Links, one by one, so that an image can have files of its own there.
  bind('/usr/share', '/.share');
  lines.push(
    `mkdir -p ${at('/usr/share')}`,
    `for entry in /usr/share/*; do [ "$entry" = /usr/share/java ] || ln -s "/.share/\${entry##*/}" ${at('/usr/share/')}; done`,
  );
  for (const entry of readdirSync('/etc'))
    if (/^(passwd|group|nsswitch\.conf|alternatives|ssl|java-.*|ld\.so\..*)$/.test(entry))
      bind(join('/etc', entry));
  if (!javaHome().startsWith('/usr/')) bind(javaHome());
  bind('/dev');
  lines.push(`mkdir -p ${at('/proc')}`, `mount -t proc proc ${at('/proc')}`);

  if (spec.image !== undefined) lines.push(`cp -RL ${quote(spec.image)}/. ${quote(root)}/`);
  const names = [
    { address: '127.0.0.1', names: ['localhost'] },
    ...hosts.map(({ address, names }) => ({ address, names })),
  ];
  lines.push(
    `printf '%s\\n' ${names.map((host) => quote(`${host.address} ${host.names.join(' ')}`)).join(' ')} > ${at('/etc/hosts')}`,
    // Mount points must be there before the root is closed.
    ...spec.mounts.map(({ path }) => `mkdir -p ${at(path)}`),
    `mount -o remount,ro ${quote(root)}`,
  );
  for (const { path, source, readOnly } of spec.mounts)
    lines.push(
      ...(readOnly
        ? [
            `mount -t tmpfs tmpfs ${at(path)}`,
            `cp -R ${quote(source)}/. ${at(path)}/`,
            `mount -o remount,ro ${at(path)}`,
          ]
        : [`mount --bind ${quote(source)} ${at(path)}`]),
    );
  return `${lines.join('\n')}\n`;
}

/** Puts a file into the directory of an image, as executable as it was. */
export function intoImage(image: string, path: string, file: string): void {
  const target = join(image, path);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(file, target);
}
