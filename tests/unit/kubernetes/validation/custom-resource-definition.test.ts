import { describe, expect, test } from 'vitest';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

type Fields = Record<string, unknown>;

const messages = (spec: Fields, property: Fields = {}, version: Fields = {}): string[] =>
  validateBeyondSchema({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: { size: { type: 'integer', ...property }, tags: list },
                },
                labels: { type: 'object', additionalProperties: { type: 'string' } },
              },
            },
          },
          ...version,
        },
      ],
      ...spec,
    },
  }).map(({ message }) => message);

const list = { type: 'array', items: { type: 'string' } };

describe('a default fits its own schema', () => {
  const text = { type: 'string' };
  const object = { type: 'object', properties: { a: { type: 'string' } } };

  test.each<Fields>([
    { default: 1, minimum: 1, maximum: 1 },
    { default: 1, enum: [1, 2] },
    { ...text, default: 'ab', minLength: 2, maxLength: 2 },
    { ...list, default: ['a'], minItems: 1 },
    { minimum: 1.5 },
    { not: {} },
    { ...object, default: { a: 'x' } },
    { ...object, default: { b: 'x' }, 'x-kubernetes-preserve-unknown-fields': true },
    { type: 'object', additionalProperties: text, default: { b: 'x' } },
  ])('%j', (property) => {
    expect(messages({}, property)).toEqual([]);
  });

  test.each<[Fields, string]>([
    [{ default: 1, minimum: 2 }, 'below minimum'],
    [{ default: 1, minimum: 1, exclusiveMinimum: true }, 'below minimum'],
    [{ default: 3, maximum: 2 }, 'above maximum'],
    [{ default: 3, enum: [1, 2] }, 'not one of enum'],
    [{ default: 1, maximum: 1.5 }, 'integer with a default'],
    [{ default: 1, not: {} }, 'not'],
    [{ ...text, default: 'a', minLength: 2 }, 'below minLength'],
    [{ ...list, default: [], minItems: 1 }, 'below minItems'],
    [{ ...object, default: { b: 'x' } }, 'does not have'],
  ])('not %j', (property, why) => {
    expect(messages({}, property)).toEqual([expect.stringContaining(why)]);
  });
});

test('a schema refers to no other, and not with an empty text', () => {
  expect(messages({}, { $ref: '' })).toHaveLength(1);
  expect(messages({}, { $ref: '#/a' })).toHaveLength(1);
});

test('further properties have a schema, or none', () => {
  const of = (additionalProperties: unknown): string[] =>
    messages({}, { type: 'object', additionalProperties });
  expect(of({ type: 'string' })).toEqual([]);
  expect(of(true)).toEqual([]);
  expect(of('x')).toHaveLength(1);
});

describe('fields to select by', () => {
  const selects = (...paths: readonly string[]): string[] =>
    messages({}, {}, { selectableFields: paths.map((jsonPath) => ({ jsonPath })) });

  test('are plain fields of the schema', () => {
    expect(selects('.spec.size')).toEqual([]);
    for (const path of ['.spec.none', '.spec', '.spec.tags', '.metadata.name', 'spec.size', ''])
      expect(selects(path), path).toHaveLength(1);
  });

  test('each is there once', () => {
    expect(selects('.spec.size', '.spec.size')).toEqual([expect.stringContaining('repeats')]);
  });
});

describe('conversion', () => {
  const clientConfig = { url: 'https://example.com/convert' };
  const webhook = (versions: readonly string[]): string[] =>
    messages({
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: versions } },
    });

  test('an empty webhook is none', () => {
    expect(messages({ conversion: { strategy: 'None', webhook: {} } })).toEqual([]);
    expect(messages({ conversion: { strategy: 'Webhook', webhook: {} } })).toHaveLength(2);
  });

  test('each version is there once', () => {
    expect(webhook(['v1', 'v2'])).toEqual([]);
    expect(webhook(['v1', 'v1'])).toEqual([expect.stringContaining('repeats')]);
    expect(webhook(['v1', 'V2'])).toHaveLength(1);
  });
});
