import type { Client, KubernetesObject, Verdict } from '../harness/client.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';

let count = 0;
const nextName = (): string => {
  count += 1;
  return `settled-${count}`;
};

/**
 * Waits until the API server heeds every role and binding that it has stored. It learns of each kind through a watch, in
 * the order of storing, so once it heeds one that was stored after them, it heeds them all.
 */
export async function settleRoles(client: Client): Promise<void> {
  const name = nextName();
  const rules = (verb: string) => [{ apiGroups: ['example.com'], resources: ['things'], verbs: [verb] }];
  const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }];
  const object = (kind: string, fields: object): KubernetesObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, ...(kind.startsWith('Cluster') ? {} : { namespace: 'default' }) },
    ...fields,
  });
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const may = async (verb: string): Promise<boolean> => {
    const review = accepted(
      await client.create({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          user: name,
          resourceAttributes: { group: 'example.com', resource: 'things', verb, namespace: 'default' },
        },
      }),
    );
    return (review['status'] as { allowed?: boolean }).allowed === true;
  };
  await withObjects(
    client,
    [
      object('ClusterRole', { rules: rules('everywhere') }),
      object('ClusterRoleBinding', { roleRef: roleRef('ClusterRole'), subjects }),
      object('Role', { rules: rules('here') }),
      object('RoleBinding', { roleRef: roleRef('Role'), subjects }),
    ],
    () =>
      waitFor(
        'roles to be heeded',
        async () =>
          (await may('everywhere')) && (await may('here')) ? done(undefined) : notYet('they are not'),
        { pollMs: 20 },
      ),
  );
}

/** The same for policies and their bindings; it looks for new ones once a second. */
export async function settlePolicies(client: Client): Promise<void> {
  const name = nextName();
  const object = (kind: string, spec: object): KubernetesObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    spec,
  });
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
  ];
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await withObjects(
    client,
    [
      object('ValidatingAdmissionPolicy', {
        matchConstraints: { resourceRules },
        validations: [{ expression: `object.metadata.name != '${name}'` }],
      }),
      object('ValidatingAdmissionPolicyBinding', { policyName: name, validationActions: ['Deny'] }),
    ],
    () =>
      waitFor(
        'policies to be heeded',
        async () =>
          (await client.create(probe, { dryRun: true })).ok ? notYet('they are not') : done(undefined),
        { pollMs: 50 },
      ),
  );
}

async function withObjects(
  client: Client,
  objects: readonly KubernetesObject[],
  action: () => Promise<void>,
): Promise<void> {
  for (const object of objects) accepted(await client.create(object));
  await action();
  for (const { apiVersion, kind, metadata } of objects)
    await client.delete({ apiVersion, kind, name: metadata.name ?? '', namespace: metadata.namespace });
}

function accepted(verdict: Verdict): KubernetesObject {
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.object;
}
