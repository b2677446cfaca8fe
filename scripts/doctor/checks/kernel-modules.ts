import { type Check, ok, problem, type Result, unknown } from '../check.ts';
import type { Machine } from '../machine.ts';

/** What k0s loads by itself when it starts, and by what each is seen when it is compiled in. */
const modules: readonly { readonly name: string; readonly seen: string; readonly use: string }[] = [
  { name: 'overlay', seen: '', use: 'containers have no file system' },
  {
    name: 'br_netfilter',
    seen: '/proc/sys/net/bridge',
    use: 'Services and network policies do not see pods of one node',
  },
  { name: 'nf_conntrack', seen: '/proc/net/nf_conntrack', use: 'Services do not work' },
];

export const kernelModules: Check = {
  id: 'kernel-modules',
  title: 'Kernel modules',
  why: 'k0s loads them when it starts, if the kernel has them; without them pods do not start, or reach nobody.',
  run(machine) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const results = modules.map((module) => look(machine, module));
    const good = results.filter(({ status }) => status === 'ok');
    return good.length === results.length
      ? [ok(good.map(({ detail }) => detail).join(', '))]
      : results.filter(({ status }) => status !== 'ok');
  },
};

function look(machine: Machine, { name, seen, use }: (typeof modules)[number]): Result {
  if (machine.list(`/sys/module/${name}`).ok || (seen !== '' && exists(machine, seen)))
    return ok(`${name} is there`);
  if (name === 'overlay') {
    const filesystems = machine.read('/proc/filesystems');
    if (filesystems.ok && /^nodev\toverlay$/m.test(filesystems.value)) return ok('overlay is there');
  }
  const directory = `/lib/modules/${machine.release}`;
  const files = ['modules.builtin', 'modules.dep'].map((file) => machine.read(`${directory}/${file}`));
  // In these lists the file may have either character where the name has _.
  const pattern = new RegExp(`/${name.replaceAll('_', '[-_]')}\\.ko`, 'm');
  if (files.some((file) => file.ok && pattern.test(file.value))) return ok(`${name} can be loaded`);
  const unreadable = files.find((file) => !file.ok && file.reason !== 'missing');
  if (unreadable && !unreadable.ok) return unknown(`${name}: ${unreadable.message}`);
  return problem(
    `${name} is not loaded, not compiled in, and not in ${directory}: ${use}`,
    `Install the modules of this kernel (Debian, Ubuntu: the package linux-modules-extra-${machine.release} or linux-image-${machine.release}), or take another kernel; then \`sudo modprobe ${name}\`.`,
  );
}

const exists = (machine: Machine, path: string): boolean => machine.list(path).ok || machine.read(path).ok;
