import { describe, expect, test } from 'vitest';
import {
  addressRange,
  allAddresses,
  allPorts,
  covers,
  type IntervalSet,
  intersect,
  onePort,
  portRange,
  printAddresses,
  printPortSet,
  subtract,
  subtractOpenings,
  union,
} from '../../../scripts/kubernetes/network-policy-sets.ts';

/** A small generator whose numbers are the same in each run. */
const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};

const size = 24n;
const members = (set: IntervalSet): Set<bigint> =>
  new Set(
    set.flatMap(([first, last]) =>
      Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i)),
    ),
  );

describe('the algebra agrees with sets of numbers', () => {
  const next = random(7);
  const some = (): IntervalSet =>
    union(
      ...Array.from({ length: Math.floor(next() * 4) }, (): IntervalSet => {
        const first = BigInt(Math.floor(next() * Number(size)));
        return [[first, first + BigInt(Math.floor(next() * 5))]];
      }),
    );
  test('2,000 pairs', () => {
    for (let round = 0; round < 2000; round += 1) {
      const [a, b] = [some(), some()];
      const [x, y] = [members(a), members(b)];
      expect(members(union(a, b))).toEqual(new Set([...x, ...y].sort((p, q) => (p < q ? -1 : 1))));
      expect([...members(subtract(a, b))].sort()).toEqual([...x].filter((n) => !y.has(n)).sort());
      expect([...members(intersect(a, b))].sort()).toEqual([...x].filter((n) => y.has(n)).sort());
      expect(covers(a, b)).toBe([...y].every((n) => x.has(n)));
    }
  });
  test('openings: 500 products', () => {
    const product = (addresses: IntervalSet, ports: IntervalSet): string[] =>
      [...members(addresses)].flatMap((address) => [...members(ports)].map((port) => `${address}:${port}`));
    for (let round = 0; round < 500; round += 1) {
      const opening = { addresses: some(), ports: some() };
      const others = [0, 1, 2].map(() => ({ addresses: some(), ports: some() }));
      const rest = subtractOpenings(opening, others).flatMap((part) => product(part.addresses, part.ports));
      const taken = new Set(others.flatMap((other) => product(other.addresses, other.ports)));
      expect(rest.sort()).toEqual(
        product(opening.addresses, opening.ports)
          .filter((one) => !taken.has(one))
          .sort(),
      );
    }
  });
});

test('ports of different protocols never meet', () => {
  expect(intersect(onePort('TCP', 53), onePort('UDP', 53))).toEqual([]);
  expect(printPortSet(union(onePort('UDP', 53), portRange('TCP', 1, 65535)))).toBe('every TCP port, 53/UDP');
  expect(printPortSet(allPorts)).toBe('every port');
  expect(portRange('ICMP')).toEqual([]);
  expect(portRange('TCP', 1, 1)).toEqual(onePort('TCP', 1));
});

test('addresses', () => {
  expect(addressRange('10.0.0.300/8')).toBeUndefined();
  expect(addressRange('2001:db8::/32')).toBeDefined();
  expect(intersect(addressRange('0.0.0.0/0')!, addressRange('::/0')!)).toEqual([]);
  expect(union(addressRange('0.0.0.0/0')!, addressRange('::/0')!)).toEqual(allAddresses);
  for (const text of ['192.0.2.0/24', '192.0.2.7', '2001:db8::/32', '0.0.0.0/0'])
    expect(printAddresses(addressRange(text.includes('/') ? text : `${text}/32`)!)).toBe(text);
  expect(printAddresses(subtract(addressRange('192.0.2.0/24')!, addressRange('192.0.2.0/25')!))).toBe(
    '192.0.2.128/25',
  );
  expect(printAddresses(allAddresses)).toBe('every address');
});
