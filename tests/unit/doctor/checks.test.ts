import { describe, expect, it } from 'vitest';
import type { Connected, Kubectl } from '../../../scripts/cluster/kubectl.ts';
import { capacity } from '../../../scripts/doctor/checks/capacity.ts';
import { cgroup } from '../../../scripts/doctor/checks/cgroup.ts';
import { clock } from '../../../scripts/doctor/checks/clock.ts';
import { cluster } from '../../../scripts/doctor/checks/cluster.ts';
import { disk } from '../../../scripts/doctor/checks/disk.ts';
import { fileSystem } from '../../../scripts/doctor/checks/file-system.ts';
import { firewall } from '../../../scripts/doctor/checks/firewall.ts';
import { allChecks } from '../../../scripts/doctor/checks/index.ts';
import { kernel } from '../../../scripts/doctor/checks/kernel.ts';
import { kernelModules } from '../../../scripts/doctor/checks/kernel-modules.ts';
import { kernelSettings } from '../../../scripts/doctor/checks/kernel-settings.ts';
import { machineId } from '../../../scripts/doctor/checks/machine-id.ts';
import { operatingSystem } from '../../../scripts/doctor/checks/operating-system.ts';
import { ports } from '../../../scripts/doctor/checks/ports.ts';
import { swap } from '../../../scripts/doctor/checks/swap.ts';
import { tmpInMemory } from '../../../scripts/doctor/checks/tmp-in-memory.ts';
import { tools } from '../../../scripts/doctor/checks/tools.ts';
import { type FakeMachine, gibibyte, look, oneNode, threeNodes, told } from './machine.ts';

const mounts = (...lines: readonly string[]): FakeMachine => ({
  files: { '/proc/mounts': `${['/dev/vda1 / ext4 rw 0 0', ...lines].join('\n')}\n` },
});

describe('a machine that is not Linux', () => {
  it('is no node, and nothing else of it is called good', async () => {
    const machine: FakeMachine = { platform: 'darwin', architecture: 'arm64' };
    expect(await look(operatingSystem, machine)).toMatchObject([{ status: 'problem' }]);
    for (const check of allChecks.filter(({ id }) => !['operating-system', 'tools', 'cluster'].includes(id)))
      expect(told(await look(check, machine)), check.id).toEqual(['unknown: not Linux']);
  });
});

describe('operating-system', () => {
  it.each([
    ['x64', 'ok'],
    ['arm64', 'problem'],
  ])('%s is %s', async (architecture, status) => {
    expect(await look(operatingSystem, { architecture })).toMatchObject([{ status }]);
  });
});

describe('kernel', () => {
  it.each([
    ['6.12.43-amd64', 'ok'],
    ['5.8.0', 'ok'],
    ['5.7.19', 'warning'],
    ['4.18.0-553.el8', 'warning'],
    ['4.14.1', 'problem'],
    ['strange', 'unknown'],
  ])('%s is %s', async (release, status) => {
    expect(await look(kernel, { release })).toMatchObject([{ status }]);
  });
});

describe('cgroup', () => {
  const unified = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0';
  const controllers = (text: string): FakeMachine => ({
    files: { ...mounts(unified).files, '/sys/fs/cgroup/cgroup.controllers': text },
  });
  it('is content with version 2 and its controllers', async () => {
    expect(await look(cgroup, controllers('cpuset cpu io memory pids\n'))).toMatchObject([{ status: 'ok' }]);
  });
  it('names a controller that is missing', async () => {
    expect(told(await look(cgroup, controllers('cpuset cpu io pids\n')))).toEqual([
      'problem: cgroup v2 lacks memory',
    ]);
  });
  it.each([
    ['version 1', 'tmpfs /sys/fs/cgroup tmpfs ro 0 0'],
    ['both side by side', 'tmpfs /sys/fs/cgroup tmpfs ro 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0'],
    ['none', 'proc /proc proc rw 0 0'],
  ])('refuses %s', async (_, line) => {
    expect(await look(cgroup, mounts(line))).toMatchObject([{ status: 'problem' }]);
  });
  it('does not know without /proc/mounts', async () => {
    expect(await look(cgroup, {})).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('kernel-modules', () => {
  const release = '6.12.43-amd64';
  const loaded = { '/sys/module/overlay/refcnt': '1', '/sys/module/nf_conntrack/refcnt': '1' };
  it('takes modules that are loaded, compiled in, or can be loaded', async () => {
    const files = {
      ...loaded,
      [`/lib/modules/${release}/modules.dep`]: 'kernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge.ko\n',
    };
    expect(await look(kernelModules, { release, files })).toMatchObject([{ status: 'ok' }]);
    const builtIn = { ...loaded, '/proc/sys/net/bridge/bridge-nf-call-iptables': '1' };
    expect(await look(kernelModules, { release, files: builtIn })).toMatchObject([{ status: 'ok' }]);
  });
  it('names the one that is nowhere', async () => {
    const files = { ...loaded, [`/lib/modules/${release}/modules.dep`]: 'kernel/net/bridge.ko:\n' };
    const results = await look(kernelModules, { release, files });
    expect(results).toMatchObject([{ status: 'problem' }]);
    expect(results[0]?.detail).toMatch(/^br_netfilter is not loaded/);
  });
  it('does not know where the list cannot be read', async () => {
    const denied = [`/lib/modules/${release}/modules.dep`];
    expect(await look(kernelModules, { release, files: loaded, denied })).toMatchObject([
      { status: 'unknown' },
    ]);
  });
});

describe('kernel-settings', () => {
  const set = (values: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) => ({
    files: {
      ...Object.fromEntries(
        Object.entries({
          'fs.inotify.max_user_instances': '8192',
          'fs.inotify.max_user_watches': '524288',
          'vm.max_map_count': '262144',
          'kernel.panic': '10',
          'net.ipv4.conf.all.forwarding': '1',
          ...values,
        }).map(([name, value]) => [`/proc/sys/${name.replaceAll('.', '/')}`, `${value}\n`]),
      ),
      ...more,
    },
  });
  it('asks for what the environment’s nodes are given, and no more', async () => {
    expect(await look(kernelSettings, set({}), threeNodes)).toMatchObject([{ status: 'ok' }]);
    const low = set({ 'vm.max_map_count': '65530' });
    expect(told(await look(kernelSettings, low, threeNodes))).toEqual([
      'problem: vm.max_map_count is 65530, and 262144 or more is needed',
    ]);
    expect(await look(kernelSettings, low, oneNode)).toMatchObject([{ status: 'ok' }]);
  });
  it('says when a file sets it and something else wins', async () => {
    const file = { '/etc/sysctl.d/90-infometis.conf': '# why\nvm.max_map_count = 262144\n' };
    expect(told(await look(kernelSettings, set({ 'vm.max_map_count': '65530' }, file), threeNodes))).toEqual([
      'problem: vm.max_map_count is 65530, although /etc/sysctl.d/90-infometis.conf sets it',
    ]);
  });
  it('takes any time after which a node that hangs starts again, and warns of none', async () => {
    const statuses = async (panic: string) =>
      (await look(kernelSettings, set({ 'kernel.panic': panic }), threeNodes)).map(({ status }) => status);
    expect(await statuses('1')).toEqual(['ok']);
    expect(await statuses('0')).toEqual(['warning']);
  });
  it('warns of few inotify instances', async () => {
    expect(await look(kernelSettings, set({ 'fs.inotify.max_user_instances': '64' }))).toMatchObject([
      { status: 'warning' },
    ]);
  });
  it('leaves forwarding to k0s before it runs, unless a file takes it back', async () => {
    const off = { 'net.ipv4.conf.all.forwarding': '0' };
    expect(await look(kernelSettings, set(off))).toMatchObject([{ status: 'ok' }]);
    const hardened = { '/etc/sysctl.d/99-hardening.conf': 'net.ipv4.ip_forward=0\n' };
    expect(told(await look(kernelSettings, set(off, hardened)))[0]).toMatch(
      /^warning: \/etc\/sysctl\.d\/99-hardening\.conf sets net\.ipv4\.conf\.all\.forwarding to 0/,
    );
    expect(await look(kernelSettings, { ...set(off), directories: ['/run/k0s'] })).toMatchObject([
      { status: 'problem' },
    ]);
  });
  it('does not know what it cannot read', async () => {
    const machine = { ...set({}), denied: ['/proc/sys/vm/max_map_count'] };
    expect(await look(kernelSettings, machine, threeNodes)).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('capacity', () => {
  const memory = (gibibytes: number): Readonly<Record<string, string>> => ({
    '/proc/meminfo': `MemTotal:       ${Math.round(gibibytes * 2 ** 20)} kB\nMemFree: 1 kB\n`,
  });
  it.each([
    // What is sold as 16 GiB shows a little less.
    ['what is declared', 8, 15.6, oneNode, ['ok']],
    ['less memory than asked for', 8, 11, oneNode, ['problem']],
    ['less than declared, but enough', 8, 14, oneNode, ['warning']],
    ['too few CPUs', 4, 16, oneNode, ['problem']],
    ['what is kept back, too', 18, 37, threeNodes, ['ok']],
    ['what is kept back, not', 16, 32, threeNodes, ['warning', 'warning']],
    ['a third of the requests, not', 8, 64, threeNodes, ['problem']],
  ])('has %s', async (_, cpus, gibibytes, target, statuses) => {
    const results = await look(capacity, { cpus, files: memory(gibibytes) }, target);
    expect(results.map(({ status }) => status)).toEqual(statuses);
  });
  it('does not know without /proc/meminfo', async () => {
    expect(await look(capacity, {})).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('disk', () => {
  const gib = (total: number, available: number) => ({
    total: total * gibibyte,
    available: available * gibibyte,
  });
  it.each([
    ['room for all of it', gib(100, 60), 'ok'],
    ['too little for full volumes', gib(100, 30), 'warning'],
    ['less than a tenth', gib(100, 9), 'problem'],
  ])('has %s', async (_, space, status) => {
    expect(await look(disk, { ...mounts(), space: { '/': space } })).toMatchObject([{ status }]);
  });
  it('looks at each file system by itself', async () => {
    const machine = {
      ...mounts('/dev/vdb /var/lib/infometis-volumes ext4 rw 0 0'),
      space: { '/': gib(100, 80), '/var/lib/infometis-volumes': gib(200, 50) },
    };
    const results = await look(disk, machine, threeNodes);
    expect(results.map(({ status }) => status)).toEqual(['ok', 'warning']);
    expect(results[1]?.detail).toMatch(/^\/var\/lib\/infometis-volumes .* 100 GiB are needed/);
  });
});

describe('file-system', () => {
  it.each([
    ['ext4', mounts(), oneNode, ['ok']],
    ['overlay', mounts('overlay /var/lib overlay rw 0 0'), oneNode, ['problem']],
    ['volumes on the disk of the system', mounts(), threeNodes, ['ok', 'warning']],
    [
      'volumes on a disk of their own',
      mounts('/dev/vdb /var/lib/infometis-volumes xfs rw 0 0'),
      threeNodes,
      ['ok', 'ok'],
    ],
  ])('%s', async (_, machine, target, statuses) => {
    expect((await look(fileSystem, machine, target)).map(({ status }) => status)).toEqual(statuses);
  });
});

describe('tmp-in-memory', () => {
  const tmpfs = mounts('tmpfs /tmp tmpfs rw,nosuid,size=8G 0 0');
  it('finds /tmp in memory, and tells how to get it out', async () => {
    const [result] = await look(tmpInMemory, tmpfs);
    expect(result).toMatchObject({
      status: 'problem',
      detail: '/tmp is in memory (tmpfs), and 2 volumes would lie there, 11 GiB in all',
    });
    expect(result?.fix).toContain('sudo systemctl mask tmp.mount');
  });
  it('tells of the line in /etc/fstab where that is the cause', async () => {
    const files = { ...tmpfs.files, '/etc/fstab': '# <fs> <mount>\ntmpfs  /tmp  tmpfs  defaults  0 0\n' };
    expect((await look(tmpInMemory, { files }))[0]?.fix).toContain('/etc/fstab');
  });
  it('is content with a disk, also one that is mounted over the tmpfs', async () => {
    expect(await look(tmpInMemory, mounts())).toMatchObject([{ status: 'ok' }]);
    const over = mounts('tmpfs /tmp tmpfs rw 0 0', '/dev/vdb /tmp ext4 rw 0 0');
    expect(await look(tmpInMemory, over)).toMatchObject([{ status: 'ok' }]);
  });
  it('asks where volumes lie, not for /tmp', async () => {
    expect(await look(tmpInMemory, tmpfs, threeNodes)).toMatchObject([{ status: 'ok' }]);
  });
});

describe('ports', () => {
  // 0100007F:0050 is 127.0.0.1:80; state 0A waits for connections.
  const line = (local: string, inode = '4711', state = '0A') =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1\n`;
  const tcp = (...lines: readonly string[]): FakeMachine => ({
    files: { '/proc/net/tcp': `  sl  local_address rem_address   st\n${lines.join('')}` },
  });
  it('is content where all are free', async () => {
    expect(await look(ports, tcp(line('0100007F:1F40'), line('00000000:0050', '1', '01')))).toMatchObject([
      { status: 'ok' },
    ]);
  });
  it('names the process that has one', async () => {
    const machine: FakeMachine = {
      files: { ...tcp(line('00000000:0050')).files, '/proc/812/comm': 'nginx\n' },
      links: { '/proc/812/fd/6': 'socket:[4711]' },
    };
    expect(told(await look(ports, machine))).toEqual([
      'problem: port 80, which Deployment traefik takes, is in use by nginx (process 812)',
    ]);
  });
  it('says that only root can see whose it is', async () => {
    const machine: FakeMachine = {
      files: { ...tcp(line('00000000:0050')).files, '/proc/812/comm': 'nginx\n' },
      denied: ['/proc/812/fd'],
    };
    expect(told(await look(ports, machine))[0]).toContain('only root can see');
  });
  it('knows one address from another, and IPv6', async () => {
    const files = { '/proc/net/tcp': line('0A00000A:0050') };
    expect(await look(ports, { files })).toMatchObject([{ status: 'ok' }]);
    const six = { ...files, '/proc/net/tcp6': line('00000000000000000000000000000000:0050') };
    expect(await look(ports, { files: six })).toMatchObject([{ status: 'problem' }]);
  });
  it('lets k0s have its own, and nobody else', async () => {
    const machine = (program: string): FakeMachine => ({
      files: { ...tcp(line('00000000:192B')).files, '/proc/9/comm': `${program}\n` },
      links: { '/proc/9/fd/3': 'socket:[4711]' },
      directories: ['/run/k0s'],
    });
    expect(await look(ports, machine('kube-apiserver'))).toMatchObject([{ status: 'ok' }]);
    expect(await look(ports, machine('haproxy'))).toMatchObject([{ status: 'problem' }]);
    const unseen: FakeMachine = { ...machine('kube-apiserver'), links: {}, denied: ['/proc/9/fd'] };
    expect(await look(ports, unseen)).toMatchObject([{ status: 'unknown' }]);
  });
  it('asks for etcd’s only where there are several nodes', async () => {
    const machine = tcp(line('00000000:094C'));
    expect(await look(ports, machine)).toMatchObject([{ status: 'ok' }]);
    expect(told(await look(ports, machine, threeNodes))[0]).toContain('port 2380, which etcd (peers) takes');
  });
  it('does not know without /proc/net/tcp', async () => {
    expect(await look(ports, {})).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('swap', () => {
  const head = 'Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';
  it.each([
    ['none', head, 'ok'],
    ['some', `${head}/dev/vda2 partition 2097148 0 -2\n`, 'warning'],
  ])('%s', async (_, text, status) => {
    expect(await look(swap, { files: { '/proc/swaps': text } })).toMatchObject([{ status }]);
  });
});

describe('clock', () => {
  const asked = 'timedatectl show --property=NTPSynchronized --value';
  it.each([
    ['yes\n', oneNode, 'ok'],
    ['no\n', oneNode, 'warning'],
    ['no\n', threeNodes, 'problem'],
    [1, oneNode, 'unknown'],
  ])('%j', async (said, target, status) => {
    expect(await look(clock, { programs: { [asked]: said } }, target)).toMatchObject([{ status }]);
  });
  it('asks chrony where systemd does not know of it', async () => {
    const chrony = (said: string) => ({ programs: { [asked]: 'no\n', 'chronyc -c tracking': said } });
    expect(await look(clock, chrony('A29FC801,162.159.200.1,3,1.2,Normal\n'))).toMatchObject([
      { status: 'ok' },
    ]);
    expect(await look(clock, chrony('7F7F0101,,0,0.0,Not synchronised\n'))).toMatchObject([
      { status: 'warning' },
    ]);
  });
  it('does not know where nobody can be asked', async () => {
    expect(await look(clock, {})).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('firewall', () => {
  const asked = (firewalld: string, ufw: string): FakeMachine => ({
    programs: { 'systemctl is-active firewalld': firewalld, 'systemctl is-active ufw': ufw },
  });
  it.each([
    ['none', asked('inactive\n', 'inactive\n'), ['ok']],
    ['firewalld', asked('active\n', 'inactive\n'), ['warning']],
    ['ufw', asked('inactive\n', 'active\n'), ['warning']],
    [
      'ufw, switched off',
      { ...asked('inactive\n', 'active\n'), files: { '/etc/ufw/ufw.conf': 'ENABLED=no\n' } },
      ['ok'],
    ],
    ['no systemd', {}, ['unknown']],
  ])('%s', async (_, machine, statuses) => {
    expect((await look(firewall, machine)).map(({ status }) => status)).toEqual(statuses);
  });
});

describe('machine-id', () => {
  it.each([
    ['0123456789abcdef0123456789abcdef\n', threeNodes, 'ok'],
    ['uninitialized\n', threeNodes, 'problem'],
    [undefined, threeNodes, 'problem'],
    [undefined, oneNode, 'ok'],
  ])('%j', async (text, target, status) => {
    const files: Record<string, string> = text === undefined ? {} : { '/etc/machine-id': text };
    expect(await look(machineId, { files }, target)).toMatchObject([{ status }]);
  });
});

describe('tools', () => {
  const good = {
    'git --version': 'git version 2.47.3\n',
    'k0s version': 'v1.36.3+k0s.2\n',
    'kubectl version --client --output=json': '{"clientVersion": {"gitVersion": "v1.36.3"}}',
    'flux --version': 'flux version 2.9.5\n',
  };
  it('is content with the versions of versions.yaml', async () => {
    const results = await look(tools, { programs: good });
    expect(results.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
  it.each([
    ['k0s of another build', { 'k0s version': 'v1.36.1+k0s.0\n' }, 'warning'],
    ['k0s of another minor version', { 'k0s version': 'v1.35.7+k0s.0\n' }, 'problem'],
    ['k0s that fails', { 'k0s version': 1 }, 'unknown'],
    ['an old kubectl', { 'kubectl version --client --output=json': '"gitVersion": "v1.32.4"' }, 'warning'],
    ['another Flux', { 'flux --version': 'flux version 2.8.1\n' }, 'warning'],
  ])('%s', async (_, change, status) => {
    const results = await look(tools, { programs: { ...good, ...change } });
    expect(results.filter((result) => result.status !== 'ok')).toMatchObject([{ status }]);
  });
  it('needs k0s only where no cluster is named, and no k0sctl brings it', async () => {
    const { 'k0s version': _, ...programs } = good;
    const notGood = async (machine: FakeMachine, target = oneNode) =>
      told((await look(tools, { ...machine, programs }, target)).filter(({ status }) => status !== 'ok'));
    expect(await notGood({})).toEqual(['problem: k0s is not on PATH']);
    expect(await notGood({ namesCluster: true })).toEqual([]);
    expect(await notGood({}, threeNodes)).toEqual([]);
  });
  it('refuses an old Node.js', async () => {
    expect((await look(tools, { node: '20.18.3', programs: good }))[0]).toMatchObject({ status: 'problem' });
    expect((await look(tools, { node: '24.1.0', programs: good }))[0]).toMatchObject({ status: 'ok' });
  });
});

describe('cluster', () => {
  const answering = (objects: Readonly<Record<string, unknown>>, version = 'v1.36.3'): FakeMachine => {
    const kubectl: Kubectl = {
      shown: 'kubectl',
      connection: [],
      context: 'k0s',
      server: 'https://10.0.0.1:6443',
      version,
      async run([, resource = '']) {
        const found = objects[resource];
        return found instanceof Error
          ? { code: 1, stdout: '', stderr: found.message }
          : { code: 0, stdout: found === undefined ? '' : JSON.stringify(found), stderr: '' };
      },
    };
    return { connect: async (): Promise<Connected> => ({ ok: true, kubectl }) };
  };
  const namespace = (label?: string) => ({
    namespace: { metadata: { labels: label === undefined ? {} : { 'infometis.io/environment': label } } },
  });
  const statuses = async (machine: FakeMachine) => (await look(cluster, machine)).map(({ status }) => status);

  it('is content with an empty cluster, and with its own', async () => {
    expect(await statuses(answering({}))).toEqual(['ok', 'ok']);
    expect(await statuses(answering(namespace('prototype')))).toEqual(['ok', 'ok']);
  });
  it('refuses the cluster of another environment', async () => {
    const [, result] = await look(cluster, answering(namespace('small-production')));
    expect(result).toMatchObject({ status: 'problem' });
    expect(result?.detail).toContain('`small-production`, not `prototype`');
  });
  it('refuses a cluster in which Flux deploys something else', async () => {
    const root = { 'kustomizations.kustomize.toolkit.fluxcd.io': { spec: { path: './clusters/other' } } };
    expect(await statuses(answering({ ...namespace(), ...root }))).toEqual(['ok', 'problem']);
  });
  it('warns of another Kubernetes', async () => {
    expect(await statuses(answering({}, 'v1.34.1+k0s.0'))).toEqual(['warning', 'ok']);
  });
  it('does not know what it may not read', async () => {
    expect(await statuses(answering({ namespace: new Error('error: forbidden') }))).toEqual([
      'ok',
      'unknown',
    ]);
  });
  it('is unknown where nobody named a cluster, a problem where the named one is away', async () => {
    expect(await statuses({})).toEqual(['unknown']);
    expect(await statuses({ namesCluster: true })).toEqual(['problem']);
  });
});
