import { type Check, ok, unknown, warning } from '../check.ts';
import { gibibytes } from '../proc.ts';

export const swap: Check = {
  id: 'swap',
  title: 'Swap',
  why: 'Kubernetes keeps pods out of swap, but not etcd, the API server and the kubelet: when they are swapped out, the node seems dead.',
  run({ platform, read }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const swaps = read('/proc/swaps');
    if (!swaps.ok) return [unknown(`/proc/swaps: ${swaps.message}`)];
    const areas = swaps.value
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/));
    if (areas.length === 0) return [ok('none')];
    const bytes = areas.reduce((sum, [, , kibibytes]) => sum + Number(kibibytes) * 1024, 0);
    return [
      warning(
        `${gibibytes(bytes)} in ${areas.map(([name]) => name).join(', ')}`,
        'sudo swapoff --all\nand take the line with `swap` out of /etc/fstab.',
      ),
    ];
  },
};
