/** What a pod sets aside on its node. Mirrors `PodRequests` and `PodLimits` of k8s.io/component-helpers/resource. */

import { at, type Node, type Path, textAt } from '../yaml/node.ts';
import { type Container, containersOf, type PodTemplate } from './pod-template.ts';
import { parseQuantity } from './quantity.ts';

export const podResources = ['cpu', 'memory', 'ephemeral-storage'] as const;
export type PodResource = (typeof podResources)[number];

/** CPU in cores, memory and storage in bytes. */
export type PodAmounts = Readonly<Record<PodResource, number>>;

export const nothing: PodAmounts = { cpu: 0, memory: 0, 'ephemeral-storage': 0 };

/** Whether one amount is more than another, but for what floating point loses of `3 × 100m`. */
export const exceeds = (asked: number, available: number): boolean => asked - available > 1e-6;

/** What admission writes into containers that say nothing: the defaults of a namespace's LimitRanges. */
export interface ContainerDefaults {
  readonly requests: Partial<PodAmounts>;
  readonly limits: Partial<PodAmounts>;
}

export type Bound = 'requests' | 'limits';

/**
 * A bound of a container; undefined where it has none. A limit without a request is the request, before any default of the
 * namespace is.
 */
export function boundOf(
  container: Node,
  bound: Bound,
  resource: PodResource,
  defaults?: ContainerDefaults,
): number | undefined {
  const limit = amountAt(container, ['resources', 'limits', resource]);
  if (bound === 'limits') return limit ?? defaults?.limits[resource];
  return amountAt(container, ['resources', 'requests', resource]) ?? limit ?? defaults?.requests[resource];
}

/**
 * The requests, or the limits, of a pod: its containers run together; each init container runs alone, beside the sidecars
 * started before it. What the pod states for itself counts instead, and its runtime's overhead is added.
 *
 * @param overhead what the pod's RuntimeClass adds
 */
export function podAmounts(
  template: PodTemplate,
  bound: Bound,
  { defaults, overhead = nothing }: { defaults?: ContainerDefaults; overhead?: PodAmounts } = {},
): PodAmounts {
  const containers = containersOf(template);
  const total = (resource: PodResource): number => {
    let sidecars = 0;
    let starting = 0;
    let running = 0;
    for (const container of containers) {
      const amount = boundOf(container.node, bound, resource, defaults) ?? 0;
      if (container.list === 'containers') running += amount;
      else if (isSidecar(container)) sidecars += amount;
      else if (container.list === 'initContainers') starting = Math.max(starting, sidecars + amount);
    }
    const inside = Math.max(starting, sidecars + running);
    return (ownAmount(template.spec, bound, resource, inside) ?? inside) + overhead[resource];
  };
  return { cpu: total('cpu'), memory: total('memory'), 'ephemeral-storage': total('ephemeral-storage') };
}

const isSidecar = ({ list, node }: Container): boolean =>
  list === 'initContainers' && textAt(node, ['restartPolicy']) === 'Always';

/** What a pod states for all of its containers: CPU and memory alone can be. */
function ownAmount(spec: Node, bound: Bound, resource: PodResource, inside: number): number | undefined {
  if (resource === 'ephemeral-storage') return undefined;
  const stated = amountAt(spec, ['resources', bound, resource]);
  if (stated !== undefined || bound === 'limits') return stated;
  // A limit of the pod is its request where no container has one.
  return inside === 0 ? amountAt(spec, ['resources', 'limits', resource]) : undefined;
}

/**
 * Where somebody would change what a pod asks for of a resource: the largest request of its containers, or the pod's own.
 * Without any, the template.
 */
export function requestPath(template: PodTemplate, resource: PodResource): Path {
  const bounds: readonly Bound[] = ['requests', 'limits'];
  const own = bounds.find((bound) => at(template.spec, ['resources', bound, resource]) !== undefined);
  if (own !== undefined) return [...template.specPath, 'resources', own, resource];
  const [largest] = [...containersOf(template)]
    .map((container) => ({ container, amount: boundOf(container.node, 'requests', resource) ?? 0 }))
    .sort((a, b) => b.amount - a.amount);
  if (!largest || largest.amount === 0) return template.specPath;
  const { node, path } = largest.container;
  const bound = bounds.find((one) => at(node, ['resources', one, resource]) !== undefined) ?? 'requests';
  return [...path, 'resources', bound, resource];
}

/** The quantity at a path in its base unit; undefined where there is none. */
export function amountAt(node: Node | undefined, path: Path): number | undefined {
  const found = at(node, path);
  if (found?.type !== 'scalar' || found.value === null || typeof found.value === 'boolean') return undefined;
  return parseQuantity(found.value);
}

/** The amounts of a mapping such as `limits`; only those that it has. */
export const amountsAt = (node: Node | undefined, path: Path): Partial<PodAmounts> =>
  Object.fromEntries(
    podResources.flatMap((resource) => {
      const amount = amountAt(node, [...path, resource]);
      return amount === undefined ? [] : [[resource, amount]];
    }),
  );

/** `63.1Gi`, `256Mi`, `7.25`: as people write quantities, with two digits behind the point at most. */
export function printAmount(resource: PodResource | 'pods', amount: number): string {
  const round = (value: number): string => String(Math.round(value * 100) / 100);
  if (resource === 'cpu' || resource === 'pods') return round(amount);
  return amount >= 2 ** 30 || amount === 0 ? `${round(amount / 2 ** 30)}Gi` : `${round(amount / 2 ** 20)}Mi`;
}
