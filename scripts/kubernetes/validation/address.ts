/** IP addresses and ranges. Mirrors apimachinery's pkg/util/validation/ip.go with strict validation. */
import { shown } from './error.ts';
import type { Check } from './formats.ts';

export interface Address {
  readonly family: 'IPv4' | 'IPv6';
  readonly value: bigint;
}

export interface Range {
  readonly address: Address;
  readonly prefix: number;
}

const octet = /^(?:0|[1-9][0-9]{0,2})$/;

/** The address that a text writes; undefined where it is none, has leading zeros or maps IPv4 into IPv6. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = parseIPv4(text);
    return value === undefined ? undefined : { family: 'IPv4', value };
  }
  const value = parseIPv6(text);
  if (value === undefined || value >> 32n === 0xffffn) return undefined;
  return { family: 'IPv6', value };
}

function parseIPv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((part) => octet.test(part) && Number(part) < 256))
    return undefined;
  return octets.reduce((all, part) => (all << 8n) | BigInt(part), 0n);
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half, index) =>
    half === '' ? [] : parseGroups(half, index === halves.length - 1),
  );
  const [head, tail] = groups;
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? join(head) : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return join([...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

const join = (groups: readonly number[]): bigint =>
  groups.reduce((all, group) => (all << 16n) | BigInt(group), 0n);

function parseGroups(text: string, last: boolean): number[] | undefined {
  const result: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const value = parseIPv4(part);
      if (value === undefined) return undefined;
      result.push(Number(value >> 16n), Number(value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) result.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return result;
}

/** The address as RFC 5952 has it: the one form in which newer fields take it. */
export function canonicalAddress({ family, value }: Address): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  const text = groups.map((group) => group.toString(16));
  let start = 0;
  let longest = 0;
  for (let from = 0; from < 8; from += 1) {
    const end = groups.findIndex((group, index) => index >= from && group !== 0n);
    const length = (end === -1 ? 8 : end) - from;
    if (length > longest) [start, longest] = [from, length];
  }
  return longest < 2
    ? text.join(':')
    : `${text.slice(0, start).join(':')}::${text.slice(start + longest).join(':')}`;
}

/** The range that `address/prefix` writes, whether or not bits are set beyond the prefix. */
export function parseRange(text: string): Range | undefined {
  const match = /^(.+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const prefix = Number(match?.[2]);
  return address === undefined || prefix > bits(address.family) ? undefined : { address, prefix };
}

const bits = (family: Address['family']): number => (family === 'IPv4' ? 32 : 128);

const masked = ({ address, prefix }: Range): bigint => {
  const rest = BigInt(bits(address.family) - prefix);
  return (address.value >> rest) << rest;
};

/** Whether every address of the inner range is one of the outer, and it is smaller. */
export const isStrictSubset = (inner: Range, outer: Range): boolean =>
  inner.address.family === outer.address.family &&
  inner.prefix > outer.prefix &&
  masked({ address: inner.address, prefix: outer.prefix }) === masked(outer);

/** `IsValidIPForLegacyField`. */
export const isAddress: Check = (text) =>
  parseAddress(text) === undefined ? `is ${shown(text)}, which is not an IP address` : undefined;

/** Whether an address stands in its canonical form. */
export const isCanonicalAddress: Check = (text) => {
  const address = parseAddress(text);
  if (address === undefined) return `is ${shown(text)}, which is not an IP address`;
  const canonical = canonicalAddress(address);
  return text === canonical
    ? undefined
    : `is ${shown(text)}, which is not its shortest form \`${canonical}\``;
};

/** `IsValidCIDRForLegacyField`. */
export const isRange: Check = (text) => {
  const range = parseRange(text);
  if (range === undefined) return `is ${shown(text)}, which is not a range of addresses such as 10.1.0.0/16`;
  return masked(range) === range.address.value
    ? undefined
    : `is ${shown(text)}, which has bits set beyond its prefix length`;
};

/** A range as newer fields take it: in its canonical form, with no bits set beyond its prefix. */
export const isCanonicalRange: Check = (text) => {
  const wrong = isRange(text);
  if (wrong !== undefined) return wrong;
  const [address = ''] = text.split('/');
  return isCanonicalAddress(address);
};

/** `ValidateEndpointIP`: an address that something other than the node itself can listen on. */
export const isEndpointAddress: Check = (text) => {
  const address = parseAddress(text);
  if (address === undefined) return `is ${shown(text)}, which is not an IP address`;
  const within = (range: string): boolean => {
    const outer = parseRange(range);
    return (
      outer !== undefined &&
      outer.address.family === address.family &&
      masked({ address, prefix: outer.prefix }) === outer.address.value
    );
  };
  const reserved = [
    ['0.0.0.0/32', 'unspecified'],
    ['::/128', 'unspecified'],
    ['127.0.0.0/8', 'a loopback address'],
    ['::1/128', 'a loopback address'],
    ['169.254.0.0/16', 'link-local'],
    ['fe80::/10', 'link-local'],
    ['224.0.0.0/24', 'link-local'],
    ['ff02::/16', 'link-local'],
  ].find(([range]) => within(range ?? ''));
  return reserved === undefined ? undefined : `is ${shown(text)}, which is ${reserved[1]}`;
};
