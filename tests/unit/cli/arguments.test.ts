import { describe, expect, test } from 'vitest';
import { parseArguments, text, texts } from '../../../scripts/cli/arguments.ts';

const options = {
  environment: { type: 'string', multiple: true },
  root: { type: 'string' },
  strict: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

describe('parseArguments', () => {
  test('reads options of every kind', () => {
    const parsed = parseArguments(['--environment', 'a', '--environment=b,c', '--strict', '-h'], options);
    expect(parsed).toMatchObject({
      ok: true,
      values: { environment: ['a', 'b,c'], strict: true, help: true },
      positionals: [],
    });
  });

  test('nothing given is nothing set', () => {
    const parsed = parseArguments([], options);
    expect(parsed.ok && { ...parsed.values }).toEqual({});
  });

  test.each([
    ['an option that does not exist', ['--enviroment', 'a'], "'--enviroment'"],
    ['an option without its value', ['--root'], '--root'],
    ['a value for a switch', ['--strict=yes'], '--strict'],
    ['a bare word', ['prototype'], 'prototype'],
  ])('%s is a usage error that lists the known options', (_, argv, word) => {
    const parsed = parseArguments(argv, options);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.error.message).toContain(word);
    expect(parsed.error.message).not.toContain('. ');
    for (const name of ['--environment', '--root', '--strict', '--help'])
      expect(parsed.error.fix).toContain(name);
  });

  test.each([
    ['--enviroment', "Unknown option '--enviroment'; did you mean --environment?"],
    ['--Strict=true', "Unknown option '--Strict'; did you mean --strict?"],
    ['--verbose', "Unknown option '--verbose'"],
    ['-x', "Unknown option '-x'"],
  ])('of %s it says which option was meant, where one is near', (option, message) => {
    const parsed = parseArguments([option], options);
    expect(parsed.ok ? undefined : parsed.error.message).toBe(message);
  });

  test('takes bare words where a command wants them', () =>
    expect(parseArguments(['prototype'], options, true)).toMatchObject({
      ok: true,
      positionals: ['prototype'],
    }));
});

describe('texts', () => {
  test.each([
    [undefined, []],
    ['a', ['a']],
    [
      ['a', 'b,c'],
      ['a', 'b', 'c'],
    ],
    [
      [' a , ', ',b'],
      ['a', 'b'],
    ],
    [true, []],
  ] as const)('%j gives %j', (value, expected) => expect(texts(value)).toEqual(expected));
});

describe('text', () => {
  test('is the text, and nothing else', () => {
    expect(text('a')).toBe('a');
    expect(text(true)).toBeUndefined();
    expect(text(['a'])).toBeUndefined();
    expect(text(undefined)).toBeUndefined();
  });
});
