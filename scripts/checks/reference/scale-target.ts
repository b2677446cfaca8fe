import { isBuiltInGroup } from '../../kubernetes/cluster-builtins.ts';
import { groupOf } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const scaleTarget: Rule<ReferenceSubject> = {
  id: 'reference/scale-target',
  severity: 'error',
  title: 'The workload that a HorizontalPodAutoscaler scales exists',
  why: 'An autoscaler without its workload does nothing, and says so only in its own status.',
  fix: 'Write the apiVersion, kind and name of a workload in the same namespace.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/',
  scope: 'general',
  *check(subject) {
    for (const object of subject.all('autoscaling', 'HorizontalPodAutoscaler')) {
      const path = ['spec', 'scaleTargetRef'];
      const group = groupOf(textAt(object.node, [...path, 'apiVersion']) ?? 'apps/v1');
      const kind = textAt(object.node, [...path, 'kind']);
      const name = textAt(object.node, [...path, 'name']);
      // A custom kind may be made by an operator.
      if (kind === undefined || name === undefined || !isBuiltInGroup(group)) continue;
      yield* reportMissing(subject, {
        object,
        path: [...path, 'name'],
        target: { group, kind, namespace: subject.namespaceOf(object), name },
        reader: '`scaleTargetRef`',
        consequence: 'nothing is scaled',
      });
    }
  },
};
