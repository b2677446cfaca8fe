/** What CRDs may contain beyond those in use: a schema folder with one of each. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSchemas, type Schemas, validateObject } from '../../../scripts/kubernetes/schema/index.ts';

const root = {
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
    spec: {
      type: 'object',
      properties: {
        closed: { type: 'object' },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { n: { type: 'integer' } },
        },
        mode: { type: 'string', nullable: true, enum: ['a', 'b'] },
        kinds: { type: 'array', nullable: true, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          items: {
            type: 'object',
            properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
          },
        },
        size: {
          anyOf: [{ type: 'integer' }, { type: 'string' }],
          'x-kubernetes-int-or-string': true,
          pattern: '^(\\d+|auto)$',
        },
        name: { type: 'string', pattern: '(?i)^x[[:alpha:]]+$' },
        amount: { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 10, multipleOf: 3 },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        one: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        'a-b': { type: 'string' },
        plain: { type: 'integer' },
      },
      'x-kubernetes-validations': [
        { rule: "!has(self.a__dash__b) || self.a__dash__b != 'bad'", message: 'no bad', fieldPath: '.a-b' },
        { rule: 'oldSelf == self' },
      ],
    },
  },
};

let dir: string;
let schemas: Schemas;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'schemas-'));
  cpSync(new URL('../../../schemas/kubernetes', import.meta.url).pathname, join(dir, 'kubernetes'), {
    recursive: true,
  });
  mkdirSync(join(dir, 'crds/e'), { recursive: true });
  writeFileSync(join(dir, 'crds/e/thing_v1.json'), JSON.stringify(root));
  writeFileSync(
    join(dir, 'crds/index.json'),
    JSON.stringify({
      kinds: { 'e/v1 Thing': { file: 'e/thing_v1.json', scope: 'Cluster', resource: 'things' } },
      notServed: [],
    }),
  );
  schemas = loadSchemas(dir, { kubernetes: 'v1.36' });
});
afterAll(() => rmSync(dir, { recursive: true }));

const check = (spec: unknown, name = 'x') =>
  validateObject(schemas, { apiVersion: 'e/v1', kind: 'Thing', metadata: { name }, spec }).map(
    ({ code, path }) => `${code} ${path.join('.')}`,
  );

describe('a custom resource', () => {
  it.each([
    [{}],
    [{ open: { anything: 1, n: 2 } }],
    [{ mode: null, kinds: ['a', 'b'] }],
    [{ ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] }],
    [{ size: 5 }],
    [{ size: 'auto', name: 'XAbc', amount: 3 }],
    [{ template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { whatever: 1 } } }],
    [{ one: { a: 'x' }, 'a-b': 'good' }],
  ])('is accepted with %j', (spec) => expect(check(spec)).toEqual([]));

  it.each([
    [{ closed: { a: 1 } }, ['unknown-field spec.closed.a']],
    [{ open: { n: 'x' } }, ['type spec.open.n']],
    [{ mode: 'c' }, ['enum spec.mode']],
    [{ kinds: ['a', 'a'] }, ['duplicate-list-key spec.kinds.1']],
    [{ ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] }, ['duplicate-list-key spec.ports.1']],
    [{ ports: [{ protocol: 'TCP' }] }, ['required spec.ports.0']],
    [{ ports: [null] }, ['type spec.ports.0']],
    [{ size: true }, ['type spec.size']],
    [{ size: 'big' }, ['pattern spec.size']],
    [{ name: 'y1' }, ['pattern spec.name']],
    [{ amount: 1 }, ['range spec.amount', 'range spec.amount']],
    [{ amount: 12 }, ['range spec.amount']],
    [{ plain: 1e19 }, ['range spec.plain']],
    [
      { template: { apiVersion: 'v1', metadata: { nme: 'p' } } },
      ['required spec.template', 'unknown-field spec.template.metadata.nme'],
    ],
    [{ one: {} }, ['value spec.one']],
    [{ one: { a: 'x', b: 'y' } }, ['value spec.one']],
    [{ 'a-b': 'bad' }, ['cel spec.a-b']],
    [undefined, ['required ']],
    [null, ['type spec']],
    [{ closed: null }, ['type spec.closed']],
  ])('is refused with %j', (spec, expected) => expect(check(spec)).toEqual(expected));

  it('has its status validated where the CRD has no status subresource', () => {
    const object = {
      apiVersion: 'e/v1',
      kind: 'Thing',
      metadata: { name: 'x' },
      spec: {},
      status: { phase: 7 },
    };
    expect(validateObject(schemas, object).map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
      'type status.phase',
    ]);
  });

  it('has the limits that the CRD puts on metadata.name', () => {
    expect(check({}, 'too-long')).toEqual(['range metadata.name']);
  });
});
