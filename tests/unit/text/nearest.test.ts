import { describe, expect, test } from 'vitest';
import {
  didYouMean,
  editDistance,
  nearestName,
  nearestWord,
  onlyLonger,
  slipOf,
} from '../../../scripts/text/nearest.ts';

test('two letters swapped are one edit', () => {
  expect(editDistance('ab', 'ba')).toBe(1);
  expect(editDistance('flnik', 'flink')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('the nearest name, or none where all are far', () => {
  const names = ['kafka-service', 'nifi-service', 'traefik'];
  expect(nearestName('kafka-servce', names)).toBe('kafka-service');
  expect(nearestName('kafka', names)).toBe('kafka-service');
  expect(nearestName('postgres', names)).toBeUndefined();
  expect(nearestName('traefik', ['traefik'])).toBeUndefined();
  expect(nearestName('b', ['a'])).toBeUndefined();
  expect(nearestName('db', ['d'])).toBe('d');
});

describe('the nearest word of a closed set', () => {
  test.each([
    ['imagePullPolcy', ['image', 'imagePullPolicy'], 'imagePullPolicy'],
    ['selectors', ['selector', 'session'], 'selector'],
    ['podSelecter', ['podSelector', 'policyTypes'], 'podSelector'],
    ['nmae', ['name', 'image'], 'name'],
    ['ports', ['port', 'hostPort'], 'port'],
    ['servicename', ['serviceName'], 'serviceName'],
    ['x', ['a', 'b'], undefined],
    ['tls', ['dns', 'env'], undefined],
  ])('%s', (word, candidates, expected) => expect(nearestWord(word, candidates)).toBe(expected));

  test('or the only one that goes on where it ends', () => {
    expect(onlyLonger('serviceAccount', ['serviceAccountName', 'service'])).toBe('serviceAccountName');
    expect(onlyLonger('host', ['hostIPC', 'hostPID'])).toBeUndefined();
    expect(onlyLonger('nam', ['name'])).toBeUndefined();
  });
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
