/** Where pods may run. Mirrors `validateAffinity`, `ValidateTolerations`, `validateTopologySpreadConstraints` and their like. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from './formats.ts';
import { validateLabels } from './metadata.ts';
import { validateLabelSelector } from './selector.ts';

const { fault, missing, forbidden, duplicate, oneOf } = faultsOf('scheduling');

/** All of a pod's fields about scheduling. */
export function* validateScheduling(spec: Field): Errors {
  yield* validateLabels(get(spec, 'nodeSelector'));
  yield* validateAffinity(get(spec, 'affinity'));
  yield* validateTolerations(get(spec, 'tolerations'));
  yield* validateSpread(get(spec, 'topologySpreadConstraints'));
  const gates = new Set<string>();
  for (const gate of items(get(spec, 'schedulingGates'))) {
    const name = get(gate, 'name');
    yield* labelKey(name, 'write a name such as `example.com/gate`');
    if (gates.has(text(name))) yield duplicate(name, text(name));
    gates.add(text(name));
  }
  for (const key of ['nodeName', 'priorityClassName']) {
    const field = get(spec, key);
    const wrong = text(field) === '' ? undefined : isDnsSubdomain(text(field));
    if (wrong !== undefined) yield fault(field, wrong, `correct \`${key}\``);
  }
  const preemption = get(spec, 'preemptionPolicy');
  const policies = ['PreemptLowerPriority', 'Never'];
  if (isSet(preemption) && !policies.includes(text(preemption))) yield oneOf(preemption, policies);
}

function* labelKey(field: Field, fix: string): Errors {
  const wrong = isQualifiedName(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

function* validateWeight(field: Field): Errors {
  const weight = number(field) ?? 0;
  if (weight < 1 || weight > 100)
    yield fault(field, `is ${weight}, which is not between 1 and 100`, 'write a weight from 1 to 100');
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** `validateAffinity`. */
function* validateAffinity(affinity: Field): Errors {
  const node = get(affinity, 'nodeAffinity');
  if (isSet(get(node, required))) yield* validateNodeSelector(get(node, required));
  for (const term of items(get(node, preferred))) {
    yield* validateWeight(get(term, 'weight'));
    yield* validateNodeSelectorTerm(get(term, 'preference'), false);
  }
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    for (const term of items(get(affinity, kind, required))) yield* validatePodAffinityTerm(term);
    for (const term of items(get(affinity, kind, preferred))) {
      yield* validateWeight(get(term, 'weight'));
      yield* validatePodAffinityTerm(get(term, 'podAffinityTerm'));
    }
  }
}

/** `ValidateNodeSelector`. */
export function* validateNodeSelector(selector: Field): Errors {
  const terms = get(selector, 'nodeSelectorTerms');
  if (size(terms) === 0) yield missing(terms, 'at least one term is needed');
  for (const term of items(terms)) yield* validateNodeSelectorTerm(term, true);
}

/** The values of preferred terms are not checked, upstream keeps that for old objects. */
function* validateNodeSelectorTerm(term: Field, checkValues: boolean): Errors {
  for (const expression of items(get(term, 'matchExpressions'))) {
    const operator = get(expression, 'operator');
    const values = get(expression, 'values');
    switch (text(operator)) {
      case 'In':
      case 'NotIn':
        if (size(values) === 0) yield missing(values, `the operator ${text(operator)} compares with values`);
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (size(values) > 0) yield forbidden(values, `the operator ${text(operator)} compares with nothing`);
        break;
      case 'Gt':
      case 'Lt':
        if (size(values) !== 1)
          yield missing(values, `the operator ${text(operator)} compares with exactly one value`);
        break;
      default:
        yield oneOf(operator, ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);
    }
    yield* labelKey(get(expression, 'key'), 'write the key of a label');
    if (!checkValues) continue;
    for (const [value, item] of texts(values)) {
      const wrong = isLabelValue(value);
      if (wrong !== undefined) yield fault(item, wrong, 'write the value of a label');
    }
  }
  for (const expression of items(get(term, 'matchFields'))) yield* validateFieldRequirement(expression);
}

/** `ValidateNodeFieldSelectorRequirement`. */
function* validateFieldRequirement(expression: Field): Errors {
  const operator = get(expression, 'operator');
  const values = get(expression, 'values');
  if (!['In', 'NotIn'].includes(text(operator))) yield oneOf(operator, ['In', 'NotIn']);
  else if (size(values) !== 1) yield missing(values, 'exactly one value is needed');
  if (text(get(expression, 'key')) !== 'metadata.name')
    return yield oneOf(get(expression, 'key'), ['metadata.name']);
  for (const [value, item] of texts(values)) {
    const wrong = isDnsSubdomain(value);
    if (wrong !== undefined) yield fault(item, wrong, 'write the name of a node');
  }
}

/** `validatePodAffinityTerm`. */
function* validatePodAffinityTerm(term: Field): Errors {
  yield* validateLabelSelector(get(term, 'labelSelector'));
  yield* validateLabelSelector(get(term, 'namespaceSelector'));
  for (const [name, item] of texts(get(term, 'namespaces'))) {
    const wrong = isDnsLabel(name);
    if (wrong !== undefined) yield fault(item, wrong, 'write the name of a namespace');
  }
  yield* validateLabelKeys(term);
  const key = get(term, 'topologyKey');
  if (text(key) === '') yield missing(key);
  else yield* labelKey(key, 'write the key of a node label, such as `kubernetes.io/hostname`');
}

/** `ValidateMatchLabelKeysAndMismatchLabelKeys`. */
function* validateLabelKeys(term: Field): Errors {
  const selector = get(term, 'labelSelector');
  const matching = texts(get(term, 'matchLabelKeys'));
  const mismatching = texts(get(term, 'mismatchLabelKeys'));
  for (const list of ['matchLabelKeys', 'mismatchLabelKeys']) {
    const keys = get(term, list);
    if (size(keys) > 0 && !isSet(selector)) yield forbidden(keys, 'labelSelector is not set');
    else for (const item of items(keys)) yield* labelKey(item, 'write the key of a label');
  }
  // The server adds these keys to the selector, so one that is in it twice stands in both.
  const seen = new Set(entries(get(selector, 'matchLabels')).map(([key]) => key));
  const keys = new Set(matching.map(([key]) => key));
  for (const expression of items(get(selector, 'matchExpressions'))) {
    const key = text(get(expression, 'key'));
    if (keys.has(key) && seen.has(key))
      yield fault(
        get(expression, 'key'),
        `is \`${key}\`, which is in matchLabelKeys and in the selector`,
        'remove it from one of them',
      );
    seen.add(key);
  }
  const others = new Set(mismatching.map(([key]) => key));
  for (const [key, item] of matching)
    if (others.has(key))
      yield fault(item, `is \`${key}\`, which is in mismatchLabelKeys too`, 'remove it from one of them');
}

/** `ValidateTolerations`. */
export function* validateTolerations(tolerations: Field): Errors {
  for (const toleration of items(tolerations)) {
    const key = get(toleration, 'key');
    const operator = get(toleration, 'operator');
    const value = get(toleration, 'value');
    const effect = get(toleration, 'effect');
    if (text(key) !== '') yield* labelKey(key, 'write the key of a taint');
    else if (text(operator) !== 'Exists')
      yield fault(
        operator,
        'has to be Exists where there is no key, which tolerates every taint',
        'write `operator: Exists`, or a key',
      );
    if (isSet(get(toleration, 'tolerationSeconds')) && text(effect) !== 'NoExecute')
      yield fault(
        get(toleration, 'tolerationSeconds'),
        'is for the effect NoExecute alone',
        'write `effect: NoExecute`, or remove tolerationSeconds',
      );
    if (text(operator) === 'Exists') {
      if (text(value) !== '') yield forbidden(value, 'the operator Exists compares with nothing');
    } else if (text(operator) === '' || text(operator) === 'Equal') {
      const wrong = isLabelValue(text(value));
      if (wrong !== undefined) yield fault(value, wrong, 'write the value of a taint');
    } else yield oneOf(operator, ['Equal', 'Exists']);
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
    if (text(effect) !== '' && !effects.includes(text(effect))) yield oneOf(effect, effects);
  }
}

/** `validateTopologySpreadConstraints`. */
function* validateSpread(constraints: Field): Errors {
  const seen = new Set<string>();
  for (const constraint of items(constraints)) {
    const skew = get(constraint, 'maxSkew');
    if ((number(skew) ?? 0) < 1)
      yield fault(skew, `is ${number(skew) ?? 'missing'}, which is not more than 0`, 'write at least 1');
    const key = get(constraint, 'topologyKey');
    if (text(key) === '') yield missing(key);
    const action = get(constraint, 'whenUnsatisfiable');
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(text(action)))
      yield oneOf(action, ['DoNotSchedule', 'ScheduleAnyway']);
    const pair = `${text(key)}, ${text(action)}`;
    if (seen.has(pair)) yield duplicate(key, pair);
    seen.add(pair);
    const domains = get(constraint, 'minDomains');
    if (isSet(domains) && (number(domains) ?? 0) < 1)
      yield fault(domains, 'is not more than 0', 'write at least 1');
    if (isSet(domains) && text(action) !== 'DoNotSchedule')
      yield forbidden(domains, 'it is for `whenUnsatisfiable: DoNotSchedule` alone');
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      const field = get(constraint, policy);
      if (isSet(field) && !['Honor', 'Ignore'].includes(text(field))) yield oneOf(field, ['Honor', 'Ignore']);
    }
    yield* validateLabelKeys(constraint);
    yield* validateLabelSelector(get(constraint, 'labelSelector'));
  }
}
