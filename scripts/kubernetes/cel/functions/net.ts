/** Kubernetes' functions on IP addresses and networks, as Go's net/netip reads them. */
import { global, member, type Overload } from '../overload.ts';
import { CelError, type Opaque, type Value } from '../values.ts';

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

interface Prefix {
  readonly address: Address;
  readonly length: number;
}

const IP = 'net.IP';
const CIDR = 'net.CIDR';

function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : { bits: 32, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] | undefined => {
    if (half === '') return [];
    const parts = half.split(':');
    const last = parts.at(-1) as string;
    if (last.includes('.')) {
      const embedded = parseIpv4(last);
      if (embedded === undefined) return undefined;
      parts.splice(-1, 1, (embedded >> 16n).toString(16), (embedded & 0xffffn).toString(16));
    }
    return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts : undefined;
  };
  const [head, tail] = [groups(halves[0]!), halves.length === 2 ? groups(halves[1]!) : []];
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 2 && halves[0]!.includes('.')) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return { bits: 128, value: all.reduce((value, part) => value * 65_536n + BigInt(`0x${part}`), 0n) };
}

function printAddress({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0n) length += 1;
    if (length > best.length) best = { start: i, length };
  }
  const text = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start === -1) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

const isMapped = ({ bits, value }: Address): boolean => bits === 128 && value >> 32n === 0xffffn;

function ipTrouble(text: string): string {
  if (text.includes(':')) return 'unable to parse IP';
  const parts = text.split('.');
  if (parts.some((part) => /^0\d/.test(part))) return 'IPv4 field has octet with leading zero';
  if (parts.some((part) => /^\d+$/.test(part) && Number(part) > 255)) return 'IPv4 field has value >255';
  if (parts.length > 1 && parts.length < 4 && parts.every((part) => /^\d+$/.test(part)))
    return 'IPv4 address too short';
  return 'unable to parse IP';
}

function readAddress(text: string): Address {
  const zone = text.indexOf('%');
  if (zone > 0 && text.includes(':'))
    throw new CelError(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  const address = parseAddress(text);
  if (address === undefined)
    throw new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): ${ipTrouble(text)}`,
    );
  if (isMapped(address))
    throw new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  return address;
}

function readPrefix(text: string): Prefix {
  const broken = (): CelError =>
    new CelError(
      `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ${text.includes('/') ? 'no IP network' : "no '/'"}`,
    );
  const slash = text.lastIndexOf('/');
  const address = slash === -1 ? undefined : parseAddress(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > address.bits)
    throw broken();
  if (isMapped(address))
    throw new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  return { address, length: Number(bits) };
}

const holds = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

const sameAddress = (a: Address, b: Address): boolean => a.bits === b.bits && a.value === b.value;

const ip = (address: Address): Opaque => ({
  type: 'opaque',
  name: IP,
  data: address,
  equals: (other) => sameAddress(address, other.data as Address),
});

const cidr = (prefix: Prefix): Opaque => ({
  type: 'opaque',
  name: CIDR,
  data: prefix,
  equals: (other) => {
    const { address, length } = other.data as Prefix;
    return sameAddress(prefix.address, address) && prefix.length === length;
  },
});

const addressOf = (value: Opaque): Address => value.data as Address;
const prefixOf = (value: Opaque): Prefix => value.data as Prefix;
const networkOf = ({ address, length }: Prefix): bigint => address.value >> BigInt(address.bits - length);

const containsAddress = (prefix: Prefix, address: Address): boolean =>
  prefix.address.bits === address.bits && networkOf(prefix) === networkOf({ address, length: prefix.length });

const containsPrefix = (prefix: Prefix, other: Prefix): boolean =>
  prefix.length <= other.length && containsAddress(prefix, other.address);

const top = ({ bits, value }: Address, count: number): bigint => value >> BigInt(bits - count);

const isMulticast = (address: Address): boolean =>
  address.bits === 32 ? top(address, 4) === 0xen : top(address, 8) === 0xffn;
const isLoopback = (address: Address): boolean =>
  address.bits === 32 ? top(address, 8) === 127n : address.value === 1n;
const isLinkLocalUnicast = (address: Address): boolean =>
  address.bits === 32 ? top(address, 16) === 0xa9fen : top(address, 10) === 0x3fan;
const isLinkLocalMulticast = (address: Address): boolean =>
  address.bits === 32
    ? top(address, 24) === 0xe00000n
    : top(address, 16) >> 8n === 0xffn && (top(address, 16) & 0xfn) === 2n;
const isGlobalUnicast = (address: Address): boolean =>
  address.value !== 0n &&
  !(address.bits === 32 && address.value === 0xffffffffn) &&
  !isLoopback(address) &&
  !isMulticast(address) &&
  !isLinkLocalUnicast(address);

const property = (name: string, test: (address: Address) => boolean): Overload =>
  member(name, IP, 'bool', (value: Opaque) => test(addressOf(value)));

const printPrefix = ({ address, length }: Prefix): string => `${printAddress(address)}/${length}`;

export const netFunctions: readonly Overload[] = [
  global('ip', 'string', IP, (text: string) => ip(readAddress(text))),
  global('isIP', 'string', 'bool', (text: string) => holds(() => readAddress(text))),
  global('ip.isCanonical', 'string', 'bool', (text: string) => printAddress(readAddress(text)) === text),
  member('family', IP, 'int', (value: Opaque): Value => (addressOf(value).bits === 32 ? 4n : 6n)),
  property('isUnspecified', ({ value }) => value === 0n),
  property('isLoopback', isLoopback),
  property('isLinkLocalMulticast', isLinkLocalMulticast),
  property('isLinkLocalUnicast', isLinkLocalUnicast),
  property('isGlobalUnicast', isGlobalUnicast),
  global('string', IP, 'string', (value: Opaque) => printAddress(addressOf(value))),
  global('cidr', 'string', CIDR, (text: string) => cidr(readPrefix(text))),
  global('isCIDR', 'string', 'bool', (text: string) => holds(() => readPrefix(text))),
  member('containsIP', `${CIDR}, string`, 'bool', (value: Opaque, text: string) =>
    containsAddress(prefixOf(value), readAddress(text)),
  ),
  member('containsIP', `${CIDR}, ${IP}`, 'bool', (value: Opaque, other: Opaque) =>
    containsAddress(prefixOf(value), addressOf(other)),
  ),
  member('containsCIDR', `${CIDR}, string`, 'bool', (value: Opaque, text: string) =>
    containsPrefix(prefixOf(value), readPrefix(text)),
  ),
  member('containsCIDR', `${CIDR}, ${CIDR}`, 'bool', (value: Opaque, other: Opaque) =>
    containsPrefix(prefixOf(value), prefixOf(other)),
  ),
  member('ip', CIDR, IP, (value: Opaque) => ip(prefixOf(value).address)),
  member('prefixLength', CIDR, 'int', (value: Opaque) => BigInt(prefixOf(value).length)),
  member('masked', CIDR, CIDR, (value: Opaque) => {
    const { address, length } = prefixOf(value);
    const shift = BigInt(address.bits - length);
    return cidr({ address: { ...address, value: (address.value >> shift) << shift }, length });
  }),
  global('string', CIDR, 'string', (value: Opaque) => printPrefix(prefixOf(value))),
];
