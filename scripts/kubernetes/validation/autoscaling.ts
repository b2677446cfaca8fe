/** HorizontalPodAutoscalers, v1 and v2. Mirrors pkg/apis/autoscaling/validation. */
import { type Errors, faultsOf, shown } from './error.ts';
import { type Field, get, isSet, items, number, size, text } from './field.ts';
import { isDnsLabel, isPathSegment } from './formats.ts';
import { notNegative } from './numbers.ts';
import { quantity } from './quantity.ts';
import { containerResourceNameFault } from './resources.ts';

const faults = faultsOf('autoscaling');
const { fault, missing, forbidden, oneOf } = faults;

export function* validateHorizontalPodAutoscaler(object: Field): Errors {
  const spec = get(object, 'spec');
  const least = get(spec, 'minReplicas');
  const most = get(spec, 'maxReplicas');
  const low = number(least) ?? 1;
  const high = number(most) ?? 0;
  if (low < 1) yield fault(least, `is ${low}, which is not at least 1`, 'write at least 1');
  if (high < 1) yield fault(most, `is ${high}, which is not at least 1`, 'write at least 1');
  else if (high < low)
    yield fault(
      most,
      `is ${high}, which is less than minReplicas of ${low}`,
      'raise it, or lower minReplicas',
    );
  yield* validateTarget(get(spec, 'scaleTargetRef'), true);
  const utilization = get(spec, 'targetCPUUtilizationPercentage');
  if ((number(utilization) ?? 1) < 1) yield fault(utilization, 'is not more than 0', 'write at least 1');
  for (const metric of items(get(spec, 'metrics'))) yield* validateMetric(metric);
  for (const direction of ['scaleUp', 'scaleDown'])
    yield* validateRules(get(spec, 'behavior', direction), direction);
}

/** `ValidateCrossVersionObjectReference`. */
function* validateTarget(reference: Field, needsGroup: boolean): Errors {
  for (const key of ['kind', 'name']) {
    const field = get(reference, key);
    if (text(field) === '') yield missing(field);
    const wrong = isPathSegment(text(field));
    if (wrong !== undefined) yield fault(field, wrong, `correct \`${key}\``);
  }
  const version = get(reference, 'apiVersion');
  const slash = text(version).indexOf('/');
  if (needsGroup && slash < 1 && text(get(reference, 'kind')) !== 'ReplicationController')
    yield fault(
      version,
      `is ${shown(version.value)}, and an API group is needed`,
      'write it such as `apps/v1`',
    );
  else if (text(version).split('/').length > 2)
    yield fault(
      version,
      `is \`${text(version)}\`, which is no group and version`,
      'write it such as `apps/v1`',
    );
}

function* validateRules(rules: Field, direction: string): Errors {
  if (!isSet(rules)) return;
  const window = get(rules, 'stabilizationWindowSeconds');
  const seconds = number(window);
  if (seconds !== undefined && (seconds < 0 || seconds > 3600))
    yield fault(window, `is ${seconds}, which is not between 0 and 3600`, 'write at most an hour');
  const select = get(rules, 'selectPolicy');
  const selects = ['Disabled', 'Max', 'Min'];
  if (isSet(select) && !selects.includes(text(select))) yield oneOf(select, selects);
  const policies = get(rules, 'policies');
  // Policies that are missing have a default, an empty list has none.
  if (isSet(policies) && size(policies) === 0)
    yield missing(policies, `${direction} has at least one policy`);
  for (const policy of items(policies)) {
    if (!['Percent', 'Pods'].includes(text(get(policy, 'type'))))
      yield oneOf(get(policy, 'type'), ['Percent', 'Pods']);
    if ((number(get(policy, 'value')) ?? 0) < 1)
      yield fault(get(policy, 'value'), 'is not more than 0', 'write at least 1');
    const period = number(get(policy, 'periodSeconds')) ?? 0;
    if (period < 1 || period > 1800)
      yield fault(
        get(policy, 'periodSeconds'),
        `is ${period}, which is not between 1 and 1800`,
        'write at most half an hour',
      );
  }
  if ((quantity(get(rules, 'tolerance')) ?? 0n) < 0n)
    yield* notNegative({ ...get(rules, 'tolerance'), value: -1 }, faults);
}

/** Each kind of metric: the field that holds it. */
const kinds: Readonly<Record<string, string>> = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  External: 'external',
  ContainerResource: 'containerResource',
};

/** `validateMetricSpec`. */
function* validateMetric(metric: Field): Errors {
  const type = get(metric, 'type');
  const expected = kinds[text(type)];
  if (expected === undefined) return yield oneOf(type, Object.keys(kinds));
  if (!isSet(get(metric, expected))) yield missing(get(metric, expected), `the type is ${text(type)}`);
  for (const kind of Object.values(kinds))
    if (kind !== expected && isSet(get(metric, kind)))
      yield forbidden(get(metric, kind), `the type is ${text(type)}`);
  if (isSet(get(metric, expected))) yield* validateSource(get(metric, expected), expected);
}

function* validateSource(source: Field, kind: string): Errors {
  const target = get(source, 'target');
  const has = (key: string): boolean => isSet(get(target, key));
  yield* validateMetricTarget(target);
  if (kind === 'object') yield* validateTarget(get(source, 'describedObject'), false);
  if (kind === 'object' || kind === 'external') {
    if (!has('value') && !has('averageValue'))
      yield missing(get(target, 'value'), 'either value or averageValue is needed');
    if (kind === 'external' && has('value') && has('averageValue'))
      yield forbidden(get(target, 'value'), 'averageValue is set too');
  }
  if (kind === 'pods' && !has('averageValue')) yield missing(get(target, 'averageValue'));
  if (kind === 'resource' || kind === 'containerResource') {
    const name = get(source, 'name');
    if (text(name) === '') yield missing(name);
    if (!has('averageUtilization') && !has('averageValue'))
      yield missing(get(target, 'averageUtilization'), 'either averageUtilization or averageValue is needed');
    if (has('averageUtilization') && has('averageValue'))
      yield forbidden(get(target, 'averageValue'), 'averageUtilization is set too');
    if (kind === 'containerResource') yield* validateContainer(source);
    return;
  }
  const metric = get(source, 'metric', 'name');
  if (text(metric) === '') yield missing(metric);
  const wrong = isPathSegment(text(metric));
  if (wrong !== undefined) yield fault(metric, wrong, 'write the name of a metric');
}

function* validateContainer(source: Field): Errors {
  const name = get(source, 'name');
  const wrongName = text(name) === '' ? undefined : containerResourceNameFault(text(name));
  if (wrongName !== undefined) yield fault(name, wrongName, 'write cpu or memory');
  const container = get(source, 'container');
  if (text(container) === '') return yield missing(container);
  const wrong = isDnsLabel(text(container));
  if (wrong !== undefined) yield fault(container, wrong, 'write the name of a container');
}

function* validateMetricTarget(target: Field): Errors {
  const type = get(target, 'type');
  const types = ['Utilization', 'Value', 'AverageValue'];
  if (!types.includes(text(type))) yield oneOf(type, types);
  for (const key of ['value', 'averageValue'])
    if ((quantity(get(target, key)) ?? 1n) <= 0n)
      yield fault(get(target, key), 'is not more than 0', 'write a positive quantity');
  if ((number(get(target, 'averageUtilization')) ?? 1) < 1)
    yield fault(get(target, 'averageUtilization'), 'is not more than 0', 'write at least 1');
}
