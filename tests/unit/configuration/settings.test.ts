import { describe, expect, test } from 'vitest';
import { type Certificate, covers } from '../../../scripts/checks/configuration/certificates.ts';
import {
  type ConfigFile,
  dottedIn,
  flinkSettingsIn,
  propertiesIn,
} from '../../../scripts/checks/configuration/config-files.ts';
import { memorySize } from '../../../scripts/checks/configuration/flink.ts';
import { propertyOfVariable, protocolMap } from '../../../scripts/checks/configuration/kafka-nodes.ts';
import { hostPort, listOf } from '../../../scripts/checks/configuration/setting.ts';
import { renderedObject } from '../../../scripts/render/object.ts';
import { map } from '../../../scripts/yaml/node.ts';

const origin = { file: 'settings.conf', line: 1, column: 1 };

const file = (text: string): ConfigFile => ({
  path: 'settings.conf',
  volume: 'config',
  text,
  // A whole file, as generators read it.
  node: { type: 'scalar', value: text, origin },
  object: renderedObject(map(origin), { environment: 'test', component: 'test' }),
  key: 'settings.conf',
});

const pairs = (settings: Iterable<{ readonly key: string; readonly value: string }>): string[] =>
  [...settings].map(({ key, value }) => `${key} -> ${value}`);

describe('names of variables', () => {
  test.each([
    ['KAFKA_NUM_PARTITIONS', 'num.partitions'],
    [
      'KAFKA_LISTENER_NAME_INTERNAL_SCRAM___SHA___512_SASL_JAAS_CONFIG',
      'listener.name.internal.scram-sha-512.sasl.jaas.config',
    ],
    ['KAFKA_A__B_C', 'a_b.c'],
  ])('%s becomes %s', (name, property) => {
    expect(propertyOfVariable(name, 'KAFKA_')).toBe(property);
  });
});

describe('files', () => {
  test('properties know their lines', () => {
    const found = propertiesIn(file('# comment\na.b = c = d\n! x=y\n\nempty=\n'));
    expect(pairs(found)).toEqual(['a.b -> c = d', 'empty -> ']);
    expect(found.map(({ at }) => at.line)).toEqual([2, 5]);
  });

  test('flink-conf.yaml is read by lines, and a comment ends one', () => {
    expect(
      pairs(flinkSettingsIn(file('a.b: file:///x # why\n  # c: d\nquorum: a:1,b:2\nno-space:x\n'))),
    ).toEqual(['a.b -> file:///x', 'quorum -> a:1,b:2']);
  });

  test('nested and dotted keys of elasticsearch.yml are the same', () => {
    expect(pairs(dottedIn(file('a:\n  b: true\nc.d: [x, y]\n')))).toEqual(['a.b -> true', 'c.d -> x,y']);
  });
});

describe('addresses', () => {
  test.each([
    ['kafka:9092', 'kafka', 9092],
    ['SASL_SSL://kafka:9092', 'kafka', 9092],
    ['https://web.shop/path?x=1', 'web.shop', undefined],
    ['CLIENT://:9092', '', 9092],
  ])('%s', (text, host, port) => {
    expect(hostPort(text)).toEqual({ host, port });
  });

  test('a list drops what is empty', () => {
    expect(listOf(' a, b,,c ')).toEqual(['a', 'b', 'c']);
    expect(listOf(undefined)).toEqual([]);
  });

  test('protocols of listeners, and the default that names each after itself', () => {
    expect(protocolMap('A:SSL, B:PLAINTEXT').get('B')).toBe('PLAINTEXT');
    expect(protocolMap(undefined).get('SASL_SSL')).toBe('SASL_SSL');
  });
});

describe('sizes of memory', () => {
  test.each([
    ['1728m', 1728 * 2 ** 20],
    ['1 gb', 2 ** 30],
    ['1024', 1024],
    ['1.5g', undefined],
    ['much', undefined],
  ])('%s', (text, bytes) => {
    expect(memorySize(text)).toBe(bytes);
  });
});

describe('names of certificates', () => {
  const certificate = { names: ['web', '*.web-headless.shop.svc.cluster.local'] } as unknown as Certificate;

  test.each([
    ['web', true],
    ['WEB', true],
    ['a.web-headless.shop.svc.cluster.local', true],
    // A wildcard stands for one label.
    ['a.b.web-headless.shop.svc.cluster.local', false],
    ['web-headless.shop.svc.cluster.local', false],
    ['web.shop', false],
  ])('%s: %s', (host, covered) => {
    expect(covers(certificate, host)).toBe(covered);
  });
});
