import { expect, test } from 'vitest';
import {
  equalityRequirements,
  labelsOf,
  printRequirement,
  requirementsOf,
  satisfies,
  unmet,
} from '../../../scripts/kubernetes/selectors.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const node = (text: string) => parseYaml('test.yaml', text).documents[0]?.node;
const selector = (text: string) => requirementsOf(node(text));

test('matchLabels and matchExpressions must all hold', () => {
  const requirements = selector(`
matchLabels: {app: web}
matchExpressions:
  - {key: tier, operator: In, values: [front, back]}
  - {key: canary, operator: DoesNotExist}
`);
  expect(unmet({ app: 'web', tier: 'back' }, requirements)).toEqual([]);
  expect(unmet({ app: 'web', tier: 'middle', canary: 'yes' }, requirements).map(printRequirement)).toEqual([
    'tier in (front, back)',
    'no canary',
  ]);
});

test('an absent or empty selector has no conditions', () => {
  expect(requirementsOf(undefined)).toEqual([]);
  expect(selector('{}')).toEqual([]);
});

test('NotIn holds where the label is absent, Exists does not', () => {
  const requirement = { key: 'app', operator: 'NotIn', values: ['web'] };
  expect(satisfies({}, requirement)).toBe(true);
  expect(satisfies({ app: 'web' }, requirement)).toBe(false);
  expect(satisfies({}, { ...requirement, operator: 'Exists' })).toBe(false);
  expect(satisfies({ app: '' }, { ...requirement, operator: 'Exists' })).toBe(true);
});

test('an unknown operator matches nothing', () => {
  expect(satisfies({ app: 'web' }, { key: 'app', operator: 'Is', values: ['web'] })).toBe(false);
});

test('names of the prototype of objects are labels like any other', () => {
  expect(satisfies({}, { key: 'constructor', operator: 'Exists', values: [] })).toBe(false);
});

test('values that are no strings are no labels', () => {
  expect(labelsOf(node('{a: x, b: 3, c: true}'))).toEqual({ a: 'x' });
  expect(equalityRequirements({ a: 'x' })).toEqual([{ key: 'a', operator: 'In', values: ['x'] }]);
});
