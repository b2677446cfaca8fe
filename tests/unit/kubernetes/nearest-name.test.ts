import { expect, test } from 'vitest';
import { didYouMean, editDistance, nearestName, slipOf } from '../../../scripts/kubernetes/nearest-name.ts';

test('two letters swapped are one edit', () => {
  expect(editDistance('flnik', 'flink')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('the nearest candidate, or none where all are far', () => {
  const names = ['kafka-service', 'nifi-service', 'traefik'];
  expect(nearestName('kafka-servce', names)).toBe('kafka-service');
  expect(nearestName('kafka', names)).toBe('kafka-service');
  expect(nearestName('postgres', names)).toBeUndefined();
  expect(nearestName('traefik', ['traefik'])).toBeUndefined();
});

test('a slip is closer than a suggestion: numbers and parts count', () => {
  expect(slipOf('monitorng', ['monitoring'])).toBe('monitoring');
  expect(slipOf('redis-1', ['redis-2'])).toBeUndefined();
  expect(slipOf('redis', ['redis-x'])).toBeUndefined();
  expect(slipOf('web', ['wax'])).toBeUndefined();
});

test('the hint is empty where there is nothing to suggest', () => {
  expect(didYouMean('wbe', ['web'])).toBe('; did you mean `web`?');
  expect(didYouMean('postgres', [])).toBe('');
});
