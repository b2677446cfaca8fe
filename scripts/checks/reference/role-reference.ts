import { isBuiltInClusterRole } from '../../kubernetes/cluster-builtins.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

const group = 'rbac.authorization.k8s.io';

export const roleReference: Rule<ReferenceSubject> = {
  id: 'reference/role-reference',
  severity: 'error',
  title: 'The Role or ClusterRole of a binding exists',
  why: 'The API server accepts a binding to a role that does not exist; it grants nothing, and whoever relies on it is forbidden everything.',
  fix: 'Write the kind and name of a role that exists. The roleRef of an existing binding cannot be changed: delete the binding first.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
  scope: 'general',
  *check(subject) {
    for (const bindingKind of ['RoleBinding', 'ClusterRoleBinding'])
      for (const object of subject.all(group, bindingKind)) {
        const kind = textAt(object.node, ['roleRef', 'kind']);
        const name = textAt(object.node, ['roleRef', 'name']);
        if (name === undefined || (kind !== 'Role' && kind !== 'ClusterRole')) continue;
        if (kind === 'ClusterRole' && isBuiltInClusterRole(name)) continue;
        const namespace = kind === 'Role' ? subject.namespaceOf(object) : undefined;
        yield* reportMissing(subject, {
          object,
          path: ['roleRef', 'name'],
          target: { group, kind, namespace, name },
          reader: '`roleRef`',
          consequence: 'the binding grants nothing',
        });
      }
  },
};
