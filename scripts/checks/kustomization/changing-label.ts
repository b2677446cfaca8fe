import { describe } from '../../finding.ts';
import { isKind } from '../../render/object.ts';
import { itemsAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { labelled, labelSetsOf } from './labels.ts';
import type { KustomizationSubject } from './subject.ts';

// The recommended label of the version, Helm's of the chart, and what people write for them.
const changing =
  /^(?:app\.kubernetes\.io\/version|helm\.sh\/chart|(?:[^/]+\/)?(?:version|release|revision|commit|build))$/;

export const changingLabel: Rule<KustomizationSubject> = {
  id: 'kustomization/changing-label',
  severity: 'error',
  title: 'A label that changes with every release stays out of volumeClaimTemplates.',
  why: 'kustomize puts labels with includeTemplates or includeSelectors on the volumeClaimTemplates of a StatefulSet too, and these are immutable: the next change of the label makes the API server refuse the update.',
  fix: 'Put the label into an entry of `labels` without `includeTemplates` and `includeSelectors`.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/labels/',
  scope: 'general',
  *check(subject) {
    for (const set of labelSetsOf(subject)) {
      if (!set.templates) continue;
      for (const [key, origin] of set.labels) {
        if (!changing.test(key)) continue;
        for (const object of labelled(subject, set)) {
          if (!isKind(object, 'apps', 'StatefulSet')) continue;
          if (itemsAt(object.node, ['spec', 'volumeClaimTemplates']).length === 0) continue;
          yield {
            message: `\`${key}\` also goes into the immutable volumeClaimTemplates of ${describe(object)}`,
            at: origin,
          };
          break;
        }
      }
    }
  },
};
