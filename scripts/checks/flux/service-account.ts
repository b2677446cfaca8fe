import { textAt } from '../../yaml/node.ts';
import { reportMissing } from '../reference/report-missing.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const serviceAccount: Rule<FluxSubject> = {
  id: 'flux/service-account',
  severity: 'error',
  title: 'The ServiceAccount with which Flux applies exists beside the Flux object',
  why: 'Flux impersonates the ServiceAccount: without it every object is forbidden and nothing is applied.',
  fix: 'Write the name of a ServiceAccount in the namespace of the Flux object, or add it.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#service-account-reference',
  scope: 'general',
  *check({ kustomizations, helmReleases, references }) {
    for (const object of [...kustomizations, ...helmReleases]) {
      const name = textAt(object.node, ['spec', 'serviceAccountName']);
      // Of another cluster's accounts nothing is known here.
      if (!name || textAt(object.node, ['spec', 'kubeConfig', 'secretRef', 'name'])) continue;
      yield* reportMissing(references, {
        object,
        path: ['spec', 'serviceAccountName'],
        target: { group: '', kind: 'ServiceAccount', namespace: references.namespaceOf(object), name },
        reader: '`serviceAccountName`',
        consequence: 'everything that it applies is forbidden',
      });
    }
  },
};
