import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

const group = 'rbac.authorization.k8s.io';

export const bindingSubject: Rule<ReferenceSubject> = {
  id: 'reference/binding-subject',
  severity: 'error',
  title: 'The ServiceAccounts that a binding grants rights to exist',
  why: 'A binding to a ServiceAccount that does not exist grants nothing: the one that was meant is forbidden what it needs.',
  fix: 'Write the name and namespace of the ServiceAccount that the pods use.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
  scope: 'general',
  *check(subject) {
    for (const kind of ['RoleBinding', 'ClusterRoleBinding'])
      for (const object of subject.all(group, kind))
        for (const [index, item] of itemsAt(object.node, ['subjects']).entries()) {
          const name = textAt(item, ['name']);
          const namespace = textAt(item, ['namespace']);
          if (textAt(item, ['kind']) !== 'ServiceAccount' || name === undefined || namespace === undefined)
            continue;
          yield* reportMissing(subject, {
            object,
            path: ['subjects', index, 'name'],
            target: { group: '', kind: 'ServiceAccount', namespace, name },
            reader: `subject ${index + 1}`,
            consequence: 'nobody gets the rights',
          });
        }
  },
};
