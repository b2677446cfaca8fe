/** Amounts as validators compare them: in billionths of their unit, without rounding. */
import { parseQuantity } from '../exact-quantity.ts';
import type { Field } from './field.ts';

const unit = 1_000_000_000n;

/** Billionths of the unit; undefined where the text is no quantity (the schema stage reports that). */
export const parseNano = (written: unknown): bigint | undefined => {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const trimmed = trimQuantity(String(written));
  return withoutDigits.test(trimmed) ? 0n : parseQuantity(trimmed)?.nanos;
};

/** The server reads a quantity without the blanks around it. */
export const trimQuantity = (text: string): string => text.replace(/^ +| +$/g, '');

/** To the server `Gi` is a quantity: none at all. */
const withoutDigits = /^(?=.)[+-]?\.?(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** The quantity at a field, in billionths; undefined where there is none. */
export const quantity = (field: Field): bigint | undefined => parseNano(field.value);

/** The same in a list of resources, where null is an amount of 0. */
export const amountOf = (field: Field): bigint | undefined =>
  field.value === null ? 0n : parseNano(field.value);

/** Thousandths, rounded away from zero: what `SetDefaults_ResourceList` makes of the quantities of a resource list. */
export const toMilli = (nano: bigint): bigint => away(nano, 1_000_000n);

/** Whether a number of billionths is whole when it is seen in thousandths, as `MilliValue` does. */
export const isWhole = (nano: bigint): boolean => toMilli(nano) % 1000n === 0n;

/** The thousandths of a quantity as 64 bits hold them. `Quantity.MilliValue`. */
export const milliValue = (written: unknown): bigint | undefined => heldIn64(written, toMilli);

/** The whole units of a quantity as 64 bits hold them. `Quantity.Value`. */
export const unitValue = (written: unknown): bigint | undefined => heldIn64(written, toUnits);

/** Of what is too much the server keeps the lowest 64 bits, or nothing where it is written in few digits. */
function heldIn64(written: unknown, count: (nano: bigint) => bigint): bigint | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const trimmed = trimQuantity(String(written));
  const parsed = parseQuantity(trimmed);
  const nano = parsed?.nanos ?? parseNano(written);
  if (nano === undefined) return undefined;
  const value = count(nano);
  const held = BigInt.asIntN(64, value);
  return held !== value && parsed?.scale !== undefined ? 0n : held;
}

/** The whole units, rounded away from zero: `Quantity.Value`. */
export const toUnits = (nano: bigint): bigint => away(nano, unit);

/** Division that rounds away from zero, so that a request never gets smaller. */
const away = (value: bigint, by: bigint): bigint =>
  value < 0n ? -((-value + by - 1n) / by) : (value + by - 1n) / by;
