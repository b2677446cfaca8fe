/** Where pods listen, and the Services in front of them. */

import { describe } from '../../finding.ts';
import { type IntervalSet, intersect, onePort, union } from '../../kubernetes/network-policy-sets.ts';
import { numberAt } from '../../kubernetes/pod-template.ts';
import { equalityRequirements, labelsOf } from '../../kubernetes/selectors.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject } from '../reference/index-objects.ts';
import type { PodGroup } from './subject.ts';

/** The ports that the containers of pods declare. */
export const listening = ({ ports }: Pick<PodGroup, 'ports'>): IntervalSet =>
  union(...ports.map(({ number, protocol }) => onePort(protocol, number)));

/** `http (8080), 9092`: what pods declare, for a message. */
export const printListening = (pods: readonly Pick<PodGroup, 'ports'>[]): string =>
  [
    ...new Set(
      pods.flatMap(({ ports }) =>
        ports.map(({ name, number, protocol }) => {
          const port = `${number}/${protocol}`;
          return name === undefined ? port : `${name} (${port})`;
        }),
      ),
    ),
  ].join(', ') || 'none';

export interface ServiceInFront {
  /** `Service infometis/nifi-service`. */
  readonly title: string;
  /** The pods' own port behind it: `8443/TCP`, or the name of a container port. */
  readonly leadsTo: string;
}

/** A Service that has one of the ports and leads it to another port of the pods. */
export function serviceInFront(
  index: ReferenceSubject,
  pods: readonly PodGroup[],
  ports: IntervalSet,
): ServiceInFront | undefined {
  const namespaces = new Set(pods.map(({ namespace }) => namespace));
  for (const namespace of namespaces)
    for (const service of index.everywhere('', 'Service', namespace)) {
      const selector = equalityRequirements(labelsOf(at(service.node, ['spec', 'selector'])));
      if (selector.length === 0 || textAt(service.node, ['spec', 'clusterIP']) === 'None') continue;
      const behind = pods.filter((group) => group.namespace === namespace && group.fulfils(selector));
      if (behind.length === 0) continue;
      for (const entry of itemsAt(service.node, ['spec', 'ports'])) {
        const protocol = textAt(entry, ['protocol']) ?? 'TCP';
        const port = numberAt(entry, ['port']) ?? 0;
        if (intersect(ports, onePort(protocol, port)).length === 0) continue;
        const name = textAt(entry, ['targetPort']);
        const named = behind
          .flatMap((group) => group.ports)
          .find((candidate) => candidate.name === name && candidate.protocol === protocol);
        const number = name === undefined ? numberAt(entry, ['targetPort']) : named?.number;
        if (number === undefined || number === port) continue;
        return { title: describe(service), leadsTo: `${number}/${protocol}` };
      }
    }
  return undefined;
}
