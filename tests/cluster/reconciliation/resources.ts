import { sumDemand, demandOf as workloadsOf } from '../../../scripts/kubernetes/workload-demand.ts';
import type { RenderedObject } from '../../../scripts/render/object.ts';
import { quantity } from './workloads.ts';

/** CPU in cores, memory in bytes. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly pods: number;
}

export interface Demand {
  /** All nodes are up. */
  readonly all: Amounts;
  /**
   * What has to run when one node is gone: not its pod of each DaemonSet, nor what waits for its return.
   */
  readonly oneNodeDown: Amounts;
}

/** What the pods that run all the time ask for, and may use, as the gate counts it. Jobs come and go. */
export function demandOf(objects: readonly RenderedObject[], nodes: number): Demand {
  const workloads = workloadsOf(objects, nodes);
  const amounts = (countOf: Parameters<typeof sumDemand>[1]): Amounts => {
    const { cpu, memory, pods } = sumDemand(workloads, countOf);
    return { cpu, memory, pods, memoryLimit: sumDemand(workloads, countOf, 'limits').memory };
  };
  return {
    all: amounts(({ copies }) => copies),
    oneNodeDown: amounts(({ oneNodeDown, copies }) => oneNodeDown ?? copies),
  };
}

/** The demand beside what the nodes have, as lines of text. */
export function resourceTable(
  { all, oneNodeDown }: Demand,
  node: { readonly cpu: string; readonly memory: string; readonly pods?: string },
  nodes: number,
): string {
  const row = (
    title: string,
    cpu: number,
    memory: number,
    memoryLimit: number | undefined,
    pods: number,
  ): string =>
    [
      title.padEnd(34),
      cpu.toFixed(2).padStart(8),
      gibibytes(memory).padStart(12),
      (memoryLimit === undefined ? '' : gibibytes(memoryLimit)).padStart(12),
      String(pods).padStart(6),
    ].join('');
  const have = (count: number): string =>
    row(
      `  ${count} nodes have`,
      count * quantity(node.cpu),
      count * quantity(node.memory),
      undefined,
      count * quantity(node.pods ?? '0'),
    );
  const asks = (title: string, { cpu, memory, memoryLimit, pods }: Amounts): string =>
    row(title, cpu, memory, memoryLimit, pods);
  return [
    `${''.padEnd(34)}     CPU      memory       limit  pods`,
    asks('all up: asked for', all),
    have(nodes),
    asks('one down: what must run asks for', oneNodeDown),
    have(nodes - 1),
  ].join('\n');
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
