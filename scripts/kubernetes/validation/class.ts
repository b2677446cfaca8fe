/** PriorityClasses and RuntimeClasses. Mirrors `ValidatePriorityClass` and `ValidateRuntimeClass`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, items, number, text } from './field.ts';
import { isDnsLabel } from './formats.ts';
import { validateLabels } from './metadata.ts';
import { containerResourceNameFault, validateResourceRequirements } from './resources.ts';
import { validateTolerations } from './scheduling.ts';

const { fault, missing, oneOf, duplicate } = faultsOf('class');

const highest = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export function* validatePriorityClass(object: Field): Errors {
  const name = get(object, 'metadata', 'name');
  const value = get(object, 'value');
  const priority = number(value) ?? 0;
  if (text(name).startsWith('system-')) {
    if (systemClasses[text(name)] !== priority || isTrue(get(object, 'globalDefault')))
      yield fault(
        name,
        `is \`${text(name)}\`, and names that begin with \`system-\` are Kubernetes' own`,
        'rename the PriorityClass',
      );
  } else if (priority > highest)
    yield fault(value, `is ${priority}, and at most ${highest} is allowed`, 'lower it');
  const policy = get(object, 'preemptionPolicy');
  const policies = ['PreemptLowerPriority', 'Never'];
  if (isSet(policy) && !policies.includes(text(policy))) yield oneOf(policy, policies);
}

export function* validateRuntimeClass(object: Field): Errors {
  const handler = get(object, 'handler');
  if (text(handler) === '') yield missing(handler);
  else {
    const wrong = isDnsLabel(text(handler));
    if (wrong !== undefined) yield fault(handler, wrong, 'write the name of a handler');
  }
  const overhead = get(object, 'overhead', 'podFixed');
  if (isSet(overhead))
    yield* validateResourceRequirements(
      { value: { limits: overhead.value }, path: overhead.path },
      containerResourceNameFault,
      new Set(),
    );
  const scheduling = get(object, 'scheduling');
  yield* validateLabels(get(scheduling, 'nodeSelector'));
  yield* validateTolerations(get(scheduling, 'tolerations'));
  const seen = new Set<string>();
  for (const toleration of items(get(scheduling, 'tolerations'))) {
    const key = ['key', 'operator', 'value', 'effect'].map((part) => text(get(toleration, part))).join(' ');
    if (seen.has(key)) yield duplicate(toleration, key);
    seen.add(key);
  }
}
