import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../../scripts/cache/directory.ts';
import { knownGoodKey, openKnownGood } from '../../../scripts/cache/known-good.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'known-good-'));
  file = join(directory, 'gate', 'known');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const one = knownGoodKey('one');
const two = knownGoodKey('two');

/** A file that a run has written. */
const written = (...keys: readonly string[]): void => {
  const memory = openKnownGood(file);
  for (const key of keys) memory.add(key);
  expect(memory.save()).toBe(true);
};

describe('openKnownGood', () => {
  test('remembers from one run to the next', () => {
    expect(openKnownGood(file).has(one)).toBe(false);
    written(one);
    const next = openKnownGood(file);
    expect(next.has(one)).toBe(true);
    expect(next.has(two)).toBe(false);
  });

  test('knows within the run what it was told', () => {
    const memory = openKnownGood(file);
    memory.add(one);
    expect(memory.has(one)).toBe(true);
    expect(openKnownGood(file).has(one)).toBe(false);
  });

  test('keeps nothing without a file', () => {
    const memory = openKnownGood(undefined);
    memory.add(one);
    expect(memory.has(one)).toBe(true);
    expect(memory.save()).toBe(true);
  });

  test('a file that was cut off costs only what was cut', () => {
    written(one, two);
    truncateSync(file, readFileSync(file).length - 10);
    const next = openKnownGood(file);
    expect(next.has(one)).toBe(true);
    expect(next.has(two)).toBe(false);
    next.add(two);
    next.save();
    expect(openKnownGood(file).has(two)).toBe(true);
  });

  test('a run that was cut off in the middle of a line does not spoil what the next one writes', () => {
    written(one);
    appendFileSync(file, two.slice(0, 20));
    const three = knownGoodKey('three');
    written(three);
    const next = openKnownGood(file);
    expect([one, two, three].map((key) => next.has(key))).toEqual([true, false, true]);
  });

  test('two runs at once both keep what they found', () => {
    const [first, second] = [openKnownGood(file), openKnownGood(file)];
    first.add(one);
    second.add(two);
    first.save();
    second.save();
    const next = openKnownGood(file);
    expect([next.has(one), next.has(two)]).toEqual([true, true]);
  });

  test.each([
    ['damaged', 'not a hash\n\u0000\u0000\n'],
    ['in another case', `${one.toUpperCase()}\n`],
    ['longer', `${one}00\n`],
  ])('a line that is %s is no key', (_, text) => {
    written(two);
    writeFileSync(file, text);
    const next = openKnownGood(file);
    expect(next.has(one)).toBe(false);
    expect(next.has(two)).toBe(false);
  });

  test('a directory that cannot be written is harmless, and said', () => {
    writeFileSync(join(directory, 'gate'), 'a file in the way');
    const memory = openKnownGood(file);
    memory.add(one);
    expect(memory.save()).toBe(false);
    expect(memory.has(one)).toBe(true);
  });

  test('writes nothing when nothing is new', () => {
    written(one);
    const before = readFileSync(file, 'utf8');
    const next = openKnownGood(file);
    next.add(one);
    expect(next.save()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('a file that has grown too large keeps what this run needed', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index.toString(16).padStart(64, '0'));
    written(...many);
    const memory = openKnownGood(file);
    expect(memory.has(many[7]!)).toBe(true);
    memory.add(one);
    expect(memory.save()).toBe(true);
    const next = openKnownGood(file);
    expect([many[7]!, one, many[8]!].map((key) => next.has(key))).toEqual([true, true, false]);
  });
});

describe('knownGoodKey', () => {
  test('no two lists of parts share a key', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['1:a'], ['a', '1:'], []];
    expect(new Set(lists.map((parts) => knownGoodKey(...parts))).size).toBe(lists.length);
  });

  test('is a SHA-256 in hexadecimal', () => expect(knownGoodKey('ä')).toMatch(/^[0-9a-f]{64}$/));
});

describe('cacheDirectory', () => {
  test('follows XDG_CACHE_HOME', () =>
    expect(cacheDirectory({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/infometis'));
  test('is below the home without it, and where it is empty', () => {
    expect(cacheDirectory({})).toMatch(/\.cache\/infometis$/);
    expect(cacheDirectory({ XDG_CACHE_HOME: '' })).toBe(cacheDirectory({}));
  });
});
