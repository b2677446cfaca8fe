import { type Check, ok, problem, unknown, warning } from '../check.ts';
import { isBelow, majorMinor } from '../proc.ts';

export const kernel: Check = {
  id: 'kernel',
  title: 'Kernel version',
  why: 'Kubernetes asks for Linux 5.8 or newer: older ones lack parts of cgroup v2, by which pods get their share.',
  run({ platform, release }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const version = majorMinor(release);
    if (!version) return [unknown(`the kernel calls itself ${release}`)];
    if (!isBelow(version, 5, 8)) return [ok(`Linux ${release}`)];
    const fix = 'Upgrade to a distribution of today: Debian 12, Ubuntu 22.04, RHEL 9 or newer.';
    return [
      isBelow(version, 4, 15)
        ? problem(`Linux ${release} has no usable cgroup v2`, fix)
        : warning(
            `Linux ${release} is older than 5.8, unless its distributor has brought back what is needed`,
            fix,
          ),
    ];
  },
};
