import type { Fault } from './fault.ts';
import { edit, replace } from './overlay-files.ts';

const facts = 'overlays/prototype/environment/environment.yaml';

/** More asked for than the one node of the prototype has; production.ts has those of several nodes. */
export const capacityFaults: readonly Fault[] = [
  {
    name: 'a node with less memory than the pods ask for',
    edits: [replace(facts, 'nodeMemory: 16Gi', 'nodeMemory: 12Gi')],
    rule: 'capacity/nodes',
    file: facts,
    find: 'nodeMemory: 12Gi',
    says: ['ask for 12.19Gi of memory', 'one node has 12Gi', 'base/kafka/statefulset.yaml:'],
  },
  {
    name: 'a node with less CPU than the pods ask for',
    edits: [replace(facts, 'nodeCpu: "8"', 'nodeCpu: "6"')],
    rule: 'capacity/nodes',
    file: facts,
    find: 'nodeCpu: "6"',
    says: ['ask for 6.15 CPU', 'one node has 6'],
  },
  {
    name: 'a node that takes fewer pods than there are',
    edits: [replace(facts, 'nodePods: "110"', 'nodePods: "16"')],
    rule: 'capacity/nodes',
    file: facts,
    find: 'nodePods: "16"',
    says: ['there are 17 pods', 'one node takes 16'],
  },
  {
    name: 'a node without room for the new pod of a rollout',
    edits: [replace(facts, 'nodeMemory: 16Gi', 'nodeMemory: 12600Mi')],
    rule: 'capacity/rollout',
    file: facts,
    find: 'nodeMemory: 12600Mi',
    says: ['120Mi of memory is left', 'a new pod of Deployment infometis/', '512Mi'],
  },
  {
    name: 'a node without a place for the pod of a Job',
    edits: [replace(facts, 'nodePods: "110"', 'nodePods: "17"')],
    rule: 'capacity/rollout',
    file: facts,
    find: 'nodePods: "17"',
    says: ['no place for a pod is left', 'asks for a place'],
  },
  {
    name: 'a request that is larger than the node',
    edits: [
      edit('base/nifi-registry/statefulset.yaml', (text) =>
        text.replace('memory: 512Mi', 'memory: 32Gi').replace('memory: 1Gi', 'memory: 32Gi'),
      ),
    ],
    rule: 'capacity/large-pod',
    file: 'base/nifi-registry/statefulset.yaml',
    find: 'requests:\n              cpu: 250m\n              memory: 32Gi',
    says: ['StatefulSet infometis/nifi-registry', '32Gi of memory', 'a node has 16Gi'],
    consequences: [`capacity/nodes ${facts}`],
  },
  {
    name: 'a second pod that wants the same port of the node',
    edits: [edit('base/traefik/deployment.yaml', (text) => text.replace('replicas: 1', 'replicas: 2'))],
    rule: 'capacity/placement',
    file: 'base/traefik/deployment.yaml',
    find: 'replicas: 2',
    says: ['Deployment infometis/traefik', 'want the same port of the node', 'there is one node'],
  },
];
