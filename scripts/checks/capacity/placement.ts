import { describe } from '../../finding.ts';
import { containersOf } from '../../kubernetes/pod-template.ts';
import type { Apart, WorkloadDemand } from '../../kubernetes/workload-demand.ts';
import { locate } from '../../render/object.ts';
import { itemsAt, type Path, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { CapacitySubject } from './subject.ts';

export const placement: Rule<CapacitySubject> = {
  id: 'capacity/placement',
  severity: 'error',
  title: 'There are as many nodes as pods that may not share one, and one more where a new pod comes first',
  why: 'An anti-affinity, a port of the node or a minimum of topology domains lets a node take one pod only. The pods that find no node of their own stay Pending; a Deployment that starts a new pod before it takes an old one away never finishes its rollout.',
  fix: 'Run as many pods as there are nodes at most, and let a Deployment take a pod away first: `maxUnavailable: 1`, `maxSurge: 0`.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity',
  scope: 'infometis',
  *check({ nodes, workloads }) {
    if (!nodes) return;
    for (const workload of workloads)
      if (workload.object.kind !== 'DaemonSet') yield* checkWorkload(workload, nodes.count);
  },
};

function* checkWorkload(workload: WorkloadDemand, nodes: number): Generator<Report> {
  const { object, copies, mostOnNode, apart, passing } = workload;
  if (mostOnNode === undefined || apart === undefined) return;
  const room = mostOnNode * nodes;
  const counted = nodes === 1 ? 'there is one node' : `there are ${nodes} nodes`;
  const report = (message: string, fix: string, path: Path): Report => ({
    message: `${describe(object)}: ${because[apart]}, ${message}`,
    fix,
    at: locate(object, path),
    object,
  });
  if (copies > room)
    yield report(
      `it has ${copies} pods, and ${counted}: ${copies - room} of them stay${copies - room === 1 ? 's' : ''} Pending`,
      apart === 'spread'
        ? 'Ask for as many domains as there are nodes, or leave `minDomains` out.'
        : `Write \`replicas: ${nodes}\`, or add nodes and say so in the fact nodeCount.`,
      apart === 'spread' ? apartPath(workload, apart) : ['spec', 'replicas'],
    );
  // Pods of another revision are no hindrance, and a spread counts only what it finds.
  else if (
    object.kind === 'Deployment' &&
    passing > 0 &&
    copies + 1 > room &&
    (apart === 'host-port' || apart === 'anti-affinity')
  )
    yield report(
      `a new pod has to start before one of its ${copies === 1 ? 'one' : copies} goes, and ${counted}: its rollouts never finish`,
      'Write `maxSurge: 0` and `maxUnavailable: 1` in its strategy.',
      apartPath(workload, apart),
    );
}

const because: Readonly<Record<Apart, string>> = {
  'host-port': 'its pods want the same port of the node',
  'anti-affinity': 'its pods keep away from each other',
  'anti-affinity-of-revision': 'its pods keep away from each other',
  spread: 'its spread wants more nodes than there are',
};

/** What keeps the pods apart. */
function apartPath({ template }: WorkloadDemand, apart: Apart): Path {
  if (apart === 'spread') {
    const index = itemsAt(template.spec, ['topologySpreadConstraints']).findIndex(
      (constraint) => textAt(constraint, ['topologyKey']) === 'kubernetes.io/hostname',
    );
    return [...template.specPath, 'topologySpreadConstraints', index, 'minDomains'];
  }
  if (apart !== 'host-port')
    return [
      ...template.specPath,
      'affinity',
      'podAntiAffinity',
      'requiredDuringSchedulingIgnoredDuringExecution',
    ];
  const withPorts = containersOf(template).find(({ node }) => itemsAt(node, ['ports']).length > 0);
  const port = itemsAt(withPorts?.node, ['ports']).findIndex(
    (one) => one.type === 'map' && one.entries.has('hostPort'),
  );
  return [...(withPorts?.path ?? template.specPath), 'ports', ...(port < 0 ? [] : [port, 'hostPort'])];
}
