import { type Check, ok, problem, unknown } from '../check.ts';
import { parseMounts } from '../proc.ts';

const needed = ['cpu', 'cpuset', 'memory', 'pids'];

export const cgroup: Check = {
  id: 'cgroup',
  title: 'cgroup v2',
  why: 'The kubelet of Kubernetes 1.35 and newer does not start on cgroup v1, and k0s refuses the machine before that.',
  run({ platform, read }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const mounts = read('/proc/mounts');
    if (!mounts.ok) return [unknown(`/proc/mounts: ${mounts.message}`)];
    const type = parseMounts(mounts.value).findLast(({ path }) => path === '/sys/fs/cgroup')?.type;
    if (type !== 'cgroup2')
      return [
        problem(
          type === undefined
            ? 'nothing is mounted at /sys/fs/cgroup'
            : `/sys/fs/cgroup is ${type}, not cgroup2: the machine runs cgroup v1, or both side by side`,
          'Start the kernel with systemd.unified_cgroup_hierarchy=1:\n' +
            `sudo sed -i 's/^GRUB_CMDLINE_LINUX="/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub\n` +
            'sudo update-grub && sudo reboot\n' +
            '(without update-grub: sudo grub2-mkconfig -o /boot/grub2/grub.cfg)',
        ),
      ];
    const controllers = read('/sys/fs/cgroup/cgroup.controllers');
    if (!controllers.ok) return [unknown(`/sys/fs/cgroup/cgroup.controllers: ${controllers.message}`)];
    const there = controllers.value.trim().split(/\s+/);
    const missing = needed.filter((name) => !there.includes(name));
    return [
      missing.length === 0
        ? ok(`cgroup v2 with ${needed.join(', ')}`)
        : problem(
            `cgroup v2 lacks ${missing.join(', ')}`,
            missing.includes('memory')
              ? 'Start the kernel with `cgroup_enable=memory` (Raspberry Pi: in cmdline.txt), and not with `cgroup_disable=…`.'
              : 'Start the kernel without `cgroup_disable=…`; a container or LXC guest must be given them by its host.',
          ),
    ];
  },
};
