import { printAmount } from '../kubernetes/pod-requests.ts';
import { demandOf, sumDemand } from '../kubernetes/workload-demand.ts';
import type { RenderedObject } from '../render/object.ts';

/** CPU in cores, memory in bytes. */
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

/**
 * What the scheduler sets aside for the pods that run all the time; a DaemonSet has one on each node. Jobs come and go and are
 * not counted.
 */
export function sumRequests(objects: readonly RenderedObject[], nodes: number): Requests {
  const { cpu, memory, pods } = sumDemand(demandOf(objects, nodes));
  return { cpu, memory, pods };
}

/** `7.4 CPU and 12.5 GiB of memory in 17 pods`. */
export const describeRequests = ({ cpu, memory, pods }: Requests): string =>
  `${printAmount('cpu', cpu)} CPU and ${Math.round((memory / 2 ** 30) * 100) / 100} GiB of memory in ${pods} pods`;
