import { builtInPriorityClasses } from '../../kubernetes/cluster-builtins.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const priorityClass: Rule<ReferenceSubject> = {
  id: 'reference/priority-class',
  severity: 'error',
  title: 'The PriorityClass of a pod exists',
  why: 'The API server refuses every pod whose PriorityClass is missing: the workload is there and never has pods.',
  fix: 'Correct the name, add the PriorityClass, or leave `priorityClassName` out.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
  scope: 'general',
  *check(subject) {
    for (const { object, template } of subject.workloads) {
      const name = textAt(template.spec, ['priorityClassName']);
      if (!name || !isPodKind(object) || builtInPriorityClasses.has(name)) continue;
      yield* reportMissing(subject, {
        object,
        path: [...template.specPath, 'priorityClassName'],
        target: { group: 'scheduling.k8s.io', kind: 'PriorityClass', name },
        reader: '`priorityClassName`',
        consequence: 'the API server refuses its pods',
      });
    }
  },
};
