/** Values as text: `string()`, `%s` and error messages. */
import { printDuration, printTimestamp } from './functions/times.ts';
import { CelError, isList, isMap, type Key, type Value } from './values.ts';

/** Go's `%g`. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  return power < -4 || power >= 21 ? `${digits}e${printExponent(power)}` : plain(value);
}

const printExponent = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

/** Without an exponent, whatever the size. */
export function plain(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [digits, exponent] = text.split('e') as [string, string];
  const negative = digits.startsWith('-');
  const [whole, fraction = ''] = digits.replace('-', '').split('.') as [string, string?];
  const power = Number(exponent);
  const body =
    power < 0
      ? `0.${'0'.repeat(-power - 1)}${whole}${fraction}`
      : `${whole}${fraction.padEnd(power, '0')}`;
  return negative ? `-${body}` : body;
}

/** As `%s` of string.format() writes a value. */
export function printValue(value: Value): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (Number.isNaN(value)) return 'NaN';
      return Number.isFinite(value) ? plain(value) : value < 0 ? '-Infinity' : 'Infinity';
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (isList(value)) return `[${value.map(printValue).join(', ')}]`;
  if (isMap(value)) {
    const entries = [...value].map(([key, item]): [string, string] => [printKey(key), printValue(item)]);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}: ${item}`)
      .join(', ')}}`;
  }
  if ('type' in value)
    switch (value.type) {
      case 'uint':
        return String(value.value);
      case 'timestamp':
        return printTimestamp(value);
      case 'duration':
        return printDuration(value);
      case 'type':
        return value.name;
      case 'opaque':
        throw new CelError(
          `string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${value.name}`,
        );
    }
  throw new CelError('string clause cannot be used on this value');
}

const printKey = (key: Key): string => String(key);

/** Go's `%.<precision>e`. */
export function scientific(value: number, precision: number): string {
  const [digits, exponent] = value.toExponential(precision).split('e') as [string, string];
  return `${digits}e${printExponent(Number(exponent))}`;
}
