import { describe } from '../../finding.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { dependenciesOf, type FluxSubject, fluxName } from './flux-objects.ts';

export const suspended: Rule<FluxSubject> = {
  id: 'flux/suspended',
  severity: 'warning',
  title: 'No Flux object is suspended in Git',
  why: 'Flux ignores a suspended object: merges change nothing in the cluster, and drift stays. On a new cluster whatever depends on it waits for ever.',
  fix: 'Remove `suspend: true`; to pause by hand use `flux suspend`, which leaves Git alone.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend',
  scope: 'general',
  *check(subject) {
    for (const objects of [subject.kustomizations, subject.helmReleases])
      for (const object of objects) {
        if (booleanAt(object.node, ['spec', 'suspend']) !== true) continue;
        const name = fluxName(subject, object);
        const waiting = objects.filter((other) =>
          dependenciesOf(subject, other).some(({ target }) => target === name),
        );
        yield {
          message: `${describe(object)} is suspended: what is merged does not reach the cluster${waiting.length > 0 ? `, and on a new cluster ${waiting.map((other) => other.name).join(', ')} would wait for it for ever` : ''}`,
          at: locate(object, ['spec', 'suspend']),
          object,
        };
      }
  },
};
