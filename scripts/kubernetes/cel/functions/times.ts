import { member, type Overload } from '../overload.ts';
import { CelError, type Duration, type Timestamp } from '../values.ts';
import { timestamp } from './numbers.ts';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Reads Go's RFC 3339; undefined where the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as number[];
  if (!(month! >= 1 && month! <= 12 && hour! <= 23 && minute! <= 59 && second! <= 59)) return undefined;
  if (day! < 1 || day! > new Date(Date.UTC(2000 + (year! % 400), month!, 0)).getUTCDate()) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!);
  const offset = match[8] === 'Z' ? 0 : offsetMinutes(match[8]!);
  const fraction = BigInt((match[7] ?? '').padEnd(9, '0').slice(0, 9));
  const seconds = BigInt(date.getTime() / 1000 - offset * 60);
  return timestamp(seconds * 1_000_000_000n + fraction);
}

function offsetMinutes(zone: string): number {
  const [hours, minutes] = zone.slice(1).split(':').map(Number) as [number, number];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** Go's RFC3339Nano in UTC. */
export function printTimestamp({ nanos }: Timestamp): string {
  const second = 1_000_000_000n;
  const fraction = ((nanos % second) + second) % second;
  const seconds = (nanos - fraction) / second;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return `${text}${digits === '' ? '' : `.${digits}`}Z`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's time.ParseDuration; undefined where the text is none. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([+-]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return undefined;
  let nanos = 0n;
  for (const [, whole, , fraction, unit] of match[2]!.matchAll(/(\d*)(\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit!]!;
    nanos += BigInt(whole || '0') * size;
    if (fraction) nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return { type: 'duration', nanos: match[1] === '-' ? -nanos : nanos };
}

/** `3600s`, as CEL's string() writes a duration. */
export function printDuration({ nanos }: Duration): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** The instant shifted so that its UTC parts read as the local ones of a zone: `UTC`, `+02:00`, `Europe/Berlin`. */
function local(instant: Timestamp, zone: string): Date {
  const millis = Number(instant.nanos / 1_000_000n) - (instant.nanos % 1_000_000n < 0n ? 1 : 0);
  if (zone === '' || zone === 'UTC') return new Date(millis);
  if (/^[+-]?\d\d?:\d\d$/.test(zone)) {
    const signed = /^[+-]/.test(zone) ? zone : `+${zone}`;
    return new Date(millis + offsetMinutes(signed) * 60_000);
  }
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(millis);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
    return new Date(
      Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) +
        (((millis % 1000) + 1000) % 1000),
    );
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
}

const parts: readonly [string, (date: Date) => number][] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  [
    'getDayOfYear',
    (date) =>
      Math.floor(
        (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
          Date.UTC(date.getUTCFullYear(), 0, 1)) /
          86_400_000,
      ),
  ],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

export const timeFunctions: readonly Overload[] = [
  ...parts.flatMap(([name, read]) => [
    member(name, 'timestamp', 'int', (at: Timestamp) => BigInt(read(local(at, 'UTC')))),
    member(name, 'timestamp, string', 'int', (at: Timestamp, zone: string) => BigInt(read(local(at, zone)))),
  ]),
  member('getHours', 'duration', 'int', ({ nanos }: Duration) => nanos / units['h']!),
  member('getMinutes', 'duration', 'int', ({ nanos }: Duration) => nanos / units['m']!),
  member('getSeconds', 'duration', 'int', ({ nanos }: Duration) => nanos / units['s']!),
  member('getMilliseconds', 'duration', 'int', ({ nanos }: Duration) => nanos / units['ms']!),
];
