import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { escapeName, evaluateRules, toCel } from '../../../scripts/kubernetes/schema/cel.ts';
import { CUSTOM_BYTE, FORMATS, isQuantity } from '../../../scripts/kubernetes/schema/formats.ts';
import { applyDefaults, dropMetadataNulls, dropNulls } from '../../../scripts/kubernetes/schema/normalise.ts';
import { compilePattern, toJavaScript } from '../../../scripts/kubernetes/schema/pattern.ts';

describe('patterns', () => {
  const texts = [
    '',
    'a',
    'A',
    '10m',
    '1.5h30s',
    'oci://x',
    'https://a/b',
    'a\nb',
    'a b',
    'a-b_c.d',
    '[0]',
    'é',
    '\v',
    '😀',
    '\r',
    'k:v',
  ];
  const patterns = [
    '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$',
    '^(http|https|oci)://.*$',
    '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$',
    '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$',
    '^[^a]$',
    '\\s',
    '[\\s-]',
    '^.$',
    '^\\w+\\-',
    '[]a]',
    'a{1,2}?',
  ];
  it.each(patterns)('%s means on the built-in engine what it means to Go', (pattern) => {
    expect(toJavaScript(pattern)).toBeDefined();
    const go = RE2JS.compile(pattern);
    const ours = compilePattern(pattern);
    for (const text of texts) expect(ours.test(text), JSON.stringify(text)).toBe(go.matcher(text).find());
  });

  it.each(['(?i)abc', '\\pL', '[[:alpha:]]', '\\Aabc\\z', '(?P<x>a)', '\\Qa.b\\E'])(
    '%s is left to re2js',
    (pattern) => {
      expect(toJavaScript(pattern)).toBeUndefined();
      expect(() => compilePattern(pattern)).not.toThrow();
    },
  );

  it('has no look-ahead, as Go has none', () => {
    expect(() => compilePattern('(?=a)')).toThrow();
    expect(compilePattern('(?i)ABC').test('xabcx')).toBe(true);
  });
});

describe('formats', () => {
  const test = (name: string, value: unknown): boolean => FORMATS[name]?.test(value as never) ?? true;
  it.each([
    ['date-time', '2026-01-31T15:04:05Z', true],
    ['date-time', '2026-01-31T15:04:05.123456+02:00', true],
    ['date-time', '2026-01-31', false],
    ['date-time', '2026-04-31T00:00:00Z', false],
    ['k8s-micro-time', '2026-01-31T15:04:05.123456Z', true],
    ['k8s-micro-time', '2026-01-31T15:04:05Z', false],
    ['k8s-micro-time', '2026-01-31T15:04:05.1Z', false],
    ['byte', '', true],
    ['byte', 'aGk=', true],
    ['byte', 'aGk', false],
    ['byte', 'a-k=', false],
    ['byte', 'aG\nk=', true],
    [CUSTOM_BYTE, 'aGk=', true],
    [CUSTOM_BYTE, 'aGlo', true],
    [CUSTOM_BYTE, 'aG==', true],
    [CUSTOM_BYTE, '', false],
    [CUSTOM_BYTE, 'aG\nk=', false],
    [CUSTOM_BYTE, 'aGk', false],
    [CUSTOM_BYTE, 'a===', false],
    ['duration', '1h30m', true],
    ['duration', '1d', false],
    ['int32', -(2 ** 31), true],
    ['int32', 2 ** 31, false],
    ['ipv4', '10.0.0.1', true],
    ['ipv4', '10.0.0.256', false],
    ['something-else', 'x', true],
  ])('%s %s → %s', (name, value, valid) => expect(test(name, value)).toBe(valid));

  it.each([
    '1',
    '1.5Gi',
    '500m',
    '.5',
    '5.',
    '-1',
    '+1k',
    '1e3',
    '1E-3',
    '12e6',
    '1Ei',
    '1E',
    'Gi',
    '-',
    '.',
    'e1',
    ' 1',
    '1 ',
  ])('quantity %s', (text) => {
    expect(isQuantity(text)).toBe(true);
  });
  it.each(['', ' ', '1GB', '1\n', '1 Gi', '1KB', '1K i', '1e', '0x10', '1_000', 'NaN'])(
    'no quantity %j',
    (text) => {
      expect(isQuantity(text)).toBe(false);
    },
  );
});

describe('nulls and defaults', () => {
  const map = { type: 'object', additionalProperties: { type: 'string' } };
  const schema = {
    properties: {
      metadata: { properties: { creationTimestamp: { type: 'string' }, labels: map } },
      spec: {
        properties: {
          a: { type: 'string' },
          labels: map,
          list: { type: 'array', items: { $ref: 'item' } },
        },
      },
    },
  };
  const item = { type: 'object', properties: { b: { type: 'string' }, c: { type: 'integer' } } };
  const resolve = (node: { $ref?: string }) => (node.$ref === undefined ? node : item);

  it('drops nulls of known fields, not of others, and gives null items their zero value', () => {
    expect(
      dropNulls(
        { spec: { a: null, z: null, list: [null, { b: null, c: 1 }], labels: { a: null } } },
        schema,
        resolve,
      ),
    ).toEqual({ spec: { z: null, list: [{}, { c: 1 }], labels: {} } });
  });

  it('leaves a null member of a set alone, which the server refuses', () => {
    const set = {
      properties: { verbs: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } },
    } as const;
    expect(dropNulls({ verbs: ['get', null] }, set, resolve)).toEqual({ verbs: ['get', null] });
  });

  it('keeps the nulls of labels, which Flux trips over', () => {
    expect(
      dropMetadataNulls(
        { creationTimestamp: null, labels: { a: null } },
        schema.properties.metadata,
        resolve,
      ),
    ).toEqual({ labels: { a: null } });
  });

  it('returns an object without nulls as it is', () => {
    const object = { metadata: { name: 'a' }, spec: { list: [{ c: 1 }] } };
    expect(dropNulls(object, schema, resolve)).toBe(object);
  });

  it('defaults as apiextensions does', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: 'string', default: 'x' },
        b: { type: 'string' },
        c: { type: 'string', nullable: true },
        d: { type: 'object', properties: { e: { type: 'integer', default: 1 } } },
        f: { type: 'object', default: {}, properties: { g: { type: 'string', default: 'y' } } },
        h: { type: 'array', items: { type: 'object', properties: { i: { type: 'string', default: 'z' } } } },
      },
    };
    expect(applyDefaults({ a: null, b: null, c: null, h: [{}] }, schema)).toEqual({
      a: 'x',
      b: null,
      c: null,
      f: { g: 'y' },
      h: [{ i: 'z' }],
    });
  });
});

describe('CEL', () => {
  const schema = {
    type: 'object',
    properties: {
      count: { type: 'integer' },
      ratio: { type: 'number' },
      'a-b': { type: 'string' },
      until: { type: 'string', format: 'date-time' },
      list: { type: 'array', items: { type: 'integer' } },
      port: { 'x-kubernetes-int-or-string': true },
      map: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
  const data = {
    count: 3,
    ratio: 2,
    'a-b': 'x',
    until: '2026-01-01T00:00:00Z',
    list: [1, 2],
    port: 80,
    map: { 'x-y': 'v' },
  };
  const holds = (rule: string): boolean =>
    evaluateRules({ ...schema, 'x-kubernetes-validations': [{ rule }] }, data).length === 0;

  it.each([
    'self.count == 3',
    'self.count % 2 == 1',
    'self.ratio == 2.0',
    'self.a__dash__b == "x"',
    'self.until > timestamp("2025-01-01T00:00:00Z")',
    'self.list.all(i, i > 0) && self.list.isSorted() && self.list.max() == 2',
    'self.list.indexOf(2) == 1',
    'type(self.port) == int && self.port == 80',
    'self.map["x-y"] == "v" && !has(self.map.none)',
    '!has(self.none) || self.none == 1',
    '"a1b2".find("[0-9]") == "1" && "a1b2".findAll("[0-9]").size() == 2',
    'isQuantity("1Gi") && isURL("https://example.com")',
  ])('%s', (rule) => expect(holds(rule)).toBe(true));

  it('refuses what does not hold and what cannot be evaluated', () => {
    expect(holds('self.count == 4')).toBe(false);
    expect(holds('self.none == 1')).toBe(false);
    expect(holds('self.count ==')).toBe(false);
  });

  it('skips transition rules on creation, but not those that say they cope', () => {
    expect(holds('self.count == oldSelf.count')).toBe(true);
    const rule = { rule: 'oldSelf.hasValue()', optionalOldSelf: true, message: 'm', fieldPath: '.list' };
    expect(evaluateRules({ ...schema, 'x-kubernetes-validations': [rule] }, data)).toEqual([
      { message: 'm', rule: rule.rule, fieldPath: ['list'] },
    ]);
  });

  it('uses messageExpression', () => {
    const rule = { rule: 'false', messageExpression: '"count is " + string(self.count)' };
    expect(evaluateRules({ ...schema, 'x-kubernetes-validations': [rule] }, data)[0]?.message).toBe(
      'count is 3',
    );
  });

  it('escapes names and converts numbers', () => {
    expect(['namespace', 'a.b', 'c/d', 'e__f'].map(escapeName)).toEqual([
      '__namespace__',
      'a__dot__b',
      'c__slash__d',
      'e__underscores__f',
    ]);
    expect(toCel({ count: 3, ratio: 2 }, schema)).toEqual(
      new Map<string, bigint | number>([
        ['count', 3n],
        ['ratio', 2],
      ]),
    );
  });
});
