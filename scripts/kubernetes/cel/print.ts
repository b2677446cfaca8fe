/** Values as text: `string()`, `%s` and error messages. */
import { printDuration, printTimestamp } from './functions/times.ts';
import { CelError, isList, isMap, typeName, type Value } from './values.ts';

/** Go's `%g`. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  return power < -4 || power >= 6 ? `${digits}e${printExponent(power)}` : plain(value);
}

const printExponent = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

/** Without an exponent. */
function plain(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [digits, exponent] = text.split('e') as [string, string];
  const negative = digits.startsWith('-');
  const [whole, fraction = ''] = digits.replace('-', '').split('.') as [string, string?];
  const power = Number(exponent);
  const body =
    power < 0 ? `0.${'0'.repeat(-power - 1)}${whole}${fraction}` : `${whole}${fraction.padEnd(power, '0')}`;
  return negative ? `-${body}` : body;
}

/** As `%s` of string.format() writes a value (version 2 of cel-go's strings extension). */
export function printValue(value: Value): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return printDouble(value);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (isList(value)) return `[${value.map(printNested).join(', ')}]`;
  if (isMap(value)) {
    const entries = [...value].map(([key, item]): [string, string] => [printNested(key), printNested(item)]);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}:${item}`)
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
    }
  throw new CelError(
    `string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeName(value)}`,
  );
}

/** A value inside a list or a map: as a CEL literal. */
function printNested(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? value.toFixed(6) : JSON.stringify(printDouble(value));
  if (value instanceof Uint8Array) return `b${JSON.stringify(printValue(value))}`;
  if (value !== null && typeof value === 'object' && 'type' in value) {
    if (value.type === 'timestamp') return `timestamp(${JSON.stringify(printTimestamp(value))})`;
    if (value.type === 'duration') return `duration(${JSON.stringify(printDuration(value))})`;
    if (value.type === 'optional' || value.type === 'opaque')
      throw new CelError(`no formatting function for ${typeName(value)}`);
  }
  return printValue(value);
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `%e` in the English of Go's x/text. What stands for the precision is the width there: the digits are always six. */
export function scientific(value: number, width: number): string {
  const [digits, exponent] = value.toExponential(6).split('e') as [string, string];
  const power = Number(exponent);
  const raised = String(Math.abs(power))
    .padStart(2, '0')
    .replace(/\d/g, (digit) => superscripts[Number(digit)]!);
  return `${digits}×10${power < 0 ? '⁻' : ''}${raised}`.padStart(width);
}

/** `%f` in the English of Go's x/text: thousands are set apart. */
export function fixed(value: number, precision: number): string {
  const [whole, fraction] = value.toFixed(precision).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
