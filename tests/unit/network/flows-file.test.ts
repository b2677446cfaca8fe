import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { addressesOf, readFlows } from '../../../scripts/checks/network/flows-file.ts';
import { printAddresses } from '../../../scripts/kubernetes/network-policy-sets.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const root = join(import.meta.dirname, '../../..');
const read = (text: string) => readFlows(openSources(openMemory({ 'network/flows.yaml': text })));
const valid = new Ajv({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(root, 'schemas/flows.json'), 'utf8')),
);
const bySchema = (text: string): boolean => {
  const node = parseYaml('flows.yaml', text).documents[0]?.node;
  return valid(node ? toJson(node) : null);
};

const good = `environments: {prototype: {closed: []}, small: {closed: [shop]}}
cluster: {podNetwork: 10.244.0.0/16}
networks:
  outside: {cidrs: [0.0.0.0/0], except: [10.0.0.0/8]}
  nodes: {facts: [nodeNetwork]}
pods:
  dns: {namespace: kube-system, labels: {k8s-app: kube-dns}, ports: {dns: 53/UDP, metrics: 9153}}
flows:
  - from: [{component: web, workload: front}, {namespace: shop}]
    to: {pods: dns}
    ports: [53/UDP, 53, 9000-9010/SCTP]
    why: Names have to be resolved.
`;

test('the example is understood', () => {
  const file = read(good);
  expect(file?.problems).toEqual([]);
  expect(bySchema(good)).toBe(true);
  expect(file?.flows[0]?.ports.map(({ text }) => text)).toEqual(['53/UDP', '53/TCP', '9000-9010/SCTP']);
  const [outside, nodes] = file?.networks ?? [];
  expect(printAddresses(addressesOf(nodes!, new Map([['nodeNetwork', '192.0.2.0/24']])))).toBe(
    '192.0.2.0/24',
  );
  expect(addressesOf(nodes!, new Map())).toEqual([]);
  expect(printAddresses(addressesOf(outside!, new Map()))).toBe(
    '0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255',
  );
});

test('no file is not an empty one', () => {
  expect(readFlows(openSources(openMemory({})))).toBeUndefined();
  expect(read('')?.problems).toHaveLength(1);
});

// What is wrong, and the line that is blamed.
const faults: readonly (readonly [string, string, string, number])[] = [
  ['an unknown field', 'cluster:', 'clustre:', 2],
  ['a range that is none', '10.0.0.0/8', '10.0.0.0', 4],
  ['a network without addresses', '{facts: [nodeNetwork]}', '{}', 5],
  ['pods without labels', 'labels: {k8s-app: kube-dns}', 'labels: {}', 7],
  ['pods without a namespace', 'namespace: kube-system, ', '', 7],
  ['an end that is none', '{pods: dns}', '{pod: dns}', 10],
  ['an end that is two', '{pods: dns}', '{pods: dns, component: web}', 10],
  ['a workload of a namespace', '{namespace: shop}', '{namespace: shop, workload: front}', 9],
  ['no ports', '[53/UDP, 53, 9000-9010/SCTP]', '[]', 9],
  ['a port by name', '53/UDP, 53', 'dns', 11],
  ['an unknown protocol', '53/UDP, 53', '53/ICMP', 11],
  ['no reason', '    why: Names have to be resolved.\n', '', 9],
  ['a reason that is none', 'Names have to be resolved.', 'needed', 12],
];

describe('a fault is a problem to the reader and to the schema', () => {
  for (const [name, from, to, line] of faults)
    test(name, () => {
      const text = good.replace(from, to);
      expect(text).not.toBe(good);
      expect(read(text)?.problems.map(({ origin }) => origin.line)).toContain(line);
      expect(bySchema(text)).toBe(false);
    });
});

test('the file of this repository is valid to both', () => {
  const text = readFileSync(join(root, 'network/flows.yaml'), 'utf8');
  expect(read(text)?.problems).toEqual([]);
  expect(bySchema(text), JSON.stringify(valid.errors)).toBe(true);
});
