import { describe } from '../../finding.ts';
import { exceeds } from '../../kubernetes/pod-requests.ts';
import type { WorkloadDemand } from '../../kubernetes/workload-demand.ts';
import type { Report, Rule } from '../rule.ts';
import { type DeclaredNodes, factOf, type NodeResource } from './declared-nodes.ts';
import { type CapacitySubject, ofPod, printed, requestOrigin } from './subject.ts';

export const largePod: Rule<CapacitySubject> = {
  id: 'capacity/large-pod',
  severity: 'error',
  title: 'A single node can hold each pod, beside the pods that every node has',
  why: 'A pod runs on one node, however much is free on all of them together. One that asks for more than a node has, or leaves for it, is never scheduled.',
  fix: 'Lower the request, or declare larger nodes where there are some.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-requests-are-scheduled',
  scope: 'infometis',
  *check({ nodes, workloads }) {
    if (!nodes) return;
    for (const workload of workloads)
      if (workload.copies > 0 || workload.passing > 0) yield* checkWorkload(workload, nodes, workloads);
  },
};

function* checkWorkload(
  workload: WorkloadDemand,
  nodes: DeclaredNodes,
  workloads: readonly WorkloadDemand[],
): Generator<Report> {
  for (const [resource, { amount, text }] of nodes.each) {
    if (resource === 'pods') continue;
    const asked = ofPod(workload, resource);
    const taken = onEachNode(workloads, resource);
    if (exceeds(asked, amount))
      yield {
        message: `${describe(workload.object)}: a pod asks for ${printed(resource, asked)}, and a node has ${text}: it is never scheduled`,
        fix: `Ask for less than a node has, or raise the fact ${factOf[resource]} to what the nodes really have.`,
        at: requestOrigin(workload, resource),
        object: workload.object,
      };
    // Where what every node has is already too much, so is the sum of all: capacity/nodes tells that.
    else if (workload.onEachNode === 0 && exceeds(asked + taken, amount) && !exceeds(taken, amount))
      yield {
        message: `${describe(workload.object)}: a pod asks for ${printed(resource, asked)}, and of the ${text} of a node ${printed(resource, taken)} go to pods that every node has: it is never scheduled`,
        at: requestOrigin(workload, resource),
        object: workload.object,
      };
  }
}

/** What the pods ask for that every node has: those of DaemonSets, and of what is spread over all nodes. */
const onEachNode = (workloads: readonly WorkloadDemand[], resource: NodeResource): number =>
  workloads.reduce((sum, workload) => sum + workload.onEachNode * ofPod(workload, resource), 0);
