import { intersect, union } from '../../kubernetes/network-policy-sets.ts';
import type { Rule } from '../rule.ts';
import { printEnds } from './flows-file.ts';
import { listening, printListening, serviceInFront } from './listening.ts';
import type { NetworkSubject } from './subject.ts';

export const flowPort: Rule<NetworkSubject> = {
  id: 'network/flow-port',
  severity: 'error',
  title: 'A flow ends at a port on which the pods listen',
  why: 'Policies are judged at the pod, after the Service has been translated: a port that only the Service has opens nothing.',
  fix: 'Write the number of the container port.',
  scope: 'infometis',
  *check({ index, plan }) {
    for (const { flow, to } of plan?.routes ?? []) {
      const known = to.pods.filter(({ ports }) => ports.length > 0);
      // Addresses and pods that do not say where they listen may listen there.
      if (known.length === 0 || to.addresses.length > 0 || known.length < to.pods.length) continue;
      for (const port of flow.ports) {
        if (intersect(port.ports, union(...known.map(listening))).length > 0) continue;
        const service = serviceInFront(index, known, port.ports);
        yield {
          message: `no pod of ${printEnds(flow.to)} listens on ${port.text}${service ? `: it is a port of ${service.title}, which leads to ${service.leadsTo}` : ''}; declared are ${printListening(known)}`,
          ...(service && { fix: `Write ${service.leadsTo}.` }),
          at: port.origin,
        };
      }
    }
  },
};
