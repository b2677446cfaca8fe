/**
 * Sets of addresses and of ports, as lists of intervals: what a NetworkPolicy opens is compared with what was meant by plain
 * set algebra, and not port by port.
 */

import { parseRange, type Range } from './validation/address.ts';

/** Both ends belong to it. */
export type Interval = readonly [first: bigint, last: bigint];
/** Sorted; the intervals neither overlap nor touch. */
export type IntervalSet = readonly Interval[];

/** Everything that is in one of the sets. */
export function union(...sets: readonly IntervalSet[]): IntervalSet {
  const result: [bigint, bigint][] = [];
  for (const [first, last] of sets.flat().sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    const previous = result.at(-1);
    if (previous && first <= previous[1] + 1n) {
      if (last > previous[1]) previous[1] = last;
    } else result.push([first, last]);
  }
  return result;
}

/** What is in the first set and not in the second. */
export function subtract(from: IntervalSet, what: IntervalSet): IntervalSet {
  let rest: Interval[] = [...from];
  for (const [first, last] of what)
    rest = rest.flatMap(([start, end]): Interval[] => {
      if (last < start || end < first) return [[start, end]];
      const left: Interval[] = start < first ? [[start, first - 1n]] : [];
      return end > last ? [...left, [last + 1n, end]] : left;
    });
  return rest;
}

/** What is in both sets. */
export const intersect = (a: IntervalSet, b: IntervalSet): IntervalSet => subtract(a, subtract(a, b));

/** Whether everything of the inner set is in the outer one. */
export const covers = (outer: IntervalSet, inner: IntervalSet): boolean =>
  subtract(inner, outer).length === 0;

/** Addresses with the ports that are open to them. */
export interface Opening {
  readonly addresses: IntervalSet;
  readonly ports: IntervalSet;
}

/** What of an opening none of the others covers. */
export function subtractOpenings(opening: Opening, others: readonly Opening[]): readonly Opening[] {
  let rest: Opening[] = [opening];
  for (const other of others)
    rest = rest.flatMap(({ addresses, ports }) =>
      [
        { addresses: subtract(addresses, other.addresses), ports },
        { addresses: intersect(addresses, other.addresses), ports: subtract(ports, other.ports) },
      ].filter((part) => part.addresses.length > 0 && part.ports.length > 0),
    );
  return rest.filter(({ addresses, ports }) => addresses.length > 0 && ports.length > 0);
}

export const protocols = ['TCP', 'UDP', 'SCTP'] as const;
export type Protocol = (typeof protocols)[number];

// The ports of each protocol have a stretch of their own, with room between them so that two never touch.
const protocolSize = 1n << 17n;
const lastPort = 65535;

/** A range of ports; all of the protocol where no number is given. Empty for a protocol that Kubernetes does not know. */
export function portRange(protocol: string, first = 1, last = lastPort): IntervalSet {
  const index = (protocols as readonly string[]).indexOf(protocol);
  if (index === -1 || !Number.isInteger(first) || !Number.isInteger(last) || last < first) return [];
  const offset = BigInt(index) * protocolSize;
  return [[offset + BigInt(first), offset + BigInt(last)]];
}

/** One port. */
export const onePort = (protocol: string, port: number): IntervalSet => portRange(protocol, port, port);

export const allPorts: IntervalSet = union(...protocols.map((protocol) => portRange(protocol)));

/** `9092/TCP, 7000-7010/TCP`, `every port`: as messages and flows.yaml write ports. */
export function printPortSet(ports: IntervalSet): string {
  if (covers(ports, allPorts)) return 'every port';
  return ports
    .map(([first, last]) => {
      const protocol = protocols[Number(first / protocolSize)] ?? 'TCP';
      const [from, to] = [Number(first % protocolSize), Number(last % protocolSize)];
      if (from === 1 && to === lastPort) return `every ${protocol} port`;
      return `${from === to ? from : `${from}-${to}`}/${protocol}`;
    })
    .join(', ');
}

// IPv6 begins far behind the last IPv4 address.
const ipv6Offset = 1n << 40n;

/** The addresses of a CIDR; undefined where it is none. */
export function addressRange(cidr: string): IntervalSet | undefined {
  const range = parseRange(cidr);
  return range && [intervalOf(range)];
}

function intervalOf({ address, prefix }: Range): Interval {
  const bits = address.family === 'IPv4' ? 32 : 128;
  const size = 1n << BigInt(bits - prefix);
  const first = (address.value / size) * size + (address.family === 'IPv4' ? 0n : ipv6Offset);
  return [first, first + size - 1n];
}

export const allAddresses: IntervalSet = [
  [0n, (1n << 32n) - 1n],
  [ipv6Offset, ipv6Offset + (1n << 128n) - 1n],
];

/** `10.0.0.0/8, 192.0.2.7`, `every address`; of many ranges the first three. */
export function printAddresses(addresses: IntervalSet): string {
  if (covers(addresses, allAddresses)) return 'every address';
  const parts = addresses.map((interval) => printInterval(interval));
  return parts.length > 3
    ? `${parts.slice(0, 3).join(', ')} and ${parts.length - 3} more ranges`
    : parts.join(', ');
}

function printInterval([first, last]: Interval): string {
  const size = last - first + 1n;
  const offset = first < ipv6Offset ? 0n : ipv6Offset;
  const isPower = (size & (size - 1n)) === 0n && (first - offset) % size === 0n;
  if (!isPower) return `${printAddress(first)}-${printAddress(last)}`;
  const length = size.toString(2).length - 1;
  const prefix = (first < ipv6Offset ? 32 : 128) - length;
  return length === 0 ? printAddress(first) : `${printAddress(first)}/${prefix}`;
}

function printAddress(value: bigint): string {
  if (value < ipv6Offset) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const address = value - ipv6Offset;
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  ).join(':');
  return groups.replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}
