import { describe } from '../../finding.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { groupOf, locate, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Rule } from '../rule.ts';
import { schemas } from '../schema/subject.ts';
import type { FluxSubject } from './flux-objects.ts';

const rbac = 'rbac.authorization.k8s.io';

/** What an account may do, where all of it is in Git. */
interface Grant {
  readonly rules: readonly Node[];
  /** Undefined: everywhere. */
  readonly namespace: string | undefined;
}

export const applierRights: Rule<FluxSubject> = {
  id: 'flux/applier-rights',
  severity: 'error',
  title: 'The account with which Flux applies may make what it applies',
  why: 'Flux tries everything that a Kustomization applies before it changes anything. One kind that its account may not touch is forbidden, and nothing of the Kustomization is applied.',
  fix: 'Add the kind, with its verbs, to the Role or ClusterRole of the account.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#role-based-access-control',
  scope: 'general',
  *check(subject) {
    // Roles and bindings of a build that failed are not known.
    if (subject.environment.builds.some(isUnknown)) return;
    const known = new Map<string, readonly Grant[] | undefined>();
    const reported = new Set<string>();
    for (const build of subject.environment.builds) {
      const kustomization = subject.kustomizationOf(build);
      const account = textAt(kustomization?.node, ['spec', 'serviceAccountName']);
      if (!kustomization || !account || at(kustomization.node, ['spec', 'kubeConfig'])) continue;
      const home = subject.references.namespaceOf(kustomization) ?? 'default';
      const who = `${home}/${account}`;
      if (!known.has(who)) known.set(who, grantsOf(subject, home, account));
      const grants = known.get(who);
      if (!grants) continue;
      const prunes = booleanAt(kustomization.node, ['spec', 'prune']) === true;
      for (const object of build.objects) {
        const resource = resourceOf(subject, object);
        if (resource === undefined) continue;
        const namespace = subject.references.namespaceOf(object);
        const wanted = ['get', 'create', 'patch', ...(prunes && isPruned(object) ? ['delete'] : [])];
        const lacks = wanted.filter(
          (verb) => !grants.some((grant) => allows(grant, verb, object, resource, namespace)),
        );
        const key = `${who} ${resource}.${groupOf(object.apiVersion)} ${namespace} ${lacks.join()}`;
        if (lacks.length === 0 || reported.has(key)) continue;
        reported.add(key);
        yield {
          message: `${describe(kustomization)} applies ${describe(object)}, and ServiceAccount ${who} may not ${lacks.join(', ')} ${resource}${groupOf(object.apiVersion) && `.${groupOf(object.apiVersion)}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}: nothing of the Kustomization is applied`,
          at: locate(kustomization, ['spec', 'serviceAccountName']),
          object: kustomization,
        };
      }
    }
  },
};

const isPruned = ({ node }: RenderedObject): boolean =>
  textAt(node, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/prune']) !== 'disabled';

function resourceOf(subject: FluxSubject, object: RenderedObject): string | undefined {
  const builtIn = schemas().store.kinds.get(`${object.apiVersion} ${object.kind}`)?.resource;
  if (builtIn !== undefined) return builtIn;
  const definition = subject.references
    .everywhere('apiextensions.k8s.io', 'CustomResourceDefinition')
    .find(
      ({ node }) =>
        textAt(node, ['spec', 'group']) === groupOf(object.apiVersion) &&
        textAt(node, ['spec', 'names', 'kind']) === object.kind,
    );
  return textAt(definition?.node, ['spec', 'names', 'plural']);
}

/** The rules of every role that is bound to an account; undefined where one is not in Git, or none is bound at all. */
function grantsOf(subject: FluxSubject, namespace: string, account: string): readonly Grant[] | undefined {
  const grants: Grant[] = [];
  const isOwn = (subjectOf: Node): boolean => {
    const kind = textAt(subjectOf, ['kind']);
    const name = textAt(subjectOf, ['name']);
    if (kind === 'Group')
      return name === 'system:serviceaccounts' || name === `system:serviceaccounts:${namespace}`;
    if (kind === 'User') return name === `system:serviceaccount:${namespace}:${account}`;
    return kind === 'ServiceAccount' && name === account && textAt(subjectOf, ['namespace']) === namespace;
  };
  for (const bindingKind of ['RoleBinding', 'ClusterRoleBinding'])
    for (const binding of subject.references.everywhere(rbac, bindingKind)) {
      if (!itemsAt(binding.node, ['subjects']).some(isOwn)) continue;
      const within = bindingKind === 'RoleBinding' ? subject.references.namespaceOf(binding) : undefined;
      const kind = textAt(binding.node, ['roleRef', 'kind']) ?? '';
      const name = textAt(binding.node, ['roleRef', 'name']) ?? '';
      if (kind === 'ClusterRole' && name === 'cluster-admin' && within === undefined) return undefined;
      const role = subject.references.find({
        group: rbac,
        kind,
        name,
        ...(kind === 'Role' && { namespace: within }),
      });
      // A role that comes with the cluster, or that others add to.
      if (!role || at(role.node, ['aggregationRule'])) return undefined;
      grants.push({ rules: itemsAt(role.node, ['rules']), namespace: within });
    }
  return grants.length === 0 ? undefined : grants;
}

function allows(
  grant: Grant,
  verb: string,
  object: RenderedObject,
  resource: string,
  namespace: string | undefined,
): boolean {
  if (grant.namespace !== undefined && grant.namespace !== namespace) return false;
  return grant.rules.some((rule) => {
    const has = (field: string, ...values: readonly string[]): boolean =>
      itemsAt(rule, [field]).some((item) => item.type === 'scalar' && values.includes(String(item.value)));
    return (
      has('verbs', verb, '*') &&
      has('apiGroups', groupOf(object.apiVersion), '*') &&
      has('resources', resource, '*') &&
      // A name cannot be asked for before the object is there.
      (itemsAt(rule, ['resourceNames']).length === 0 ||
        (verb !== 'create' && has('resourceNames', object.name)))
    );
  });
}
