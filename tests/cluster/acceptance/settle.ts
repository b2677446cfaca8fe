import type { Client, KubernetesObject, Verdict } from '../harness/client.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';

let count = 0;

/**
 * Waits until the API server heeds every role, binding and policy that it has stored. It learns of them through watches,
 * each in the order of storing, so once it heeds one of every kind that was stored after them, it heeds them all.
 */
export async function settle(client: Client): Promise<void> {
  count += 1;
  const name = `settled-${count}`;
  const user = `nobody-${count}`;
  const rules = (verb: string) => [{ apiGroups: ['example.com'], resources: ['things'], verbs: [verb] }];
  const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }];
  const rbac = (kind: string, fields: object): KubernetesObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, ...(kind.startsWith('Cluster') ? {} : { namespace: 'default' }) },
    ...fields,
  });
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const admission = (kind: string, spec: object): KubernetesObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    spec,
  });
  const sentinels = [
    rbac('ClusterRole', { rules: rules('everywhere') }),
    rbac('ClusterRoleBinding', { roleRef: roleRef('ClusterRole'), subjects }),
    rbac('Role', { rules: rules('here') }),
    rbac('RoleBinding', { roleRef: roleRef('Role'), subjects }),
    admission('ValidatingAdmissionPolicy', {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
        ],
      },
      validations: [{ expression: `object.metadata.name != '${name}'` }],
    }),
    admission('ValidatingAdmissionPolicyBinding', { policyName: name, validationActions: ['Deny'] }),
  ];
  for (const sentinel of sentinels) accepted(await client.create(sentinel));
  const may = async (verb: string): Promise<boolean> => {
    const review = accepted(
      await client.create({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          user,
          resourceAttributes: { group: 'example.com', resource: 'things', verb, namespace: 'default' },
        },
      }),
    );
    return (review['status'] as { allowed?: boolean }).allowed === true;
  };
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await waitFor(
    'roles and policies to be heeded',
    async () => {
      if (!(await may('everywhere')) || !(await may('here'))) return notYet('the roles are not');
      const tried = await client.create(probe, { dryRun: true });
      return tried.ok ? notYet('the policies are not') : done(undefined);
    },
    { pollMs: 50 },
  );
  for (const { apiVersion, kind, metadata } of sentinels)
    await client.delete({ apiVersion, kind, name, namespace: metadata.namespace });
}

function accepted(verdict: Verdict): KubernetesObject {
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.object;
}
