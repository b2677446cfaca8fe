import type { Scalar } from './node.ts';

const named = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF'].flatMap((text) => [
    [text, Number.POSITIVE_INFINITY] as const,
    [`+${text}`, Number.POSITIVE_INFINITY] as const,
    [`-${text}`, Number.NEGATIVE_INFINITY] as const,
  ]),
]);

/**
 * The value of a plain (unquoted) scalar as Kubernetes' YAML reader (go-yaml v3's `resolve`, then JSON) has it: `yes` and
 * `on` are strings, `012` is 10, `0X1F` is 31, `1_0` is 10, `1.0` is 1, a date becomes an RFC 3339 string. `.inf` and
 * `.nan` are numbers that no JSON can hold. Integers past 2^53 lose precision, as every JSON number here does; manifests
 * have none.
 */
export function resolvePlain(text: string): Scalar {
  const known = named.get(text);
  if (known !== undefined) return known;
  const first = text.charCodeAt(0);
  if (first === 46) return pointNumber(text) ?? text;
  const isDigit = first >= 48 && first <= 57;
  if (!isDigit && first !== 43 && first !== 45) return text;
  const bare = text.replaceAll('_', '');
  return timestamp(text) ?? integer(bare) ?? finite(float, bare) ?? signedAfterPrefix(bare) ?? text;
}

const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// What begins with a point goes to Go's own reader, to which underscores only separate digits.
const afterPoint = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;

const pointNumber = (text: string): number | undefined =>
  afterPoint.test(text) ? finite(float, text.replaceAll('_', '')) : undefined;

/** A float, unless it is too large for one: then it stays text. */
function finite(pattern: RegExp, text: string): number | undefined {
  const value = pattern.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const wholeNumber = /^([-+]?)(?:(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;

/** Go's `ParseInt` and `ParseUint` with the base 0: 64 bits, and without a sign one bit more. */
function integer(text: string): number | undefined {
  const match = wholeNumber.exec(text);
  if (!match) return undefined;
  const [, sign, prefixed, octal, decimal] = match;
  const size = BigInt(prefixed ?? decimal ?? `0o${octal}`);
  const limit = sign === '-' ? 2n ** 63n : sign === '+' ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  if (size > limit) return undefined;
  return size === 0n ? 0 : Number(sign === '-' ? -size : size);
}

/** `0b-1` and `0o-7`, which go-yaml reads by cutting the prefix off. */
function signedAfterPrefix(text: string): number | undefined {
  const match = /^0(?:b([-+])([01]+)|o([-+])([0-7]+))$/.exec(text);
  if (!match) return undefined;
  const [, sign, bits, octalSign, octals] = match;
  return integer(bits === undefined ? `${octalSign}0o${octals}` : `${sign}0b${bits}`);
}

const time = /(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?/.source;
const zoned = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})[Tt]${time}(?:Z|([-+])(\\d{2}):(\\d{2}))$`);
const unzoned = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})(?: +${time})?$`);

/** The four layouts that go-yaml tries, in the form in which Go writes a time to JSON. */
function timestamp(text: string): string | undefined {
  const match = zoned.exec(text) ?? unzoned.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, ...offset] = match;
  const pad = (value: string): string => value.padStart(2, '0');
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days;
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const [offsetHours = '00', offsetMinutes = '00'] = offset;
  if (!isDate || !isTime || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  const isUtc = sign === undefined || Number(offsetHours) + Number(offsetMinutes) === 0;
  return `${year}-${pad(month!)}-${pad(day!)}T${pad(hour)}:${pad(minute)}:${pad(second)}${
    digits === '' ? '' : `.${digits}`
  }${isUtc ? 'Z' : `${sign}${offsetHours}:${offsetMinutes}`}`;
}
