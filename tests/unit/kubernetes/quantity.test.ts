import { expect, test } from 'vitest';
import { parseQuantity } from '../../../scripts/kubernetes/quantity.ts';

test.each([
  ['1Gi', 1073741824],
  ['1G', 1e9],
  ['500m', 0.5],
  ['2', 2],
  ['.5', 0.5],
  ['1.', 1],
  ['2e3', 2000],
  ['1E', 1e18],
  ['1E2', 100],
  ['-3', -3],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value);
});

test.each(['', '1GB', '2 Gi', 'Gi', '1ki', '0x10', '1e', '1..2'])('%j is none', (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test('a YAML number is a quantity too', () => {
  expect(parseQuantity(2)).toBe(2);
});
