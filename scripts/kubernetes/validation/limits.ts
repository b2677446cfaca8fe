/** LimitRanges and ResourceQuotas. Mirrors `ValidateLimitRange` and `ValidateResourceQuotaSpec`. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, items, size, text, texts } from './field.ts';
import { isQualifiedName } from './formats.ts';
import { amountOf, milliValue, toMilli, unitValue } from './quantity.ts';
import {
  containerResourceNameFault,
  isOvercommitAllowed,
  isQuotaResource,
  resourceNameFault,
  validateAmount,
} from './resources.ts';

const { fault, missing, forbidden, oneOf, duplicate } = faultsOf('limits');

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export function* validateLimitRange(object: Field): Errors {
  const types = new Set<string>();
  for (const limit of items(get(object, 'spec', 'limits'))) {
    const type = get(limit, 'type');
    const known = ['Pod', 'Container', 'PersistentVolumeClaim'];
    const qualified = isQualifiedName(text(type));
    if (qualified !== undefined) yield fault(type, qualified, `write one of ${known.join(', ')}`);
    else if (!text(type).includes('/') && !known.includes(text(type))) yield oneOf(type, known);
    if (types.has(text(type))) yield duplicate(type, text(type));
    types.add(text(type));
    yield* validateLimit(limit, text(type));
  }
}

function* validateLimit(limit: Field, type: string): Errors {
  const check = type === 'Pod' || type === 'Container' ? containerResourceNameFault : resourceNameFault;
  for (const list of lists) {
    const field = get(limit, list);
    if (type === 'Pod' && list.startsWith('default') && size(field) > 0)
      yield forbidden(field, 'a pod as a whole has no defaults');
    for (const [name, amount] of entries(field)) {
      const wrong = check(name);
      if (wrong !== undefined) yield fault(amount, wrong, 'write the name of a resource');
    }
  }
  if (type === 'PersistentVolumeClaim' && !['min', 'max'].some((list) => isSet(get(limit, list, 'storage'))))
    yield missing(get(limit, 'max', 'storage'), 'a limit of claims has a min or max of storage');
  for (const name of new Set(lists.flatMap((list) => entries(get(limit, list)).map(([key]) => key))))
    yield* validateOrder(limit, name, type);
}

/** The amounts of one resource have to be in order: min, defaultRequest, default, max. */
function* validateOrder(limit: Field, name: string, type: string): Errors {
  const of = (list: string): Field => get(limit, list, name);
  const filled = type === 'Container' ? withDefaults(of) : of;
  for (const [small, large] of [
    ['min', 'max'],
    ['min', 'defaultRequest'],
    ['defaultRequest', 'max'],
    ['defaultRequest', 'default'],
    ['min', 'default'],
    ['default', 'max'],
  ] as const) {
    const low = amountOf(filled(small));
    const high = amountOf(filled(large));
    if (low !== undefined && high !== undefined && toMilli(low) > toMilli(high))
      yield fault(
        filled(small),
        `is ${String(filled(small).value)}, which is more than ${large} of ${String(filled(large).value)}`,
        'put them in order: min, defaultRequest, default, max',
      );
  }
  const ratio = amountOf(of('maxLimitRequestRatio'));
  if (ratio === undefined) return yield* validateOvercommit(filled, name);
  if (ratio < 1_000_000_000n) yield fault(of('maxLimitRequestRatio'), 'is less than 1', 'write at least 1');
  const low = of('min').value;
  const high = of('max').value;
  if (low !== undefined && high !== undefined && exceeds(of('maxLimitRequestRatio').value, high, low))
    yield fault(
      of('maxLimitRequestRatio'),
      'is more than max divided by min, so it limits nothing',
      'lower it',
    );
  yield* validateOvercommit(filled, name);
}

/** Whether a ratio is more than that of two amounts, in thousandths where 64 bits hold all three. */
function exceeds(ratio: unknown, high: unknown, low: unknown): boolean {
  const fits = [ratio, high, low].every((one) => (unitValue(one) ?? 0n) < (2n ** 63n - 1n) / 1000n);
  const read = fits ? milliValue : unitValue;
  const limit = Number(read(high) ?? 0n) / Number(read(low) ?? 0n);
  return Number(read(ratio) ?? 0n) / (fits ? 1000 : 1) > limit;
}

function* validateOvercommit(of: (list: string) => Field, name: string): Errors {
  const limit = amountOf(of('default'));
  const request = amountOf(of('defaultRequest'));
  if (limit !== undefined && request !== undefined && !isOvercommitAllowed(name) && limit !== request)
    yield fault(
      of('defaultRequest'),
      `is not what default says, and ${name} cannot be overcommitted`,
      'write the same in both',
    );
}

/** `SetDefaults_LimitRangeItem`. */
const withDefaults =
  (of: (list: string) => Field) =>
  (list: string): Field => {
    const own = of(list);
    if (own.value !== undefined) return own;
    if (list === 'default') return of('max');
    if (list !== 'defaultRequest') return own;
    const limit = of('default').value === undefined ? of('max') : of('default');
    return limit.value === undefined ? of('min') : limit;
  };

const podScopes = [
  'Terminating',
  'NotTerminating',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const scopes = [...podScopes, 'BestEffort', 'VolumeAttributesClass'];
const podResources = [
  'pods',
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
];

/** `IsResourceQuotaScopeValidForResource`. */
function scopeFits(scope: string, resource: string): boolean {
  if (podScopes.includes(scope)) return podResources.includes(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass')
    return ['persistentvolumeclaims', 'requests.storage'].includes(resource);
  return true;
}

export function* validateResourceQuota(object: Field): Errors {
  const spec = get(object, 'spec');
  for (const [name, field] of entries(get(spec, 'hard'))) {
    const wrong =
      resourceNameFault(name) ??
      (name.includes('/') || isQuotaResource(name) ? undefined : 'is no resource that a quota can limit');
    if (wrong !== undefined) yield fault(field, wrong, 'write the name of a resource');
    yield* validateAmount(name, field);
  }
  yield* validateScopes(texts(get(spec, 'scopes')), spec);
  const expressions = items(get(spec, 'scopeSelector', 'matchExpressions'));
  yield* validateScopes(
    expressions.map(
      (expression) => [text(get(expression, 'scopeName')), get(expression, 'scopeName')] as const,
    ),
    spec,
  );
  for (const expression of expressions) yield* validateScopeExpression(expression);
}

function* validateScopes(used: readonly (readonly [string, Field])[], spec: Field): Errors {
  const resources = entries(get(spec, 'hard')).map(([name]) => name);
  for (const [scope, field] of used) {
    if (!scopes.includes(scope)) yield oneOf(field, scopes);
    const misfit = resources.find((name) => isQuotaResource(name) && !scopeFits(scope, name));
    if (misfit !== undefined)
      yield fault(
        field,
        `is ${scope}, which says nothing about ${misfit}`,
        'make another quota for that resource',
      );
  }
  for (const [one, other] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ] as const) {
    const second = used.find(([scope]) => scope === other);
    if (second !== undefined && used.some(([scope]) => scope === one))
      yield fault(second[1], `is ${other}, beside ${one}, so nothing is left`, 'remove one of them');
  }
}

function* validateScopeExpression(expression: Field): Errors {
  const operator = get(expression, 'operator');
  const values = get(expression, 'values');
  const scope = text(get(expression, 'scopeName'));
  const plain = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
  if (plain.includes(scope) && text(operator) !== 'Exists')
    yield fault(operator, `is ${text(operator)}, and the scope ${scope} only exists`, 'write Exists');
  switch (text(operator)) {
    case 'In':
    case 'NotIn':
      if (size(values) === 0) yield missing(values, `the operator ${text(operator)} compares with values`);
      return;
    case 'Exists':
    case 'DoesNotExist':
      if (size(values) > 0) yield forbidden(values, `the operator ${text(operator)} compares with nothing`);
      return;
    default:
      yield oneOf(operator, ['In', 'NotIn', 'Exists', 'DoesNotExist']);
  }
}
