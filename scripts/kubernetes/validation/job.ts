/** Jobs. Mirrors `ValidateJob` and `validateJobSpec` of pkg/apis/batch/validation. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, items, number, size, text } from './field.ts';
import {
  isDnsLabel,
  isDnsSubdomain,
  isDomainPrefixedPath,
  isLabelValue,
  isQualifiedName,
} from './formats.ts';
import { notNegative } from './numbers.ts';
import { validatePodTemplate } from './pod.ts';
import { selectorMatches, validateLabelSelector, validateSelectorMatches } from './selector.ts';

const faults = faultsOf('job');
const { fault, missing, forbidden, oneOf, duplicate } = faults;

/** A Job of its own. */
export function* validateJob(object: Field): Errors {
  const spec = withDefaults(get(object, 'spec'));
  yield* validateJobSpec(spec);
  const selector = get(spec, 'selector');
  const labels = get(spec, 'template', 'metadata', 'labels');
  if (isTrue(get(spec, 'manualSelector'))) {
    if (!isSet(selector)) yield missing(selector, 'manualSelector is true');
    else {
      yield* validateLabelSelector(selector);
      yield* validateSelectorMatches(selector, labels);
    }
  } else yield* validateGeneratedSelector(object, selector, labels);
  const completions = number(get(spec, 'completions')) ?? 0;
  if (text(get(spec, 'completionMode')) !== 'Indexed' || completions < 1) return;
  const hostname = `${text(get(object, 'metadata', 'name'))}-${completions - 1}`;
  const wrong = isDnsLabel(hostname);
  if (wrong !== undefined)
    yield fault(
      get(object, 'metadata', 'name'),
      `gives a pod the host name \`${hostname}\`, which ${wrong}`,
      'shorten the name of the Job',
    );
}

/** A Job that says neither how many pods it wants nor how many at once is for one. `SetDefaults_Job`. */
function withDefaults(spec: Field): Field {
  const { value } = spec;
  if (typeof value !== 'object' || value === null) return spec;
  if (isSet(get(spec, 'completions')) || isSet(get(spec, 'parallelism'))) return spec;
  return { ...spec, value: { ...value, completions: 1, parallelism: 1 } };
}

/** The server writes selector and labels itself; it cannot where they say something else. `generateSelector`. */
function* validateGeneratedSelector(object: Field, selector: Field, labels: Field): Errors {
  const own = [
    'controller-uid',
    'batch.kubernetes.io/controller-uid',
    'job-name',
    'batch.kubernetes.io/job-name',
  ];
  const name = text(get(object, 'metadata', 'name'));
  // The pods get it as a label.
  if (isLabelValue(name) !== undefined && isDnsSubdomain(name) === undefined)
    yield fault(
      get(object, 'metadata', 'name'),
      `has ${name.length} characters, and the pods cannot bear more than 63 in their label job-name`,
      'shorten the name of the Job',
    );
  for (const key of own) {
    const label = get(labels, key);
    if (isSet(label) && !(key.endsWith('job-name') && text(label) === name))
      yield fault(label, 'is a label that the server sets itself', 'remove it');
  }
  const made = { value: Object.fromEntries(own.slice(2).map((key) => [key, name])), path: labels.path };
  if (isSet(selector) && !selectorMatches(selector, made))
    yield forbidden(selector, 'the server makes it, except with `manualSelector: true`');
}

/** The Job that a CronJob makes. */
export function* validateJobTemplate(template: Field): Errors {
  const spec = get(template, 'spec');
  yield* validateJobSpec(spec);
  if (isSet(get(spec, 'selector')))
    yield forbidden(get(spec, 'selector'), 'the server makes it for each Job');
  if (isTrue(get(spec, 'manualSelector')))
    yield forbidden(get(spec, 'manualSelector'), 'the server makes the selector of each Job');
}

/** `validateJobSpec`. */
function* validateJobSpec(spec: Field): Errors {
  for (const key of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ])
    yield* notNegative(get(spec, key), faults);
  const failed = get(spec, 'maxFailedIndexes');
  const perIndex = get(spec, 'backoffLimitPerIndex');
  if (isSet(failed) && !isSet(perIndex)) yield missing(perIndex, 'maxFailedIndexes needs it');
  yield* validateManagedBy(get(spec, 'managedBy'));
  const mode = get(spec, 'completionMode');
  if (isSet(mode) && !['NonIndexed', 'Indexed'].includes(text(mode)))
    yield oneOf(mode, ['NonIndexed', 'Indexed']);
  if (text(mode) === 'Indexed') yield* validateIndexed(spec);
  else {
    for (const field of [perIndex, failed, get(spec, 'successPolicy')])
      if (isSet(field)) yield forbidden(field, 'it needs `completionMode: Indexed`');
  }
  if (isSet(get(spec, 'podFailurePolicy'))) yield* validateFailurePolicy(spec);
  yield* validateReplacement(spec);
  yield* validatePodTemplate(get(spec, 'template'));
  const restart = get(spec, 'template', 'spec', 'restartPolicy');
  if (!['OnFailure', 'Never'].includes(text(restart)))
    yield fault(
      restart,
      `is ${text(restart) || 'missing, which means Always'}, and the pods of a Job can only have OnFailure or Never`,
      'write OnFailure or Never',
    );
  else if (isSet(get(spec, 'podFailurePolicy')) && text(restart) !== 'Never')
    yield fault(restart, `is ${text(restart)}, and podFailurePolicy needs Never`, 'write Never');
}

function* validateManagedBy(field: Field): Errors {
  if (!isSet(field)) return;
  const wrong = isDomainPrefixedPath(text(field));
  if (wrong !== undefined) yield fault(field, wrong, 'write a name such as `example.com/controller`');
  if (text(field).length > 63) yield fault(field, 'is longer than 63 characters', 'shorten it');
}

const many = 100_000;
const manyAtOnce = 10_000;

function* atMost(field: Field, limit: number, why: string): Errors {
  const value = number(field);
  if (value !== undefined && value > limit)
    yield fault(field, `is ${value}, and at most ${limit} are allowed ${why}`, `write ${limit} or less`);
}

function* validateIndexed(spec: Field): Errors {
  const completions = get(spec, 'completions');
  const parallelism = get(spec, 'parallelism');
  const failed = get(spec, 'maxFailedIndexes');
  if (!isSet(completions)) yield missing(completions, '`completionMode: Indexed` needs it');
  yield* atMost(parallelism, many, 'with `completionMode: Indexed`');
  yield* atMost(failed, Math.min(many, number(completions) ?? many), 'since it counts indexes');
  if ((number(completions) ?? 0) > many && isSet(get(spec, 'backoffLimitPerIndex'))) {
    if (!isSet(failed)) yield missing(failed, `it is needed above ${many} completions`);
    yield* atMost(parallelism, manyAtOnce, `above ${many} completions`);
    yield* atMost(failed, manyAtOnce, `above ${many} completions`);
  }
  const policy = get(spec, 'successPolicy');
  if (!isSet(policy)) return;
  const rules = get(policy, 'rules');
  if (size(rules) === 0) yield missing(rules, 'at least one rule is needed');
  if (size(rules) > 20)
    yield fault(rules, `has ${size(rules)} rules, and at most 20 are allowed`, 'join some of the rules');
  for (const rule of items(rules)) yield* validateSuccessRule(rule, number(completions) ?? 0);
}

function* validateSuccessRule(rule: Field, completions: number): Errors {
  const count = get(rule, 'succeededCount');
  const indexes = get(rule, 'succeededIndexes');
  if (!isSet(count) && !isSet(indexes))
    yield missing(count, 'either succeededCount or succeededIndexes is needed');
  let total = completions;
  if (isSet(indexes)) {
    const parsed = countIndexes(text(indexes), completions);
    if (text(indexes).length > 65_536) yield fault(indexes, 'is longer than 65536 characters', 'shorten it');
    else if (parsed === undefined)
      yield fault(
        indexes,
        `is \`${text(indexes)}\`, which is no rising list of indexes below ${completions}`,
        'write it like `0,3-5`',
      );
    else total = parsed;
  }
  yield* notNegative(count, faults);
  yield* atMost(count, Math.min(total, completions), 'since there are no more indexes');
}

/** How many indexes `1,3-5` names; undefined where it is malformed, falls or goes beyond the completions. `validateIndexesFormat`. */
function countIndexes(list: string, completions: number): number | undefined {
  if (list === '') return 0;
  let last = -1;
  let total = 0;
  for (const part of list.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    const rising = match[2] === undefined || from < to;
    if (!rising || from <= last || to >= completions) return undefined;
    total += to - from + 1;
    last = to;
  }
  return total;
}

/** `validatePodFailurePolicy`. */
function* validateFailurePolicy(spec: Field): Errors {
  const rules = get(spec, 'podFailurePolicy', 'rules');
  if (size(rules) > 20)
    yield fault(rules, `has ${size(rules)} rules, and at most 20 are allowed`, 'join some of the rules');
  const containers = new Set(
    ['containers', 'initContainers'].flatMap((list) =>
      items(get(spec, 'template', 'spec', list)).map((container) => text(get(container, 'name'))),
    ),
  );
  const actions = ['FailJob', 'FailIndex', 'Ignore', 'Count'];
  for (const rule of items(rules)) {
    const action = get(rule, 'action');
    if (!actions.includes(text(action))) yield oneOf(action, actions);
    if (text(action) === 'FailIndex' && !isSet(get(spec, 'backoffLimitPerIndex')))
      yield fault(
        action,
        'is FailIndex, which needs backoffLimitPerIndex',
        'set backoffLimitPerIndex, or write FailJob',
      );
    const codes = get(rule, 'onExitCodes');
    const conditions = get(rule, 'onPodConditions');
    if (isSet(codes) === size(conditions) > 0)
      yield fault(
        rule,
        isSet(codes)
          ? 'has both onExitCodes and onPodConditions'
          : 'has neither onExitCodes nor onPodConditions',
        'write one of them',
      );
    if (isSet(codes)) yield* validateExitCodes(codes, containers);
    if (size(conditions) > 20) yield fault(conditions, 'has more than 20 patterns', 'remove some');
    for (const condition of items(conditions)) {
      const wrong = isQualifiedName(text(get(condition, 'type')));
      if (wrong !== undefined) yield fault(get(condition, 'type'), wrong, 'write the type of a condition');
      // A status that is missing is True.
      const status = get(condition, 'status');
      const statuses = ['True', 'False', 'Unknown'];
      if (text(status) !== '' && !statuses.includes(text(status))) yield oneOf(status, statuses);
    }
  }
}

function* validateExitCodes(codes: Field, containers: ReadonlySet<string>): Errors {
  const operator = get(codes, 'operator');
  const container = get(codes, 'containerName');
  const values = get(codes, 'values');
  if (!['In', 'NotIn'].includes(text(operator))) yield oneOf(operator, ['In', 'NotIn']);
  if (isSet(container) && !containers.has(text(container)))
    yield fault(
      container,
      `is \`${text(container)}\`, and the template has no such container`,
      `name one of ${[...containers].join(', ')}`,
    );
  if (size(values) === 0) yield missing(values, 'at least one exit code is needed');
  if (size(values) > 255) yield fault(values, 'has more than 255 exit codes', 'shorten it');
  let last: number | undefined;
  const seen = new Set<number>();
  for (const item of items(values)) {
    const code = number(item) ?? 0;
    if (code === 0 && text(operator) === 'In') yield fault(item, 'is 0, which is no failure', 'remove it');
    if (seen.has(code)) yield duplicate(item, code);
    else if (last !== undefined && last > code)
      yield fault(item, `is ${code}, which stands after ${last}`, 'write the exit codes in rising order');
    seen.add(code);
    last = code;
  }
}

function* validateReplacement(spec: Field): Errors {
  const field = get(spec, 'podReplacementPolicy');
  if (!isSet(field)) return;
  const allowed = isSet(get(spec, 'podFailurePolicy')) ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (!allowed.includes(text(field))) yield oneOf(field, allowed);
}
