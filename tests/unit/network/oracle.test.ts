import { expect, test } from 'vitest';
import {
  closing,
  directions,
  openToPods,
  type Pods,
  readNetworkPolicy,
  shutToAddresses,
} from '../../../scripts/kubernetes/network-policy.ts';
import { addressRange, covers, onePort } from '../../../scripts/kubernetes/network-policy-sets.ts';
import { unmet } from '../../../scripts/kubernetes/selectors.ts';
import { renderedObject } from '../../../scripts/render/object.ts';
import { fromJson, type Json, type MapNode } from '../../../scripts/yaml/node.ts';
import {
  type Packet,
  type PlainCluster,
  type PlainPeer,
  type PlainPod,
  type PlainPolicy,
  type PlainPort,
  type PlainRule,
  type PlainSelector,
  passes,
} from './oracle.ts';

const seeds = [1, 2, 3, 4, 5];
const clustersPerSeed = 60;

/** A small generator whose numbers are the same in each run. */
function choices(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const one = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const chance = (of: number): boolean => next() < of;
  const some = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: Math.floor(next() * (most + 1)) }, make);
  return { one, chance, some };
}

type Choices = ReturnType<typeof choices>;

const namespaces: PlainCluster['namespaces'] = {
  a: { 'kubernetes.io/metadata.name': 'a', team: 'x' },
  b: { 'kubernetes.io/metadata.name': 'b', team: 'y' },
  c: { 'kubernetes.io/metadata.name': 'c' },
};
const keys = ['app', 'tier', 'team'];
const values = ['x', 'y', 'z'];
const protocols = ['TCP', 'UDP', 'SCTP'];
const numbers = [53, 80, 81, 443, 8080];
const names = ['dns', 'web'];
const podNetwork = '10.244.0.0/16';
const blocks: readonly NonNullable<PlainPeer['ipBlock']>[] = [
  { cidr: '0.0.0.0/0' },
  { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] },
  { cidr: podNetwork },
  { cidr: '192.0.2.0/24', except: ['192.0.2.128/25', '192.0.2.7/32'] },
];
const outside = ['192.0.2.7', '192.0.2.8', '192.0.2.200', '203.0.113.1', '10.1.1.1'];

function selector({ one, chance, some }: Choices): PlainSelector {
  const result: PlainSelector = {};
  if (chance(0.6)) result.matchLabels = Object.fromEntries(some(1, () => [one(keys), one(values)]));
  if (chance(0.3))
    result.matchExpressions = some(2, () => {
      const operator = one(['In', 'NotIn', 'Exists', 'DoesNotExist']);
      return /In$/.test(operator)
        ? { key: one(keys), operator, values: [one(values), one(values)] }
        : { key: one(keys), operator };
    });
  return result;
}

function peer(pick: Choices): PlainPeer {
  if (pick.chance(0.3)) return { ipBlock: pick.one(blocks) };
  const result: PlainPeer = {};
  if (pick.chance(0.5)) result.namespaceSelector = selector(pick);
  if (!result.namespaceSelector || pick.chance(0.5)) result.podSelector = selector(pick);
  return result;
}

function port({ one, chance }: Choices): PlainPort {
  const result: PlainPort = {};
  if (chance(0.6)) result.protocol = one(protocols);
  if (chance(0.3)) result.port = one(names);
  else if (chance(0.8)) {
    result.port = one(numbers);
    if (chance(0.3)) result.endPort = result.port + 400;
  }
  return result;
}

function policy(pick: Choices): PlainPolicy {
  const { one, chance, some } = pick;
  const rule = (side: 'from' | 'to'): PlainRule => ({
    ...(chance(0.8) && { [side]: some(2, () => peer(pick)) }),
    ...(chance(0.7) && { ports: some(2, () => port(pick)) }),
  });
  return {
    namespace: one(Object.keys(namespaces)),
    spec: {
      podSelector: selector(pick),
      ...(chance(0.7) && { policyTypes: one([['Ingress'], ['Egress'], ['Ingress', 'Egress'], []]) }),
      ...(chance(0.7) && { ingress: some(2, () => rule('from')) }),
      ...(chance(0.7) && { egress: some(2, () => rule('to')) }),
    },
  };
}

const pod = ({ one, chance, some }: Choices, index: number): PlainPod => ({
  name: `pod-${index}`,
  namespace: one(Object.keys(namespaces)),
  labels: Object.fromEntries(some(3, () => [one(keys), one(values)])),
  address: `10.244.0.${index + 1}`,
  hostNetwork: chance(0.1),
  ports: some(2, () => ({ name: one(names), containerPort: one(numbers), protocol: one(protocols) })),
});

const asPods = ({ namespace, labels, hostNetwork, ports }: PlainPod): Pods => ({
  namespace,
  namespaceLabels: namespaces[namespace] ?? {},
  hostNetwork,
  ports: ports.map(({ name, containerPort, protocol }) => ({ name, number: containerPort, protocol })),
  fulfils: (requirements) => unmet(labels, requirements).length === 0,
});

test.each(seeds)('random clusters, seed %i: every connection as the oracle decides it', (seed) => {
  const pick = choices(seed);
  const verdicts = { open: 0, shut: 0 };
  for (let round = 0; round < clustersPerSeed; round += 1) {
    const plain = pick.some(6, () => policy(pick));
    const pods = Array.from({ length: 5 }, (_, index) => pod(pick, index));
    const cluster: PlainCluster = { namespaces, policies: plain };
    const policies = plain.map(({ namespace, spec }) => {
      const node = fromJson({ metadata: { name: 'p', namespace }, spec } as unknown as Json, {
        file: 'p.yaml',
        line: 1,
        column: 1,
      }) as MapNode;
      return readNetworkPolicy(renderedObject(node, { environment: 'test', component: 'test' }), namespace);
    });
    const decide = (packet: Packet, direction: (typeof directions)[number]): boolean => {
      const [here, there] = direction === 'ingress' ? [packet.to, packet.from] : [packet.from, packet.to];
      if (typeof here === 'string') return true;
      const closers = closing(policies, asPods(here), direction);
      const wanted = onePort(packet.protocol, packet.port);
      if (closers.length === 0) return true;
      if (typeof there === 'string')
        return (
          shutToAddresses(closers, direction, asPods(here), {
            addresses: addressRange(`${there}/32`) ?? [],
            ports: wanted,
          }).length === 0
        );
      const open = openToPods(
        closers,
        direction,
        asPods(here),
        asPods(there),
        addressRange(podNetwork) ?? [],
      );
      return covers(open, wanted);
    };
    for (const here of pods)
      for (const there of [...pods, ...outside]) {
        if (here === there) continue;
        // A pod with the node's network has an address that is no pod's: which ranges hold it is not known here.
        if (typeof there !== 'string' && there.hostNetwork) continue;
        for (const protocol of protocols)
          for (const number of [...numbers, 82])
            for (const direction of directions) {
              const packet: Packet =
                direction === 'ingress'
                  ? { from: there, to: here, protocol, port: number }
                  : { from: here, to: there, protocol, port: number };
              const expected = passes(cluster, packet, direction === 'ingress' ? 'Ingress' : 'Egress');
              verdicts[expected ? 'open' : 'shut'] += 1;
              if (decide(packet, direction) !== expected)
                expect.fail(
                  `${direction} ${JSON.stringify(packet)} should be ${expected ? 'open' : 'shut'} under ${JSON.stringify(plain)}`,
                );
            }
      }
  }
  // Both answers occur often: the comparison means something.
  expect(verdicts.open).toBeGreaterThan(10_000);
  expect(verdicts.shut).toBeGreaterThan(10_000);
});
