/** Admission policies, their bindings, and webhooks. Mirrors pkg/apis/admissionregistration/validation. */
import { type Errors, faultsOf } from './error.ts';
import { checkExpression, policyVariables, type Variables, variableType } from './expression.ts';
import { type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import {
  type Check,
  isDns1035Label,
  isDnsSubdomain,
  isFullyQualifiedName,
  isPathSegment,
  isPortNumber,
  isQualifiedName,
} from './formats.ts';
import { validateLabelSelector } from './selector.ts';

const { fault, missing, forbidden, oneOf, duplicate } = faultsOf('admission');

function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

function* choice(field: Field, allowed: readonly string[]): Errors {
  if (isSet(field) && !allowed.includes(text(field))) yield oneOf(field, allowed);
}

function* validateExpression(
  field: Field,
  variables: Variables,
  wanted: readonly string[],
  makesObjects = false,
): Errors {
  if (text(field).trim() === '') return yield missing(field);
  const { fault: wrong } = checkExpression(text(field), variables, wanted, makesObjects);
  if (wrong !== undefined) yield fault(field, wrong, 'correct the expression');
}

/** `validateValidatingAdmissionPolicySpec`. */
export function* validateAdmissionPolicy(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validatePolicyBase(spec);
  const own = ownVariables(spec);
  const names = namesOf(spec, true, own);
  const validations = get(spec, 'validations');
  const annotations = get(spec, 'auditAnnotations');
  if (size(validations) === 0 && size(annotations) === 0)
    yield missing(validations, 'a policy has at least one of validations and auditAnnotations');
  for (const validation of items(validations)) {
    yield* validateExpression(get(validation, 'expression'), names, ['bool']);
    const message = get(validation, 'message');
    if (text(message) !== '' && text(message).trim() === '') yield missing(message);
    if (/[\n\r]/.test(text(message).trim())) yield fault(message, 'has line breaks', 'write it in one line');
    const expression = get(validation, 'messageExpression');
    if (text(expression) !== '') yield* validateExpression(expression, namesOf(spec, false, own), ['string']);
    yield* choice(get(validation, 'reason'), ['Forbidden', 'Invalid', 'RequestEntityTooLarge']);
  }
  yield* validateAuditAnnotations(annotations, text(get(object, 'metadata', 'name')), names);
}

/** What both kinds of policies have. */
function* validatePolicyBase(spec: Field): Errors {
  yield* choice(get(spec, 'failurePolicy'), ['Fail', 'Ignore']);
  if (isSet(get(spec, 'paramKind'))) yield* validateParamKind(get(spec, 'paramKind'));
  const constraints = get(spec, 'matchConstraints');
  if (!isSet(constraints)) yield missing(constraints, 'it says what the policy is about');
  else {
    yield* validateMatchResources(constraints);
    if (size(get(constraints, 'resourceRules')) === 0) yield missing(get(constraints, 'resourceRules'));
  }
  yield* validateMatchConditions(get(spec, 'matchConditions'), isSet(get(spec, 'paramKind')));
  for (const [index, variable] of items(get(spec, 'variables')).entries()) {
    const name = get(variable, 'name');
    if (text(name).trim() === '') yield missing(name);
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(text(name)) || reserved.has(text(name)))
      yield fault(name, `is \`${text(name)}\`, which is no CEL identifier`, 'write letters, digits and `_`');
    yield* validateExpression(
      get(variable, 'expression'),
      namesOf(spec, true, ownVariables(spec, index)),
      [],
    );
  }
}

const reserved: ReadonlySet<string> = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var void ' +
    'while'
  ).split(' '),
);

/** The policy's own variables before one of them, with their types; undefined where it has none at all. */
function ownVariables(spec: Field, before = Number.POSITIVE_INFINITY): Variables | undefined {
  const all = items(get(spec, 'variables'));
  if (all.length === 0) return undefined;
  const own: Record<string, Variables[string]> = {};
  for (const variable of all.slice(0, before)) {
    const { type } = checkExpression(text(get(variable, 'expression')), namesOf(spec, true, own));
    own[text(get(variable, 'name'))] = variableType(type);
  }
  return own;
}

/** What expressions of a policy may use. */
const namesOf = (spec: Field, authorizer: boolean, own?: Variables): Variables =>
  policyVariables({
    params: isSet(get(spec, 'paramKind')),
    authorizer,
    ...(own === undefined ? {} : { own }),
  });

function* validateAuditAnnotations(annotations: Field, policy: string, names: Variables): Errors {
  const keys = new Set<string>();
  if (size(annotations) > 20) yield fault(annotations, 'has more than 20 entries', 'remove some');
  for (const annotation of items(annotations)) {
    const key = get(annotation, 'key');
    const wrong = isQualifiedName(`${policy}/${text(key)}`);
    if (wrong !== undefined)
      yield fault(key, `gives with the policy's name a key that ${wrong}`, 'rename the key');
    if (keys.has(text(key))) yield duplicate(key, text(key));
    keys.add(text(key));
    const expression = get(annotation, 'valueExpression');
    if (text(expression).trim().length > 5 * 1024)
      yield fault(expression, 'is longer than 5120 characters', 'shorten it');
    else yield* validateExpression(expression, names, ['string', 'null', 'null_type']);
  }
}

/** `validateParamKind`. */
function* validateParamKind(kind: Field): Errors {
  const version = get(kind, 'apiVersion');
  if (text(version) === '') yield missing(version);
  else {
    const parts = text(version).split('/');
    const [group, name] = parts.length === 2 ? parts : ['', ...parts];
    const wrong =
      parts.length > 2
        ? `is \`${text(version)}\`, which is no group and version`
        : ((group === '' ? undefined : isDnsSubdomain(group ?? '')) ?? isDns1035Label(name ?? ''));
    if (wrong !== undefined) yield fault(version, wrong, 'write it such as `v1` or `example.com/v1`');
  }
  const name = get(kind, 'kind');
  if (text(name) === '') yield missing(name);
  else yield* checked({ ...name, value: text(name).toLowerCase() }, isDns1035Label, 'write a kind');
}

/** `validateMatchResources`. */
function* validateMatchResources(resources: Field): Errors {
  yield* choice(get(resources, 'matchPolicy'), ['Equivalent', 'Exact']);
  for (const key of ['namespaceSelector', 'objectSelector'])
    yield* validateLabelSelector(get(resources, key));
  for (const list of ['resourceRules', 'excludeResourceRules'])
    for (const rule of items(get(resources, list))) {
      const names = new Set<string>();
      for (const [name, item] of texts(get(rule, 'resourceNames'))) {
        yield* checked(item, isPathSegment, 'write the name of an object');
        if (names.has(name)) yield duplicate(item, name);
        names.add(name);
      }
      yield* validateRule(rule);
    }
}

const operations = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/** `validateRuleWithOperations`. */
function* validateRule(rule: Field): Errors {
  const used = get(rule, 'operations');
  if (size(used) === 0) yield missing(used);
  yield* aloneIfAny(used);
  for (const [operation, item] of texts(used))
    if (!operations.includes(operation)) yield oneOf(item, operations);
  for (const key of ['apiGroups', 'apiVersions']) {
    const field = get(rule, key);
    if (size(field) === 0) yield missing(field);
    yield* aloneIfAny(field);
  }
  for (const [version, item] of texts(get(rule, 'apiVersions'))) if (version === '') yield missing(item);
  yield* validateResources(get(rule, 'resources'));
  yield* choice(get(rule, 'scope'), ['*', 'Cluster', 'Namespaced']);
}

function* aloneIfAny(field: Field): Errors {
  const all = texts(field);
  if (all.length > 1 && all.some(([value]) => value === '*'))
    yield fault(field, 'has `*` beside others', 'write `*` alone, or leave it out');
}

/** `validateResources`. */
function* validateResources(field: Field): Errors {
  const all = texts(field);
  if (all.length === 0) return yield missing(field);
  const whole = new Set<string>();
  const everySub = new Set<string>();
  for (const [name, item] of all) {
    if (name === '') yield missing(item);
    const slash = name.indexOf('/');
    if (slash === -1) continue;
    const resource = name.slice(0, slash);
    const sub = name.slice(slash + 1);
    if (whole.has(resource))
      yield fault(item, `is \`${name}\`, and \`${resource}/*\` is there already`, 'remove it');
    if (everySub.has(sub))
      yield fault(item, `is \`${name}\`, and \`*/${sub}\` is there already`, 'remove it');
    if (sub === '*') whole.add(resource);
    if (resource === '*') everySub.add(sub);
  }
  if (all.length > 1 && all.some(([name]) => name === '*/*'))
    yield fault(field, 'has `*/*` beside others', 'write `*/*` alone, or leave it out');
  // Upstream looks at the last resource without a slash only.
  const plain = all.filter(([name]) => !name.includes('/')).at(-1)?.[0];
  if (all.some(([name]) => name === '*') && plain !== undefined && plain !== '*')
    yield fault(field, 'has `*` beside others', 'write `*` alone, or leave it out');
}

/** `validateMatchConditions`. */
function* validateMatchConditions(conditions: Field, hasParams: boolean): Errors {
  const names = new Set<string>();
  if (size(conditions) > 64) yield fault(conditions, 'has more than 64 entries', 'remove some');
  const variables = policyVariables({ params: hasParams, authorizer: true });
  for (const condition of items(conditions)) {
    const name = get(condition, 'name');
    if (text(name) === '') yield missing(name);
    else {
      yield* checked(name, isQualifiedName, 'rename the condition');
      if (names.has(text(name))) yield duplicate(name, text(name));
      names.add(text(name));
    }
    yield* validateExpression(get(condition, 'expression'), variables, ['bool']);
  }
}

/** `validateValidatingAdmissionPolicyBindingSpec`. */
export function* validateAdmissionPolicyBinding(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateBindingBase(spec);
  const actions = texts(get(spec, 'validationActions'));
  const seen = new Set<string>();
  for (const [action, item] of actions) {
    if (!['Deny', 'Warn', 'Audit'].includes(action)) yield oneOf(item, ['Deny', 'Warn', 'Audit']);
    if (seen.has(action)) yield duplicate(item, action);
    seen.add(action);
  }
  if (seen.has('Deny') && seen.has('Warn'))
    yield fault(
      get(spec, 'validationActions'),
      'has both Deny and Warn, which would say the same twice',
      'write one of them',
    );
  if (actions.length === 0)
    yield missing(get(spec, 'validationActions'), 'at least one of Deny, Warn and Audit is needed');
}

function* validateBindingBase(spec: Field): Errors {
  const policy = get(spec, 'policyName');
  if (text(policy) === '') yield missing(policy);
  else yield* checked(policy, isDnsSubdomain, 'write the name of a policy');
  if (isSet(get(spec, 'matchResources'))) yield* validateMatchResources(get(spec, 'matchResources'));
  const reference = get(spec, 'paramRef');
  if (!isSet(reference)) return;
  const name = get(reference, 'name');
  const selector = get(reference, 'selector');
  if (text(name) !== '') yield* checked(name, isPathSegment, 'write the name of an object');
  if (isSet(selector)) yield* validateLabelSelector(selector);
  if (text(name) !== '' && isSet(selector))
    yield forbidden(selector, 'name is set too, and only one of them is allowed');
  if (text(name) === '' && !isSet(selector)) yield missing(name, 'either name or selector is needed');
  const action = get(reference, 'parameterNotFoundAction');
  if (text(action) === '') yield missing(action);
  else yield* choice(action, ['Allow', 'Deny']);
}

/** `validateMutatingAdmissionPolicySpec`. */
export function* validateMutatingPolicy(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validatePolicyBase(spec);
  yield* noDeletes(get(spec, 'matchConstraints', 'resourceRules'));
  const mutations = get(spec, 'mutations');
  if (size(mutations) === 0) yield missing(mutations, 'a mutating policy has at least one');
  const names = namesOf(spec, true, ownVariables(spec) ?? {});
  for (const mutation of items(mutations)) {
    const type = get(mutation, 'patchType');
    const kinds: Readonly<Record<string, string>> = {
      JSONPatch: 'jsonPatch',
      ApplyConfiguration: 'applyConfiguration',
    };
    const expected = kinds[text(type)];
    if (expected === undefined) {
      yield oneOf(type, Object.keys(kinds));
      continue;
    }
    const patch = get(mutation, expected);
    if (!isSet(patch)) yield missing(patch, `the patchType is ${text(type)}`);
    else {
      // What makes objects has no type here, and passes.
      const result = expected === 'jsonPatch' ? 'a list of JSONPatch' : 'Object';
      yield* validateExpression(get(patch, 'expression'), names, [result], true);
    }
    for (const other of Object.values(kinds))
      if (other !== expected && isSet(get(mutation, other)))
        yield forbidden(get(mutation, other), `the patchType is ${text(type)}`);
  }
  const policy = get(spec, 'reinvocationPolicy');
  if (text(policy) === '') yield missing(policy);
  else yield* choice(policy, ['Never', 'IfNeeded']);
}

function* noDeletes(rules: Field): Errors {
  for (const rule of items(rules))
    for (const [operation, item] of texts(get(rule, 'operations')))
      if (operation === 'DELETE') yield fault(item, 'is DELETE, which mutates nothing', 'remove it');
}

export function* validateMutatingPolicyBinding(object: Field): Errors {
  yield* validateBindingBase(get(object, 'spec'));
  yield* noDeletes(get(object, 'spec', 'matchResources', 'resourceRules'));
}

/** `ValidateValidatingWebhookConfiguration` and `ValidateMutatingWebhookConfiguration`. */
export function* validateWebhookConfiguration(object: Field): Errors {
  const names = new Set<string>();
  for (const hook of items(get(object, 'webhooks'))) {
    const name = get(hook, 'name');
    if (text(name) === '') yield missing(name);
    else yield* checked(name, isFullyQualifiedName, 'write a name such as `check.example.com`');
    if (names.has(text(name))) yield duplicate(name, text(name));
    names.add(text(name));
    for (const rule of items(get(hook, 'rules'))) yield* validateRule(rule);
    yield* choice(get(hook, 'failurePolicy'), ['Fail', 'Ignore']);
    yield* choice(get(hook, 'matchPolicy'), ['Equivalent', 'Exact']);
    yield* choice(get(hook, 'reinvocationPolicy'), ['Never', 'IfNeeded']);
    const effects = get(hook, 'sideEffects');
    if (!isSet(effects)) yield missing(effects);
    yield* choice(effects, ['None', 'NoneOnDryRun']);
    const timeout = number(get(hook, 'timeoutSeconds')) ?? 10;
    if (timeout < 1 || timeout > 30)
      yield fault(
        get(hook, 'timeoutSeconds'),
        `is ${timeout}, which is not between 1 and 30`,
        'write at most 30',
      );
    for (const key of ['namespaceSelector', 'objectSelector']) yield* validateLabelSelector(get(hook, key));
    yield* validateMatchConditions(get(hook, 'matchConditions'), false);
    yield* validateReviewVersions(get(hook, 'admissionReviewVersions'));
    yield* validateClient(get(hook, 'clientConfig'));
  }
}

function* validateReviewVersions(field: Field): Errors {
  const versions = texts(field);
  if (versions.length === 0) return yield missing(field, 'write `[v1]`');
  const seen = new Set<string>();
  for (const [version, item] of versions) {
    if (seen.has(version)) yield duplicate(item, version);
    seen.add(version);
    yield* checked(item, isDns1035Label, 'write v1');
  }
  if (!seen.has('v1') && !seen.has('v1beta1'))
    yield fault(field, 'has none that the server speaks', 'add v1');
}

/** A webhook's address: a Service of the cluster, or a URL. */
export function* validateClient(client: Field): Errors {
  const url = get(client, 'url');
  const service = get(client, 'service');
  if (isSet(url) === isSet(service))
    return yield fault(client, 'has not exactly one of url and service', 'write one of them');
  if (isSet(url)) {
    const wrong = urlFault(text(url));
    if (wrong !== undefined)
      yield fault(url, `is \`${text(url)}\`, and ${wrong}`, 'write `https://host/path`');
    return;
  }
  for (const key of ['name', 'namespace'])
    if (text(get(service, key)) === '') yield missing(get(service, key));
  const port = number(get(service, 'port')) ?? 443;
  if (!isPortNumber(port))
    yield fault(get(service, 'port'), `is ${port}, which is not between 1 and 65535`, 'write a port number');
  const path = get(service, 'path');
  if (['', '/'].includes(text(path))) return;
  const segments = text(path).slice(1).replace(/\/$/, '').split('/');
  if (!text(path).startsWith('/') || segments.some((segment) => isDnsSubdomain(segment) !== undefined))
    yield fault(path, `is \`${text(path)}\`, which is no path of lower-case names`, 'write `/name/name`');
}

function urlFault(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'it is no URL';
  }
  if (url.protocol !== 'https:') return 'only https is allowed';
  if (url.username !== '' || url.password !== '') return 'a user is not allowed in it';
  if (url.hash !== '') return 'a fragment is not allowed in it';
  return url.search === '' ? undefined : 'a query is not allowed in it';
}
