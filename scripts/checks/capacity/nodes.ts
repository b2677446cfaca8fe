import { exceeds } from '../../kubernetes/pod-requests.ts';
import { sumDemand } from '../../kubernetes/workload-demand.ts';
import type { Rule } from '../rule.ts';
import { factOf } from './declared-nodes.ts';
import { biggest, type CapacitySubject, ofDemand, printAmounts, printNodes, unseen } from './subject.ts';

export const nodes: Rule<CapacitySubject> = {
  id: 'capacity/nodes',
  severity: 'error',
  title: 'The declared nodes have what all pods of the environment ask for',
  why: 'The scheduler places a pod only where its requests are still free. What finds no room stays Pending, and which pods those are is chance: the store that a rollout touched last, say.',
  fix: 'Lower the requests of those that ask for the most, run fewer of them, or add nodes and say so in the facts of the environment. Leave room for the pods of Flux, kube-system and Helm releases, which are not counted.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-requests-are-scheduled',
  scope: 'infometis',
  *check(subject) {
    const { nodes: declared, workloads } = subject;
    if (!declared) return;
    const demand = sumDemand(workloads);
    for (const [resource, { amount, text, at }] of declared.each) {
      const asked = ofDemand(demand, resource);
      const available = declared.count * amount;
      if (!exceeds(asked, available)) continue;
      yield {
        message: `${printAmounts(resource, asked)}, and ${printNodes(declared.count, resource, available)}: some pods stay Pending. The most: ${biggest(workloads, resource)}${unseen(subject)}`,
        fix: `Lower what they ask for or how many they are, or raise ${factOf[resource]} (${text}) or nodeCount (${declared.count}) to what the nodes really have.`,
        at,
      };
    }
  },
};
