import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const ingressClass: Rule<ReferenceSubject> = {
  id: 'reference/ingress-class',
  severity: 'error',
  title: 'The IngressClass of an Ingress exists',
  why: 'No controller takes up an Ingress of a class that does not exist, and nothing in the cluster says so.',
  fix: 'Write the name of an IngressClass of the environment as `ingressClassName`.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
  scope: 'general',
  *check(subject) {
    // An environment without any takes those that its cluster came with.
    if (subject.everywhere('networking.k8s.io', 'IngressClass').length === 0) return;
    for (const ingress of subject.all('networking.k8s.io', 'Ingress')) {
      const name = textAt(ingress.node, ['spec', 'ingressClassName']);
      if (!name) continue;
      yield* reportMissing(subject, {
        object: ingress,
        path: ['spec', 'ingressClassName'],
        target: { group: 'networking.k8s.io', kind: 'IngressClass', name },
        reader: '`ingressClassName`',
        consequence: 'no controller serves its paths',
      });
    }
  },
};
