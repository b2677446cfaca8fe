import { booleanAt } from '../../kubernetes/pod-template.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import { reportMissing } from '../reference/report-missing.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const substituteFrom: Rule<FluxSubject> = {
  id: 'flux/substitute-from',
  severity: 'error',
  title: 'The ConfigMaps and Secrets of postBuild.substituteFrom exist beside the Kustomization',
  why: 'Without them, unless marked optional, Flux reports BuildFailed and applies nothing.',
  fix: 'Write the name of a ConfigMap or Secret in the namespace of the Kustomization, or mark the entry `optional: true`.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
  scope: 'general',
  *check({ kustomizations, references }) {
    for (const object of kustomizations)
      for (const [index, item] of itemsAt(object.node, ['spec', 'postBuild', 'substituteFrom']).entries()) {
        const kind = textAt(item, ['kind']);
        const name = textAt(item, ['name']);
        if (name === undefined || (kind !== 'ConfigMap' && kind !== 'Secret')) continue;
        if (booleanAt(item, ['optional']) === true) continue;
        yield* reportMissing(references, {
          object,
          path: ['spec', 'postBuild', 'substituteFrom', index, 'name'],
          target: { group: '', kind, namespace: references.namespaceOf(object), name },
          reader: '`substituteFrom`',
          consequence: 'the build fails and nothing is applied',
        });
      }
  },
};
