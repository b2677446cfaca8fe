import { describe } from '../../finding.ts';
import { type PodResource, printAmount, requestPath } from '../../kubernetes/pod-requests.ts';
import { type Demand, demandOf, type WorkloadDemand } from '../../kubernetes/workload-demand.ts';
import type { Environment, Repository } from '../../render/environment.ts';
import { isKind, locate } from '../../render/object.ts';
import { indexEnvironment, type ReferenceSubject } from '../reference/index-objects.ts';
import { type DeclaredNodes, declaredNodes, type NodeResource } from './declared-nodes.ts';

/** What the pods of one environment ask for, and what its nodes have. */
export interface CapacitySubject {
  readonly environment: Environment;
  readonly index: ReferenceSubject;
  /** Undefined where nothing says what the nodes have. */
  readonly nodes: DeclaredNodes | undefined;
  readonly workloads: readonly WorkloadDemand[];
}

export function capacitySubject(repository: Repository, environment: Environment): CapacitySubject {
  const nodes = declaredNodes(repository.sources, environment.name);
  return {
    environment,
    index: indexEnvironment(repository, environment),
    nodes,
    workloads: demandOf(environment.objects, nodes?.count ?? 0),
  };
}

/** `memory`, `CPU`: as sentences have them. */
export const resourceWord: Readonly<Record<NodeResource, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  'ephemeral-storage': 'ephemeral storage',
  pods: 'pods',
};

/** `63.1Gi of memory`, `12 CPU`, `1 pod`. */
export const printed = (resource: NodeResource, amount: number): string => {
  const text = printAmount(resource, amount);
  if (resource === 'pods') return `${text} pod${amount === 1 ? '' : 's'}`;
  return `${text} ${resource === 'cpu' ? '' : 'of '}${resourceWord[resource]}`;
};

/** `the pods ask for 63.1Gi of memory`, `there are 120 pods`. */
export const printAmounts = (resource: NodeResource, amount: number): string =>
  resource === 'pods' ? `there are ${amount} pods` : `the pods ask for ${printed(resource, amount)}`;

/** `3 nodes have 96Gi`, `one node takes 110`. */
export const printNodes = (count: number, resource: NodeResource, amount: number): string => {
  const verb = resource === 'pods' ? 'take' : 'have';
  const have = count === 1 ? `one node ${verb === 'take' ? 'takes' : 'has'}` : `${count} nodes ${verb}`;
  return `${have} ${printAmount(resource, amount)}`;
};

/** What one pod of a workload takes of a node. */
export const ofPod = ({ requests }: WorkloadDemand, resource: NodeResource): number =>
  resource === 'pods' ? 1 : requests[resource];

export const ofDemand = (demand: Demand, resource: NodeResource): number => demand[resource];

/**
 * The workloads that ask for the most, each with the line to change:
 * `StatefulSet infometis/kafka (3 × 4Gi, base/kafka/statefulset.yaml:80)`.
 */
export function biggest(
  workloads: readonly WorkloadDemand[],
  resource: NodeResource,
  countOf: (workload: WorkloadDemand) => number = ({ copies }) => copies,
): string {
  return workloads
    .map((workload) => ({ workload, count: countOf(workload), each: ofPod(workload, resource) }))
    .filter(({ count, each }) => count * each > 0)
    .sort((a, b) => b.count * b.each - a.count * a.each)
    .slice(0, 3)
    .map(({ workload, count, each }) => {
      const { object } = workload;
      if (resource === 'pods') return `${describe(object)} (${count})`;
      const { file, line } = requestOrigin(workload, resource);
      return `${describe(object)} (${count === 1 ? '' : `${count} × `}${printAmount(resource, each)}, ${file}:${line})`;
    })
    .join(', ');
}

/** Where the largest request of a workload's pod is written. */
export const requestOrigin = ({ object, template }: WorkloadDemand, resource: PodResource) =>
  locate(object, requestPath(template, resource));

/** What is not in the sums, for a message; empty where everything is. */
export function unseen({ environment }: CapacitySubject): string {
  const releases = environment.objects.filter((object) =>
    isKind(object, 'helm.toolkit.fluxcd.io', 'HelmRelease'),
  ).length;
  return releases === 0
    ? ''
    : `; the pods of ${releases === 1 ? 'a Helm release' : `${releases} Helm releases`} come on top`;
}
