/** ValidatingAdmissionPolicies evaluated offline, as kube-apiserver 1.36 does when an object is created. */
import { fromJson, type Value } from '../cel/index.ts';
import { defaultObject, type JsonObject } from '../defaults/index.ts';
import type { Schemas } from '../schema/index.ts';
import type { Labels } from '../selectors.ts';
import { evaluatePolicy, type Outcome } from './evaluate.ts';
import { isMap, type JsonMap, mapOf, textOf, textsOf } from './json.ts';
import { apiVersionOf, isExempt, type MatchTarget, matchResources, type Resource } from './match.ts';
import { type ExpressionProblem, type Policy, readPolicy } from './policy.ts';
import { type ClusterView, prepareForCreate } from './prepare.ts';
import { labelsOf, matchesLabels, requirementsOf } from './selector.ts';

export type { Outcome } from './evaluate.ts';
export { apiVersionOf, type Resource } from './match.ts';
export type { ExpressionProblem } from './policy.ts';

export type ValidationAction = 'Deny' | 'Warn' | 'Audit';

/** What one binding of one policy holds against one object. */
export interface Decision extends Outcome {
  readonly policy: string;
  readonly binding: string;
  readonly actions: readonly ValidationAction[];
}

/** Everything about the cluster that admission looks at: plain objects, of any kind. */
export interface AdmissionOptions {
  readonly schemas: Schemas;
  /** Policies, bindings, namespaces, parameters, service accounts and whatever else; the rest is ignored. */
  readonly objects: readonly JsonMap[];
  /** Who applies an object: `system:serviceaccount:flux-system:kafka`. */
  readonly user?: string;
}

export interface Admission {
  /** Whether there is anything to evaluate. */
  readonly isEmpty: boolean;
  /** Names of the policies that are bound to something. */
  readonly policies: readonly string[];
  /**
   * What the policies hold against the creation of an object; the order is that of policies and bindings by name. Policies
   * that `skip` names are left out.
   */
  readonly evaluate: (
    object: JsonMap,
    user?: string,
    skip?: (policy: string) => boolean,
  ) => readonly Decision[];
}

/** The expressions of a ValidatingAdmissionPolicy that the server would refuse, or that cannot be taken here. */
export const expressionProblems = (policy: JsonMap): readonly ExpressionProblem[] =>
  readPolicy(policy).problems;

interface Binding {
  readonly name: string;
  readonly policyName: string;
  readonly actions: readonly ValidationAction[];
  readonly matchResources: unknown;
  readonly paramRef: JsonMap | undefined;
}

const group = 'admissionregistration.k8s.io';
const isPolicyKind = (object: JsonMap, kind: string): boolean =>
  object['kind'] === kind && textOf(object['apiVersion']).startsWith(`${group}/`);
const nameOf = (object: JsonMap): string => textOf(mapOf(object['metadata'])['name']);
const namespaceOf = (object: JsonMap): string => textOf(mapOf(object['metadata'])['namespace']);
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** Compiles the policies among the objects and makes them ready to be asked. */
export function openAdmission({ schemas, objects, user }: AdmissionOptions): Admission {
  const policies = objects
    .filter((object) => isPolicyKind(object, 'ValidatingAdmissionPolicy'))
    .map(readPolicy)
    .sort(byName);
  const bindings = objects
    .filter((object) => isPolicyKind(object, 'ValidatingAdmissionPolicyBinding'))
    .map(readBinding)
    .sort(byName);
  const active = policies
    .filter((policy) => policy.problems.length === 0)
    .map((policy) => ({ policy, bindings: bindings.filter(({ policyName }) => policyName === policy.name) }))
    .filter((one) => one.bindings.length > 0);
  const cluster = openCluster(schemas, objects);
  const equivalents = new Map<string, readonly Resource[]>();
  return {
    isEmpty: active.length === 0,
    policies: active.map(({ policy }) => policy.name),
    evaluate(object, actor = user ?? 'system:serviceaccount:flux-system:flux-system', skip = () => false) {
      const open = active.filter(({ policy }) => !skip(policy.name));
      if (open.length === 0) return [];
      const target = targetOf(schemas, cluster, object, equivalents);
      if (target === undefined || isExempt(target.resource)) return [];
      const seen = new Map<string, SeenObject>();
      return open.flatMap(({ policy, bindings: own }) => {
        const matched = matchResources(policy.matchConstraints, target);
        if (!matched) return [];
        const decide = (binding: Binding): Decision[] => {
          if (binding.matchResources !== undefined && !matchResources(binding.matchResources, target))
            return [];
          const found = paramsFor(policy, binding, target, cluster);
          const attribute = (outcome: Outcome): Decision => ({
            ...outcome,
            policy: policy.name,
            binding: binding.name,
            actions: binding.actions,
          });
          if (typeof found === 'string')
            // The server denies these itself, whatever the binding's actions.
            return policy.failurePolicy === 'Ignore'
              ? []
              : [
                  {
                    ...attribute({
                      kind: 'error',
                      message: `failed to configure binding: ${found}`,
                      reason: 'Invalid',
                      path: ['spec', 'paramKind'],
                    }),
                    actions: ['Deny'],
                  },
                ];
          const key = apiVersionOf(matched);
          const view = seen.get(key) ?? seeObject(schemas, cluster, object, target, matched, actor);
          seen.set(key, view);
          if (view.unsupported !== undefined)
            return [
              attribute({
                kind: 'unsupported',
                message: view.unsupported,
                reason: '',
                path: ['spec', 'matchConstraints'],
              }),
            ];
          return found.flatMap((params) => evaluatePolicy(policy, { ...view, params }).map(attribute));
        };
        return own.flatMap(decide);
      });
    },
  };
}

function readBinding(object: JsonMap): Binding {
  const spec = mapOf(object['spec']);
  const known: readonly string[] = ['Deny', 'Warn', 'Audit'];
  return {
    name: nameOf(object),
    policyName: textOf(spec['policyName']),
    actions: textsOf(spec['validationActions']).filter((action): action is ValidationAction =>
      known.includes(action),
    ),
    matchResources: isMap(spec['matchResources']) ? spec['matchResources'] : undefined,
    paramRef: isMap(spec['paramRef']) ? spec['paramRef'] : undefined,
  };
}

/** The cluster's objects by what admission looks them up with. */
interface Cluster extends ClusterView {
  readonly namespace: (name: string) => JsonMap;
  readonly ofKind: (apiVersion: string, kind: string) => readonly JsonMap[];
  /** Undefined for a kind that the server does not know. */
  readonly isNamespaced: (apiVersion: string, kind: string) => boolean | undefined;
  /** The object with its defaults. */
  readonly asStored: (object: JsonMap) => JsonMap;
}

function openCluster(schemas: Schemas, objects: readonly JsonMap[]): Cluster {
  const kinds = new Map<string, JsonMap[]>();
  for (const object of objects) {
    const key = `${textOf(object['apiVersion'])} ${textOf(object['kind'])}`;
    const known = kinds.get(key);
    if (known) known.push(object);
    else kinds.set(key, [object]);
  }
  const ofKind = (apiVersion: string, kind: string): readonly JsonMap[] =>
    kinds.get(`${apiVersion} ${kind}`) ?? [];
  const namespaces = new Map<string, JsonMap>();
  const namespaceSchema = schemas.store.kind('v1 Namespace');
  const namespace = (name: string): JsonMap => {
    const known = namespaces.get(name);
    if (known) return known;
    // A namespace that is made elsewhere has the one label that every namespace has.
    const written = ofKind('v1', 'Namespace').find((object) => nameOf(object) === name) ?? {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    };
    const full = namespaceSchema ? defaultObject(schemas.store, namespaceSchema, written) : written;
    if (namespaceSchema) prepareForCreate(full as JsonObject, '', cluster);
    namespaces.set(name, full);
    return full;
  };
  const cluster: Cluster = {
    ofKind,
    namespace,
    isNamespaced: (apiVersion, kind) => {
      const info = schemas.lookup(apiVersion, kind);
      return info && info.scope === 'Namespaced';
    },
    asStored: (object) => {
      const schema = schemas.store.kind(`${textOf(object['apiVersion'])} ${textOf(object['kind'])}`);
      return schema ? defaultObject(schemas.store, schema, object) : object;
    },
    serviceAccount: (space, name) =>
      ofKind('v1', 'ServiceAccount').find(
        (object) => nameOf(object) === name && namespaceOf(object) === space,
      ) as JsonObject | undefined,
    priorityClass: (name) =>
      ofKind('scheduling.k8s.io/v1', 'PriorityClass').find((object) => nameOf(object) === name) as
        | JsonObject
        | undefined,
  };
  return cluster;
}

function resourceOf(schemas: Schemas, apiVersion: string, kind: string): Resource | undefined {
  const info = schemas.lookup(apiVersion, kind);
  if (!info) return undefined;
  const [first, second] = apiVersion.split('/') as [string, string?];
  return {
    group: second === undefined ? '' : first,
    version: second ?? first,
    resource: info.resource,
    kind,
  };
}

function targetOf(
  schemas: Schemas,
  cluster: Cluster,
  object: JsonMap,
  equivalents: Map<string, readonly Resource[]>,
): MatchTarget | undefined {
  const apiVersion = textOf(object['apiVersion']);
  const kind = textOf(object['kind']);
  const resource = resourceOf(schemas, apiVersion, kind);
  if (!resource) return undefined;
  const key = `${apiVersion} ${kind}`;
  const others = equivalents.get(key) ?? equivalentsOf(schemas, resource);
  equivalents.set(key, others);
  const namespaced = schemas.lookup(apiVersion, kind)?.scope === 'Namespaced';
  const name = nameOf(object);
  const isNamespace = resource.group === '' && kind === 'Namespace';
  const namespace = namespaced ? namespaceOf(object) || 'default' : isNamespace ? name : '';
  const ownLabels = (): Labels => ({ ...labelsOf(object), 'kubernetes.io/metadata.name': name });
  return {
    resource,
    namespace,
    name,
    object,
    namespaceLabels: isNamespace
      ? ownLabels()
      : namespace === ''
        ? {}
        : labelsOf(cluster.namespace(namespace)),
    equivalents: others,
  };
}

const sameInOtherGroups: Readonly<Record<string, readonly string[]>> = {
  'v1 Event': ['events.k8s.io/v1'],
  'events.k8s.io/v1 Event': ['v1'],
};

/** The versions of a resource that are served beside the one at hand. */
function equivalentsOf(schemas: Schemas, resource: Resource): readonly Resource[] {
  const { group: own, kind } = resource;
  const apiVersion = apiVersionOf(resource);
  const others = [...(sameInOtherGroups[`${apiVersion} ${kind}`] ?? [])];
  for (const entry of schemas.kinds()) {
    const [other, otherKind] = entry.split(' ') as [string, string];
    if (otherKind === kind && other !== apiVersion && own !== '' && other.startsWith(`${own}/`))
      others.push(other);
  }
  return others.flatMap((other) => resourceOf(schemas, other, kind) ?? []);
}

interface SeenObject {
  readonly object: Value;
  readonly request: Value;
  readonly namespaceObject: Value;
  readonly unsupported?: string;
}

/** The object and the request as expressions see them. */
function seeObject(
  schemas: Schemas,
  cluster: Cluster,
  object: JsonMap,
  target: MatchTarget,
  matched: Resource,
  user: string,
): SeenObject {
  const apiVersion = apiVersionOf(matched);
  const schema = schemas.store.kind(`${textOf(object['apiVersion'])} ${matched.kind}`);
  const converted = apiVersion !== textOf(object['apiVersion']);
  if (!schema || (converted && schema.builtin))
    return {
      object: null,
      request: null,
      namespaceObject: null,
      unsupported: `the policy asks for ${matched.kind} as ${apiVersion}, and the server would convert it; that cannot be done here`,
    };
  const isNamespace = target.resource.group === '' && target.resource.kind === 'Namespace';
  const full = defaultObject(schemas.store, schema, object);
  if (converted) full['apiVersion'] = apiVersion;
  const space = isNamespace ? '' : target.namespace;
  if (schema.builtin) prepareForCreate(full, space, cluster);
  else prepareCustom(full, space);
  return {
    object: fromJson(full),
    request: fromJson(requestOf(target, matched, user)),
    namespaceObject: space === '' ? null : fromJson(exposed(cluster.namespace(space))),
  };
}

/** Only some of a namespace's metadata is shown to expressions. */
function exposed(namespace: JsonMap): JsonMap {
  const { managedFields: _, ownerReferences: __, ...metadata } = mapOf(namespace['metadata']);
  const { apiVersion: ___, kind: ____, ...rest } = namespace;
  return { ...rest, metadata };
}

function prepareCustom(object: JsonObject, namespace: string): void {
  const metadata = mapOf(object['metadata']) as JsonObject;
  object['metadata'] = {
    ...metadata,
    ...(namespace === '' ? {} : { namespace }),
    uid: '00000000-0000-4000-8000-000000000000',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
  };
}

function requestOf(target: MatchTarget, matched: Resource, user: string): JsonMap {
  const kindOf = ({ group: own, version, kind }: Resource): JsonMap => ({ group: own, version, kind });
  const resourceName = ({ group: own, version, resource }: Resource): JsonMap => ({
    group: own,
    version,
    resource,
  });
  const account = /^system:serviceaccount:([^:]+):/.exec(user);
  const groups = account
    ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`, 'system:authenticated']
    : ['system:authenticated'];
  return {
    uid: '',
    kind: kindOf(matched),
    resource: resourceName(matched),
    requestKind: kindOf(target.resource),
    requestResource: resourceName(target.resource),
    ...(target.name === '' ? {} : { name: target.name }),
    ...(target.namespace === '' ? {} : { namespace: target.namespace }),
    operation: 'CREATE',
    userInfo: { username: user, groups },
    object: null,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kustomize-controller' },
  };
}

/** The parameters that a binding names: one null where there is nothing to name, a text where the server would refuse. */
function paramsFor(
  { paramKind }: Policy,
  { paramRef }: Binding,
  target: MatchTarget,
  cluster: Cluster,
): readonly Value[] | string {
  if (paramKind === undefined || paramRef === undefined) return [null];
  const candidates = cluster.ofKind(paramKind.apiVersion, paramKind.kind);
  const { name, namespace, selector, parameterNotFoundAction } = paramRef;
  const namespaced = cluster.isNamespaced(paramKind.apiVersion, paramKind.kind);
  if (namespaced === undefined)
    return `paramKind kind \`&ParamKind{APIVersion:${paramKind.apiVersion},Kind:${paramKind.kind},}\` not known`;
  if (!namespaced && textOf(namespace) !== '')
    return 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`';
  const space = textOf(namespace) || target.namespace;
  if (namespaced && space === '')
    return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
  const inSpace = candidates.filter((object) => !namespaced || (namespaceOf(object) || 'default') === space);
  const found =
    textOf(name) === ''
      ? inSpace.filter((object) => matchesLabels(labelsOf(object), requirementsOf(selector)))
      : inSpace.filter((object) => nameOf(object) === name);
  if (found.length === 0 && parameterNotFoundAction === 'Deny')
    return 'no params found for policy binding with `Deny` parameterNotFoundAction';
  return found.map((object) => fromJson(cluster.asStored(object)));
}
