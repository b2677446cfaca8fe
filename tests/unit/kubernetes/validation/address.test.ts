import { describe, expect, test } from 'vitest';
import {
  canonicalAddress,
  isCanonicalRange,
  isEndpointAddress,
  isRange,
  isStrictSubset,
  parseAddress,
  parseRange,
} from '../../../../scripts/kubernetes/validation/address.ts';

describe('addresses', () => {
  test.each([
    ['10.0.0.1', 'IPv4', 0x0a000001n],
    ['255.255.255.255', 'IPv4', 0xffffffffn],
    ['::', 'IPv6', 0n],
    ['::1', 'IPv6', 1n],
    ['2001:DB8::1', 'IPv6', 0x20010db8000000000000000000000001n],
    ['2001:db8:0:0:0:0:0:1', 'IPv6', 0x20010db8000000000000000000000001n],
    ['64:ff9b::10.0.0.1', 'IPv6', 0x64ff9b0000000000000000_0a000001n],
  ] as const)('%s', (text, family, value) => {
    expect(parseAddress(text)).toEqual({ family, value });
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.0.1',
    '10.0.0.256',
    '010.0.0.1',
    ' 10.0.0.1',
    '10.0.0.1/8',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    'fe80::1%eth0',
    '12345::',
    '::ffff:10.0.0.1',
    '::10.0.0',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('ranges', () => {
  test.each(['10.0.0.0/8', '0.0.0.0/0', '10.0.0.1/32', '2001:db8::/32', '::/0'])('%s', (text) => {
    expect(isRange(text)).toBeUndefined();
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/', '::/129'])(
    '%j is none',
    (text) => {
      expect(isRange(text)).toContain('not a range');
    },
  );

  test('bits beyond the prefix are refused', () => {
    expect(isRange('10.0.0.1/8')).toContain('bits set beyond');
  });

  test.each([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', false],
    ['11.0.0.0/16', '10.0.0.0/8', false],
    ['2001:db8:1::/48', '2001:db8::/32', true],
    ['::/48', '0.0.0.0/0', false],
  ])('%s inside %s: %s', (inner, outer, inside) => {
    const [a, b] = [parseRange(inner), parseRange(outer)];
    expect(a && b && isStrictSubset(a, b)).toBe(inside);
  });
});

test.each(['0.0.0.0', '::', '127.1.2.3', '::1', '169.254.0.1', 'fe80::1', '224.0.0.5', 'ff02::1'])(
  'nothing else listens on %s',
  (text) => {
    expect(isEndpointAddress(text)).toBeDefined();
  },
);

test.each(['10.0.0.1', '224.0.1.1', 'ff05::1', '2001:db8::1'])('%s can be an endpoint', (text) => {
  expect(isEndpointAddress(text)).toBeUndefined();
});

describe('the canonical form of an address', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['FD00:0::1', 'fd00::1'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('%s is %s', (text, canonical) => {
    const address = parseAddress(text);
    expect(address && canonicalAddress(address)).toBe(canonical);
    expect(isCanonicalRange(`${text}/${address?.family === 'IPv4' ? 32 : 128}`) === undefined).toBe(
      text === canonical,
    );
  });
});
