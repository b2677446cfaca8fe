import { containersOf, numberAt, podTemplateOf } from '../kubernetes/pod-template.ts';
import { parseQuantity } from '../kubernetes/quantity.ts';
import { isKind, type RenderedObject } from '../render/object.ts';
import { at, type Node, textAt } from '../yaml/node.ts';

/** CPU in cores, memory in bytes. */
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

const none: Requests = { cpu: 0, memory: 0, pods: 0 };

/**
 * What the scheduler sets aside for the pods that run all the time; a DaemonSet has one on each node. Jobs come and go and are
 * not counted.
 */
export const sumRequests = (objects: readonly RenderedObject[], nodes: number): Requests =>
  objects.reduce((sum, object) => {
    const copies = copiesOf(object, nodes);
    const pod = copies === 0 ? none : podRequests(object);
    return {
      cpu: sum.cpu + copies * pod.cpu,
      memory: sum.memory + copies * pod.memory,
      pods: sum.pods + copies,
    };
  }, none);

function copiesOf(object: RenderedObject, nodes: number): number {
  if (isKind(object, 'apps', 'Deployment') || isKind(object, 'apps', 'StatefulSet'))
    return numberAt(object.node, ['spec', 'replicas']) ?? 1;
  if (isKind(object, 'apps', 'DaemonSet')) return nodes;
  return isKind(object, '', 'Pod') ? 1 : 0;
}

// As the scheduler counts: containers run together; each init container runs alone, beside the sidecars started before it.
function podRequests(object: RenderedObject): Requests {
  const template = podTemplateOf(object);
  if (!template) return none;
  const total = (resource: 'cpu' | 'memory'): number => {
    let sidecars = 0;
    let starting = 0;
    let running = 0;
    for (const { list, node } of containersOf(template)) {
      const request = requestOf(node, resource);
      if (list === 'containers') running += request;
      else if (list === 'initContainers' && textAt(node, ['restartPolicy']) === 'Always') sidecars += request;
      else if (list === 'initContainers') starting = Math.max(starting, sidecars + request);
    }
    return Math.max(starting, sidecars + running);
  };
  return { cpu: total('cpu'), memory: total('memory'), pods: 1 };
}

// A limit without a request is the request.
function requestOf(container: Node, resource: string): number {
  const quantity =
    at(container, ['resources', 'requests', resource]) ?? at(container, ['resources', 'limits', resource]);
  if (quantity?.type !== 'scalar' || typeof quantity.value === 'boolean' || quantity.value === null) return 0;
  return parseQuantity(quantity.value) ?? 0;
}

/** `7.4 CPU and 12.5 GiB of memory in 17 pods`. */
export const describeRequests = ({ cpu, memory, pods }: Requests): string =>
  `${round(cpu)} CPU and ${round(memory / 2 ** 30)} GiB of memory in ${pods} pods`;

const round = (value: number): string => String(Math.round(value * 100) / 100);
