/** Whether a policy or a binding is about a request. Mirrors apiserver/pkg/admission/plugin/policy/matching. */
import type { Labels } from '../selectors.ts';
import { isMap, type JsonMap, listOf, mapOf, textsOf } from './json.ts';
import { labelsOf, matchesLabels, requirementsOf } from './selector.ts';

export interface Resource {
  readonly group: string;
  readonly version: string;
  /** Plural: `deployments`. */
  readonly resource: string;
  readonly kind: string;
}

/** The creation of an object, as far as matching looks at it. */
export interface MatchTarget {
  readonly resource: Resource;
  /** Empty for cluster-scoped objects. A Namespace is in itself. */
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonMap;
  readonly namespaceLabels: Labels;
  /** The same resource in other versions or groups, as which a policy may want to see it. */
  readonly equivalents: readonly Resource[];
}

const isNamespace = ({ group, resource }: Resource): boolean => group === '' && resource === 'namespaces';

function matchesScope(scope: unknown, { resource, namespace }: MatchTarget): boolean {
  if (scope === undefined || scope === null || scope === '*') return true;
  const clusterScoped = isNamespace(resource) || namespace === '';
  return scope === 'Cluster' ? clusterScoped : scope === 'Namespaced' && !clusterScoped;
}

const oneOf = (list: unknown, wanted: string): boolean => {
  const values = textsOf(list);
  return values.includes('*') || values.includes(wanted);
};

function matchesRule(rule: JsonMap, resource: Resource, target: MatchTarget): boolean {
  return (
    matchesScope(rule['scope'], target) &&
    oneOf(rule['operations'], 'CREATE') &&
    oneOf(rule['apiGroups'], resource.group) &&
    oneOf(rule['apiVersions'], resource.version) &&
    textsOf(rule['resources']).some((entry) => {
      const [name, sub = ''] = entry.split('/') as [string, string?];
      return (name === '*' || name === resource.resource) && (sub === '' || sub === '*');
    })
  );
}

/** The resource as which one of the rules matches, or undefined. */
function matchRules(rules: unknown, matchPolicy: unknown, target: MatchTarget): Resource | undefined {
  const all = listOf(rules).filter(isMap);
  const names = (rule: JsonMap): boolean => {
    const list = textsOf(rule['resourceNames']);
    return list.length === 0 || list.includes(target.name);
  };
  const own = all.some((rule) => matchesRule(rule, target.resource, target) && names(rule));
  if (own) return target.resource;
  if (matchPolicy === 'Exact') return undefined;
  for (const rule of all)
    for (const equivalent of target.equivalents)
      if (matchesRule(rule, equivalent, target) && names(rule)) return equivalent;
  return undefined;
}

/**
 * The resource as which `matchConstraints` or `matchResources` match a request; undefined where they do not. The operation
 * is CREATE, of the object itself and not of a subresource.
 */
export function matchResources(constraints: unknown, target: MatchTarget): Resource | undefined {
  const { namespaceSelector, objectSelector, excludeResourceRules, resourceRules, matchPolicy } =
    mapOf(constraints);
  const inNamespace = target.namespace !== '' || isNamespace(target.resource);
  const wanted = requirementsOf(namespaceSelector);
  if (inNamespace && !matchesLabels(target.namespaceLabels, wanted)) return undefined;
  if (!matchesLabels(labelsOf(target.object), requirementsOf(objectSelector))) return undefined;
  if (matchRules(excludeResourceRules, matchPolicy, target)) return undefined;
  if (listOf(resourceRules).length === 0) return target.resource;
  return matchRules(resourceRules, matchPolicy, target);
}

const exempt = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/** Kinds that no policy can keep out, so that a bad policy can be repaired. */
export const isExempt = ({ group, kind }: Resource): boolean =>
  group === 'admissionregistration.k8s.io' && exempt.has(kind);

/** `apps/v1` of group and version; `v1` for the core group. */
export const apiVersionOf = ({ group, version }: Resource): string =>
  group === '' ? version : `${group}/${version}`;
