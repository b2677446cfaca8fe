/** Resource quantities, exactly: in billionths of their unit, as `resource.Quantity` compares them. */
import type { Field } from './field.ts';

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;
const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binary: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const unit = 1_000_000_000n;

/** Billionths of the unit, rounded up; undefined where the text is no quantity (the schema stage reports that). */
export function parseNano(written: unknown): bigint | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const match = pattern.exec(String(written));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  let digits = BigInt(`${whole}${fraction}`);
  let scale = 9 - fraction.length;
  const shift = binary[suffix];
  if (shift === undefined) scale += exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent);
  else digits <<= shift;
  // Rounding is away from zero, so that a request never gets smaller.
  const value = scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale));
  return sign === '-' ? -value : value;
}

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** The quantity at a field, in billionths; undefined where there is none. */
export const quantity = (field: Field): bigint | undefined => parseNano(field.value);

/** The same in a list of resources, where null is an amount of 0. */
export const amountOf = (field: Field): bigint | undefined =>
  field.value === null ? 0n : parseNano(field.value);

/** Thousandths, rounded away from zero: what `SetDefaults_ResourceList` makes of the quantities of a resource list. */
export const toMilli = (nano: bigint): bigint =>
  nano < 0n ? -divideUp(-nano, 1_000_000n) : divideUp(nano, 1_000_000n);

/** Whether a number of billionths is whole when it is seen in thousandths, as `MilliValue` does. */
export const isWhole = (nano: bigint): boolean => {
  const milli = toMilli(nano);
  // Upstream counts in 64 bits, whose largest number is not a whole thousand.
  return milli % 1000n === 0n && milli < 2n ** 63n;
};

/** The whole units, rounded away from zero: `Quantity.Value`. */
export const toUnits = (nano: bigint): bigint => (nano < 0n ? -divideUp(-nano, unit) : divideUp(nano, unit));
