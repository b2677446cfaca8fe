/** What a host name and a port lead to inside the cluster. */

import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import { numberAt, portsOf } from '../../kubernetes/pod-template.ts';
import { equalityRequirements, labelsOf } from '../../kubernetes/selectors.ts';
import type { RenderedObject } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import { selectedWorkloads } from '../reference/matching-pods.ts';
import { meanings } from '../reference/service-address.ts';
import { isHeadless } from '../reference/service-ports.ts';
import { oncePerEnvironment } from './subject.ts';
import { podsOf } from './variables.ts';

export interface Backend {
  readonly service: RenderedObject;
  readonly headless: boolean;
  /** Whose pods it leads to. */
  readonly workloads: readonly Workload[];
  /** The name before that of a headless Service: `kafka-0`. */
  readonly pod: string | undefined;
}

const namespacesOf = oncePerEnvironment(
  (index) => new Set([...builtInNamespaces, ...index.everywhere('', 'Namespace').map(({ name }) => name)]),
);

/** The Service that a host name means to a pod of a namespace; undefined where it is none of this environment. */
export function backendOf(index: ReferenceSubject, host: string, namespace: string): Backend | undefined {
  const asked = { host, namespace } as Parameters<typeof meanings>[0];
  for (const meaning of meanings(asked, namespacesOf(index))) {
    const service = index.find({ group: '', kind: 'Service', ...meaning });
    if (!service) continue;
    const selector = at(service.node, ['spec', 'selector']);
    const first = host.split('.')[0]!;
    return {
      service,
      headless: isHeadless(service),
      workloads:
        selector === undefined
          ? []
          : selectedWorkloads(index, meaning.namespace, equalityRequirements(labelsOf(selector))),
      pod: first === meaning.name ? undefined : first,
    };
  }
  return undefined;
}

/** The ports of the pods that a port of a Service leads to. A headless name leads to the pods' own ports. */
export function podPortsBehind({ service, headless, workloads }: Backend, port: number): readonly number[] {
  if (headless) return [port];
  return itemsAt(service.node, ['spec', 'ports']).flatMap((each) => {
    if (numberAt(each, ['port']) !== port) return [];
    const target = textAt(each, ['targetPort']);
    if (target === undefined) return [numberAt(each, ['targetPort']) ?? port];
    return workloads.flatMap(({ template }) =>
      portsOf(template)
        .filter(({ name }) => name === target)
        .map(({ number }) => number),
    );
  });
}

/** Whether a Service leads to pods, and these are others than those of a workload. One without any pods is told elsewhere. */
export const leadsElsewhere = ({ workloads }: Backend, workload: Workload): boolean =>
  workloads.length > 0 && !workloads.includes(workload);

/** Whether a name before that of a headless Service is one of a pod that exists. */
export const isPodOf = ({ pod, workloads }: Backend): boolean =>
  pod === undefined || workloads.some((workload) => podsOf(workload).some(({ name }) => name === pod));
