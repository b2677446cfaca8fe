/** PodDisruptionBudgets. Mirrors `ValidatePodDisruptionBudgetSpec`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, text } from './field.ts';
import { atMostAll, numberOrPercent } from './numbers.ts';
import { validateLabelSelector } from './selector.ts';

const faults = faultsOf('disruption-budget');

export function* validatePodDisruptionBudget(object: Field): Errors {
  const spec = get(object, 'spec');
  const fields = ['minAvailable', 'maxUnavailable'].map((key) => get(spec, key)).filter(isSet);
  const [, second] = fields;
  if (second !== undefined)
    yield faults.forbidden(second, 'minAvailable is set too, and only one of them is allowed');
  for (const field of fields) {
    yield* numberOrPercent(field, faults);
    yield* atMostAll(field, faults);
  }
  yield* validateLabelSelector(get(spec, 'selector'));
  const policy = get(spec, 'unhealthyPodEvictionPolicy');
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  if (isSet(policy) && !policies.includes(text(policy))) yield faults.oneOf(policy, policies);
}
