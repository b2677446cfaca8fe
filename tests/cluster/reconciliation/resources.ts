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
   * What has to run when one node is gone: everything but its pod of each DaemonSet, and its pod of each store that has one
   * with a volume on every node. Where others have their volumes is not known beforehand, so they all count.
   */
  readonly oneNodeDown: Amounts;
}

interface Container {
  readonly restartPolicy?: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string | number>>;
    readonly limits?: Readonly<Record<string, string | number>>;
  };
}

interface Spec {
  readonly replicas?: number;
  readonly volumeClaimTemplates?: readonly unknown[];
  readonly template: {
    readonly spec: {
      readonly containers: readonly Container[];
      readonly initContainers?: readonly Container[];
    };
  };
}

/** What the pods that run all the time ask for, and may use. Jobs come and go. */
export function demandOf(objects: readonly RenderedObject[], nodes: number): Demand {
  const workloads = objects
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))
    .map(({ kind, value }) => {
      const spec = value['spec'] as unknown as Spec;
      const copies = kind === 'DaemonSet' ? nodes : (spec.replicas ?? 1);
      const pinned = kind === 'DaemonSet' || (spec.volumeClaimTemplates ?? []).length > 0;
      return { pod: podAmounts(spec), copies, left: pinned && copies === nodes ? copies - 1 : copies };
    });
  const sum = (copiesOf: (workload: (typeof workloads)[number]) => number): Amounts =>
    workloads.reduce(
      (total, workload) => {
        const copies = copiesOf(workload);
        return {
          cpu: total.cpu + copies * workload.pod.cpu,
          memory: total.memory + copies * workload.pod.memory,
          memoryLimit: total.memoryLimit + copies * workload.pod.memoryLimit,
          pods: total.pods + copies,
        };
      },
      { cpu: 0, memory: 0, memoryLimit: 0, pods: 0 },
    );
  return { all: sum(({ copies }) => copies), oneNodeDown: sum(({ left }) => left) };
}

// Containers run together; each init container runs alone, beside the sidecars among them.
function podAmounts({ template }: Spec): Omit<Amounts, 'pods'> {
  const { containers, initContainers = [] } = template.spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const starting = initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const total = (amount: (container: Container) => number): number => {
    const add = (list: readonly Container[]): number => list.reduce((sum, one) => sum + amount(one), 0);
    return Math.max(add([...containers, ...sidecars]), add(sidecars) + Math.max(0, ...starting.map(amount)));
  };
  const requested =
    (resource: string) =>
    ({ resources }: Container): number =>
      quantity(String(resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? 0));
  return {
    cpu: total(requested('cpu')),
    memory: total(requested('memory')),
    memoryLimit: total(({ resources }) => quantity(String(resources?.limits?.['memory'] ?? 0))),
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
