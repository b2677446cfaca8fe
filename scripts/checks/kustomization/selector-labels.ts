import { describe } from '../../finding.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { labelled, labelSetsOf } from './labels.ts';
import type { KustomizationSubject } from './subject.ts';

const hasImmutableSelector = (object: RenderedObject): boolean =>
  ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].some((kind) => isKind(object, 'apps', kind)) ||
  isKind(object, 'batch', 'Job');

export const selectorLabels: Rule<KustomizationSubject> = {
  id: 'kustomization/selector-labels',
  severity: 'warning',
  title: 'Labels of a kustomization stay out of immutable selectors.',
  why: 'The selector of a Deployment, StatefulSet, DaemonSet or Job cannot change once it exists: added or edited later, such a label makes the API server refuse the update, and Flux fails until somebody deletes the workload.',
  fix: 'Write `labels` with `includeTemplates: true`; keep selectors to what the manifests say.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/labels/',
  scope: 'general',
  *check(subject) {
    for (const set of labelSetsOf(subject)) {
      if (!set.selectors) continue;
      for (const object of labelled(subject, set)) {
        if (!hasImmutableSelector(object)) continue;
        yield {
          message: `${[...set.labels.keys()].map((key) => `\`${key}\``).join(', ')} ${
            set.labels.size === 1 ? 'goes' : 'go'
          } into the immutable selector of ${describe(object)}`,
          at: set.origin,
        };
        break;
      }
    }
  },
};
