import { exceeds } from '../../kubernetes/pod-requests.ts';
import { sumDemand, type WorkloadDemand } from '../../kubernetes/workload-demand.ts';
import type { Rule } from '../rule.ts';
import { factOf, type NodeResource } from './declared-nodes.ts';
import { biggest, type CapacitySubject, ofDemand, printed, printNodes, unseen } from './subject.ts';

const remaining = ({ oneNodeDown, copies }: WorkloadDemand): number => oneNodeDown ?? copies;

export const nodeLoss: Rule<CapacitySubject> = {
  id: 'capacity/node-loss',
  severity: 'error',
  title: 'With one node down the others have what still has to run',
  why: 'Pods of a lost or drained node move to the others, except those that wait for it: a DaemonSet has no pod for them there, their volume lies on it, or they may not share a node. Where the others have no room, what moves stays Pending, and the loss of one node takes down more than that node.',
  fix: 'Lower the requests of those that ask for the most, run fewer of them, or add nodes and say so in the facts of the environment.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  scope: 'infometis',
  *check(subject) {
    const { nodes: declared, workloads } = subject;
    if (!declared || declared.count < 2) return;
    const all = sumDemand(workloads);
    const left = sumDemand(workloads, remaining);
    for (const [resource, { amount, text, at }] of declared.each) {
      const asked = ofDemand(left, resource);
      const available = (declared.count - 1) * amount;
      // What does not fit on all nodes is told by capacity/nodes.
      if (!exceeds(asked, available) || exceeds(ofDemand(all, resource), declared.count * amount)) continue;
      yield {
        message: `with one of ${declared.count} nodes down, ${stillRuns(resource, asked)}, and ${printNodes(declared.count - 1, resource, available)}. The most: ${biggest(workloads, resource, remaining)}${unseen(subject)}`,
        fix: `Lower what they ask for or how many they are, or raise ${factOf[resource]} (${text}) or nodeCount (${declared.count}) to what the nodes really have.`,
        at,
      };
    }
  },
};

const stillRuns = (resource: NodeResource, amount: number): string =>
  resource === 'pods'
    ? `${amount} pods still have to run`
    : `what still has to run asks for ${printed(resource, amount)}`;
