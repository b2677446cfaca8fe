import { global, member, type Overload } from '../overload.ts';
import { printDouble } from '../print.ts';
import {
  CelError,
  type Duration,
  isList,
  isMap,
  maxInt,
  minInt,
  none,
  type Optional,
  some,
  type Timestamp,
  tagOf,
  typeName,
  type Uint,
  type Value,
} from '../values.ts';
import { int, timestamp, uint } from './numbers.ts';
import { parseDuration, parseTimestamp, printDuration, printTimestamp } from './times.ts';

const failed = (from: string, to: string): CelError =>
  new CelError(`type conversion error from '${from}' to '${to}'`);

function parseInteger(text: string, to: 'int' | 'uint'): bigint {
  const pattern = to === 'int' ? /^[+-]?\d+$/ : /^\d+$/;
  if (!pattern.test(text)) throw failed('string', to);
  const value = BigInt(text.replace(/^\+/, ''));
  const fits = to === 'int' ? value <= maxInt && value >= minInt : value < 2n ** 64n;
  if (!fits) throw failed('string', to);
  return value;
}

function parseDouble(text: string): number {
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) || text.includes('_'))
    throw failed('string', 'double');
  const value = Number(text);
  if (!Number.isFinite(value)) throw failed('string', 'double');
  return value;
}

const truth: Readonly<Record<string, boolean>> = {
  1: true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  0: false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

function parseBool(text: string): boolean {
  const value = Object.hasOwn(truth, text) ? truth[text] : undefined;
  if (value === undefined) throw failed('string', 'bool');
  return value;
}

function doubleToInt(value: number): bigint {
  // The bounds themselves are not exact in floating point, so the server refuses them too.
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

function doubleToUint(value: number): Uint {
  if (!(value >= 0 && value < 2 ** 64)) throw new CelError('unsigned integer overflow');
  return uint(BigInt(Math.trunc(value)));
}

function bytesToString(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const same = (value: Value): Value => value;

/** `optional.ofNonZeroValue` treats these as nothing. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof Uint8Array || isList(value)) return value.length === 0;
  if (isMap(value)) return value.size === 0;
  switch (tagOf(value)) {
    case 'uint':
      return (value as Uint).value === 0n;
    case 'duration':
      return (value as Duration).nanos === 0n;
    default:
      return false;
  }
}

export const conversionFunctions: readonly Overload[] = [
  global('type', 'A', 'type', (value: Value) => ({ type: 'type', name: typeName(value) })),
  global('dyn', 'A', 'dyn', same),
  global('bool', 'bool', 'bool', same),
  global('bool', 'string', 'bool', parseBool),
  global('bytes', 'bytes', 'bytes', same),
  global('bytes', 'string', 'bytes', (text: string) => Uint8Array.from(Buffer.from(text))),
  global('double', 'double', 'double', same),
  global('double', 'int', 'double', (value: bigint) => Number(value)),
  global('double', 'uint', 'double', (value: Uint) => Number(value.value)),
  global('double', 'string', 'double', parseDouble),
  global('int', 'int', 'int', same),
  global('int', 'double', 'int', doubleToInt),
  global('int', 'uint', 'int', (value: Uint) => int(value.value)),
  global('int', 'string', 'int', (text: string) => parseInteger(text, 'int')),
  global('int', 'duration', 'int', (value: Duration) => value.nanos),
  global('int', 'timestamp', 'int', (value: Timestamp) => {
    const seconds = value.nanos / 1_000_000_000n;
    return value.nanos % 1_000_000_000n < 0n ? seconds - 1n : seconds;
  }),
  global('uint', 'uint', 'uint', same),
  global('uint', 'double', 'uint', doubleToUint),
  global('uint', 'int', 'uint', uint),
  global('uint', 'string', 'uint', (text: string) => uint(parseInteger(text, 'uint'))),
  global('string', 'string', 'string', same),
  global('string', 'bool', 'string', String),
  global('string', 'bytes', 'string', bytesToString),
  global('string', 'double', 'string', printDouble),
  global('string', 'int', 'string', (value: bigint) => value.toString()),
  global('string', 'uint', 'string', (value: Uint) => value.value.toString()),
  global('string', 'duration', 'string', printDuration),
  global('string', 'timestamp', 'string', printTimestamp),
  global('duration', 'duration', 'duration', same),
  global('duration', 'int', 'duration', (nanos: bigint): Duration => ({ type: 'duration', nanos })),
  global('duration', 'string', 'duration', (text: string) => {
    const value = parseDuration(text);
    if (value === undefined) throw failed('string', 'google.protobuf.Duration');
    return value;
  }),
  global('timestamp', 'timestamp', 'timestamp', same),
  global('timestamp', 'int', 'timestamp', (seconds: bigint) => timestamp(seconds * 1_000_000_000n)),
  global('timestamp', 'string', 'timestamp', (text: string) => {
    const value = parseTimestamp(text);
    if (value === undefined) throw failed('string', 'google.protobuf.Timestamp');
    return value;
  }),
  global('optional.of', 'V', 'optional<V>', some),
  global('optional.ofNonZeroValue', 'V', 'optional<V>', (value: Value) =>
    isZero(value) ? none : some(value),
  ),
  global('optional.none', '', 'optional<V>', () => none),
  member('value', 'optional<V>', 'V', ({ value }: Optional) => {
    if (value === undefined) throw new CelError('optional.none() dereference');
    return value;
  }),
  member('hasValue', 'optional<V>', 'bool', ({ value }: Optional) => value !== undefined),
];
