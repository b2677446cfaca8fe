import { global, type Overload } from '../overload.ts';
import {
  CelError,
  compare,
  type Duration,
  maxInt,
  maxUint,
  minInt,
  type Timestamp,
  type Uint,
  type Value,
} from '../values.ts';

/** Refuses what does not fit 64 bits. */
export const int = (value: bigint): bigint => {
  if (value > maxInt || value < minInt) throw new CelError('integer overflow');
  return value;
};

export const uint = (value: bigint): Uint => {
  if (value > maxUint || value < 0n) throw new CelError('unsigned integer overflow');
  return { type: 'uint', value };
};

const duration = (nanos: bigint): Duration => {
  if (nanos > maxInt || nanos < minInt) throw new CelError('integer overflow');
  return { type: 'duration', nanos };
};

/** From the year 1 to the year 9999, as protobuf's timestamps. */
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

export const timestamp = (nanos: bigint): Timestamp => {
  const seconds = nanos / 1_000_000_000n;
  if (seconds < firstSecond || seconds > lastSecond) throw new CelError('timestamp overflow');
  return { type: 'timestamp', nanos };
};

const notZero = (divisor: bigint, what: string): bigint => {
  if (divisor === 0n) throw new CelError(`${what} by zero`);
  return divisor;
};

const arithmetic: readonly Overload[] = [
  global('_+_', 'int, int', 'int', (a: bigint, b: bigint) => int(a + b)),
  global('_+_', 'uint, uint', 'uint', (a: Uint, b: Uint) => uint(a.value + b.value)),
  global('_+_', 'double, double', 'double', (a: number, b: number) => a + b),
  global('_+_', 'string, string', 'string', (a: string, b: string) => a + b),
  global('_+_', 'bytes, bytes', 'bytes', (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b])),
  global('_+_', 'list<A>, list<A>', 'list<A>', (a: readonly Value[], b: readonly Value[]) => [...a, ...b]),
  global('_+_', 'duration, duration', 'duration', (a: Duration, b: Duration) => duration(a.nanos + b.nanos)),
  global('_+_', 'duration, timestamp', 'timestamp', (a: Duration, b: Timestamp) =>
    timestamp(a.nanos + b.nanos),
  ),
  global('_+_', 'timestamp, duration', 'timestamp', (a: Timestamp, b: Duration) =>
    timestamp(a.nanos + b.nanos),
  ),
  global('_-_', 'int, int', 'int', (a: bigint, b: bigint) => int(a - b)),
  global('_-_', 'uint, uint', 'uint', (a: Uint, b: Uint) => uint(a.value - b.value)),
  global('_-_', 'double, double', 'double', (a: number, b: number) => a - b),
  global('_-_', 'duration, duration', 'duration', (a: Duration, b: Duration) => duration(a.nanos - b.nanos)),
  global('_-_', 'timestamp, duration', 'timestamp', (a: Timestamp, b: Duration) =>
    timestamp(a.nanos - b.nanos),
  ),
  global('_-_', 'timestamp, timestamp', 'duration', (a: Timestamp, b: Timestamp) =>
    duration(a.nanos - b.nanos),
  ),
  global('_*_', 'int, int', 'int', (a: bigint, b: bigint) => int(a * b)),
  global('_*_', 'uint, uint', 'uint', (a: Uint, b: Uint) => uint(a.value * b.value)),
  global('_*_', 'double, double', 'double', (a: number, b: number) => a * b),
  global('_/_', 'int, int', 'int', (a: bigint, b: bigint) => int(a / notZero(b, 'division'))),
  global('_/_', 'uint, uint', 'uint', (a: Uint, b: Uint) => uint(a.value / notZero(b.value, 'division'))),
  global('_/_', 'double, double', 'double', (a: number, b: number) => a / b),
  global('_%_', 'int, int', 'int', (a: bigint, b: bigint) => int(a % notZero(b, 'modulus'))),
  global('_%_', 'uint, uint', 'uint', (a: Uint, b: Uint) => uint(a.value % notZero(b.value, 'modulus'))),
  global('-_', 'int', 'int', (a: bigint) => int(-a)),
  global('-_', 'double', 'double', (a: number) => -a),
];

const orders: readonly [string, (sign: number) => boolean][] = [
  ['_<_', (sign) => sign < 0],
  ['_<=_', (sign) => sign <= 0],
  ['_>_', (sign) => sign > 0],
  ['_>=_', (sign) => sign >= 0],
];

const ordered = ['bool', 'string', 'bytes', 'timestamp', 'duration'].map((type) => `${type}, ${type}`);
const numeric = ['int', 'uint', 'double'].flatMap((a) => ['int', 'uint', 'double'].map((b) => `${a}, ${b}`));

const comparison: readonly Overload[] = orders.flatMap(([name, holds]) =>
  [...ordered, ...numeric].map((params) =>
    global(name, params, 'bool', (a: Value, b: Value) => {
      // NaN is neither less nor greater than anything.
      if (Number.isNaN(a) || Number.isNaN(b)) return false;
      return holds(compare(a, b));
    }),
  ),
);

/** Arithmetic and order; equality, membership and logic are the compiler's own. */
export const numberFunctions: readonly Overload[] = [...arithmetic, ...comparison];
