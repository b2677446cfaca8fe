/** Roles and bindings. Mirrors pkg/apis/rbac/validation. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, size, text } from './field.ts';
import { isDnsSubdomain, isPathSegment } from './formats.ts';
import { validateLabelSelector } from './selector.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('access-control');

const group = 'rbac.authorization.k8s.io';

/** `ValidatePolicyRule`. */
function* validateRules(object: Field, namespaced: boolean): Errors {
  for (const rule of items(get(object, 'rules'))) {
    if (size(get(rule, 'verbs')) === 0) yield missing(get(rule, 'verbs'), 'a rule allows at least one verb');
    const urls = get(rule, 'nonResourceURLs');
    const groups = get(rule, 'apiGroups');
    const resources = get(rule, 'resources');
    if (size(urls) > 0) {
      if (namespaced) yield forbidden(urls, 'a Role is about the resources of a namespace');
      if (size(groups) + size(resources) + size(get(rule, 'resourceNames')) > 0)
        yield forbidden(urls, 'a rule is about resources or about URLs, not both');
      continue;
    }
    if (size(groups) === 0)
      yield missing(groups, 'a rule about resources names their API groups; the core group is `""`');
    if (size(resources) === 0) yield missing(resources, 'a rule names resources or nonResourceURLs');
  }
}

export function* validateRole(object: Field): Errors {
  yield* validateRules(object, true);
}

export function* validateClusterRole(object: Field): Errors {
  yield* validateRules(object, false);
  const aggregation = get(object, 'aggregationRule');
  if (!isSet(aggregation)) return;
  const selectors = get(aggregation, 'clusterRoleSelectors');
  if (size(selectors) === 0) yield missing(selectors, 'an aggregationRule selects roles');
  for (const selector of items(selectors)) yield* validateLabelSelector(selector);
}

function* validateBinding(object: Field, namespaced: boolean): Errors {
  const role = get(object, 'roleRef');
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  // A missing group is filled in.
  const apiGroup = get(role, 'apiGroup');
  if (text(apiGroup) !== '' && text(apiGroup) !== group) yield oneOf(apiGroup, [group]);
  if (!kinds.includes(text(get(role, 'kind')))) yield oneOf(get(role, 'kind'), kinds);
  const name = get(role, 'name');
  if (text(name) === '') yield missing(name);
  const wrong = isPathSegment(text(name));
  if (wrong !== undefined) yield fault(name, wrong, 'write the name of a role');
  for (const subject of items(get(object, 'subjects'))) yield* validateSubject(subject, namespaced);
}

export function* validateRoleBinding(object: Field): Errors {
  yield* validateBinding(object, true);
}

export function* validateClusterRoleBinding(object: Field): Errors {
  yield* validateBinding(object, false);
}

/** `ValidateRoleBindingSubject`. */
function* validateSubject(subject: Field, namespaced: boolean): Errors {
  const name = get(subject, 'name');
  const apiGroup = get(subject, 'apiGroup');
  if (text(name) === '') yield missing(name);
  switch (text(get(subject, 'kind'))) {
    case 'ServiceAccount': {
      const wrong = text(name) === '' ? undefined : isDnsSubdomain(text(name));
      if (wrong !== undefined) yield fault(name, wrong, 'write the name of a ServiceAccount');
      if (text(apiGroup) !== '')
        yield fault(
          apiGroup,
          `is \`${text(apiGroup)}\`, and a ServiceAccount is of the core group`,
          'remove it',
        );
      if (!namespaced && text(get(subject, 'namespace')) === '')
        yield missing(get(subject, 'namespace'), 'a ServiceAccount has a namespace');
      return;
    }
    case 'User':
    case 'Group':
      // A missing group is filled in.
      if (text(apiGroup) !== '' && text(apiGroup) !== group) yield oneOf(apiGroup, [group]);
      return;
    default:
      yield oneOf(get(subject, 'kind'), ['ServiceAccount', 'User', 'Group']);
  }
}
