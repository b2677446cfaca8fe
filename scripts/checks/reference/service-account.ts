import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const serviceAccount: Rule<ReferenceSubject> = {
  id: 'reference/service-account',
  severity: 'error',
  title: 'The ServiceAccount of a pod exists in its namespace',
  why: 'The API server refuses every pod whose ServiceAccount is missing: the workload is there and never has pods.',
  fix: 'Correct the name, add the ServiceAccount, or leave `serviceAccountName` out to use `default`.',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  scope: 'general',
  *check(subject) {
    for (const { object, namespace, template } of subject.workloads) {
      if (!isPodKind(object)) continue;
      const field = textAt(template.spec, ['serviceAccountName']) ? 'serviceAccountName' : 'serviceAccount';
      const name = textAt(template.spec, [field]);
      if (!name) continue;
      yield* reportMissing(subject, {
        object,
        path: [...template.specPath, field],
        target: { group: '', kind: 'ServiceAccount', namespace, name },
        reader: `\`${field}\``,
        consequence: 'the API server refuses its pods',
      });
    }
  },
};
