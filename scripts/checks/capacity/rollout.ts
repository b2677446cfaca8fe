import { describe } from '../../finding.ts';
import { exceeds } from '../../kubernetes/pod-requests.ts';
import { sumDemand } from '../../kubernetes/workload-demand.ts';
import type { Rule } from '../rule.ts';
import { factOf, type NodeResource } from './declared-nodes.ts';
import { type CapacitySubject, ofDemand, ofPod, printed, unseen } from './subject.ts';

export const rollout: Rule<CapacitySubject> = {
  id: 'capacity/rollout',
  severity: 'error',
  title:
    'Beside all pods that run there is room for a pod that has to start before another goes, and for that of a Job',
  why: 'A Deployment with maxUnavailable 0 starts the new pod first. Where it finds no room, the rollout stands still for ever; the pod of a Job or CronJob waits likewise, and with it what waits for the Job.',
  fix: 'Let the Deployment take a pod away first (`maxUnavailable: 1`, `maxSurge: 0`), lower requests, or add nodes and say so in the facts of the environment.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment',
  scope: 'infometis',
  *check(subject) {
    const { nodes: declared, workloads } = subject;
    if (!declared) return;
    const demand = sumDemand(workloads);
    for (const [resource, { amount, text, at }] of declared.each) {
      const free = declared.count * amount - ofDemand(demand, resource);
      // Less than nothing is told by capacity/nodes.
      if (exceeds(0, free)) continue;
      const [largest, ...others] = workloads
        .filter((workload) => workload.passing > 0 && exceeds(ofPod(workload, resource), free))
        .sort((a, b) => ofPod(b, resource) - ofPod(a, resource));
      if (!largest) continue;
      const isJob = largest.object.kind.endsWith('Job');
      yield {
        message: `when all pods run, ${left(resource, free)} left, and ${isJob ? 'the pod' : 'a new pod'} of ${describe(largest.object)} asks for ${resource === 'pods' ? 'a place' : printed(resource, ofPod(largest, resource))}${isJob ? '' : ' before an old one goes'}: it stays Pending${others.length === 0 ? '' : `, and so do those of ${others.length} more`}${unseen(subject)}`,
        fix: `${isJob ? 'Lower requests' : `Write \`maxSurge: 0\` and \`maxUnavailable: 1\` in its strategy, lower requests`}, or raise ${factOf[resource]} (${text}) or nodeCount (${declared.count}) to what the nodes really have.`,
        at,
      };
    }
  },
};

const left = (resource: NodeResource, free: number): string =>
  free > 1e-6
    ? `${printed(resource, free)} ${resource === 'pods' ? 'are' : 'is'}`
    : `no ${resource === 'pods' ? 'place for a pod' : resource} is`;
