/** How a device's capacity may be shared. Mirrors `validateRequestPolicy` of pkg/apis/resource/validation. */
import { deviceFaults, tooMany } from './device-parts.ts';
import type { Errors } from './error.ts';
import { type Field, get, isSet, items, size } from './field.ts';
import { quantity, toUnits } from './quantity.ts';

const { fault, missing, forbidden, duplicate } = deviceFaults;

const nanoOf = (field: Field): bigint => quantity(field) ?? 0n;

export function* validateCapacity(capacity: Field, shared: boolean): Errors {
  const policy = get(capacity, 'requestPolicy');
  if (!isSet(policy)) return;
  if (!shared) return yield forbidden(policy, 'the device has no `allowMultipleAllocations: true`');
  const values = get(policy, 'validValues');
  const range = get(policy, 'validRange');
  if (size(values) > 0 && isSet(range))
    return yield forbidden(range, 'validValues is set too, and only one of them is allowed');
  if (size(values) === 0 && !isSet(range)) return;
  const standard = get(policy, 'default');
  if (!isSet(standard)) return yield missing(standard, 'the policy restricts what may be asked for');
  const most = nanoOf(get(capacity, 'value'));
  if (size(values) > 0) yield* validateValues(values, standard, most);
  else yield* validateRange(range, standard, most);
}

function* validateValues(values: Field, standard: Field, most: bigint): Errors {
  yield* tooMany(values, 10);
  const seen = new Set<bigint>();
  let before: bigint | undefined;
  for (const item of items(values)) {
    const value = nanoOf(item);
    if (before !== undefined && before > value)
      yield fault(
        item,
        `is ${String(item.value)}, which is less than the one before`,
        'write them in ascending order',
      );
    before = value;
    if (value > most)
      yield fault(item, `is ${String(item.value)}, which is more than the capacity`, 'lower it');
    if (seen.has(toUnits(value))) yield duplicate(item, String(item.value));
    seen.add(toUnits(value));
  }
  if (!items(values).some((item) => nanoOf(item) === nanoOf(standard)))
    yield fault(
      standard,
      `is ${String(standard.value)}, which is not one of validValues`,
      'write one of validValues',
    );
}

function* validateRange(range: Field, standard: Field, most: bigint): Errors {
  const [low, high, step] = ['min', 'max', 'step'].map((key) => get(range, key)) as [Field, Field, Field];
  if (!isSet(low)) return yield missing(low);
  const least = nanoOf(low);
  if (least > most) yield fault(low, 'is more than the capacity', 'lower it');
  if (nanoOf(standard) < least) yield fault(standard, 'is less than min', 'raise it');
  if (isSet(high)) {
    if (least > nanoOf(high)) yield fault(low, 'is more than max', 'lower it');
    if (nanoOf(high) > most) yield fault(high, 'is more than the capacity', 'lower it');
    if (nanoOf(standard) > nanoOf(high)) yield fault(standard, 'is more than max', 'lower it');
  }
  if (!isSet(step)) return;
  if (least + nanoOf(step) > most) yield fault(step, 'goes beyond the capacity at once', 'lower it');
  const unit = toUnits(nanoOf(step));
  for (const value of [standard, high])
    if (isSet(value) && (unit === 0n || (toUnits(nanoOf(value)) - toUnits(least)) % unit !== 0n))
      yield fault(value, 'is no whole number of steps above min', 'write min and some steps');
}
