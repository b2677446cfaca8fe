import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { readSecretDeclarations } from '../../../scripts/secrets/declaration.ts';
import { generateValue } from '../../../scripts/secrets/generate.ts';

const read = (text: string) =>
  readSecretDeclarations(openSources(openMemory({ 'secrets.yaml': text })), 'prototype');

const secret = (keys: string): string =>
  `prototype:\n  - name: a\n    namespace: n\n    consumers: [c]\n    keys:\n${keys}`;

describe('readSecretDeclarations', () => {
  it('reads every generator', () => {
    const declared = read(
      secret(`      - {name: user, purpose: Who., generator: fixed, value: admin}
      - {name: password, purpose: What., generator: alphanumeric, length: 24}
      - {name: token, purpose: Theirs., generator: external, form: '[a-z]+', rotation: {never: So.}}
`),
    );
    expect(declared).toEqual({
      ok: true,
      secrets: [
        {
          name: 'a',
          namespace: 'n',
          consumers: ['c'],
          keys: [
            { name: 'user', purpose: 'Who.', generator: 'fixed', value: 'admin' },
            { name: 'password', purpose: 'What.', generator: 'alphanumeric', length: 24 },
            {
              name: 'token',
              purpose: 'Theirs.',
              generator: 'external',
              form: '[a-z]+',
              rotation: { never: 'So.' },
            },
          ],
        },
      ],
    });
  });

  it('accepts an environment that needs none', () => {
    expect(read('prototype: []')).toEqual({ ok: true, secrets: [] });
  });

  it.each([
    ['an environment that is not named', 'other: []', /nothing of the environment `prototype`/],
    ['an unknown generator', secret('      - {name: k, generator: uuid}\n'), /unknown generator `uuid`/],
    ['a short password', secret('      - {name: k, generator: alphanumeric, length: 8}\n'), /length/],
    [
      'a form that Go does not read',
      secret("      - {name: k, generator: external, form: '(?=a)'}\n"),
      /no regular expression/,
    ],
    [
      'a rotation that is neither',
      secret('      - {name: k, generator: external, rotation: {when: often}}\n'),
      /`rotation`/,
    ],
    ['a fixed key without a value', secret('      - {name: k, generator: fixed}\n'), /value/],
    [
      'a key twice',
      secret(
        '      - {name: k, generator: fixed, value: a}\n      - {name: k, generator: fixed, value: b}\n',
      ),
      /`k` twice/,
    ],
    ['a Secret without keys', 'prototype: [{name: a, namespace: n, consumers: [c]}]', /no `keys`/],
    ['a Secret without a consumer', 'prototype: [{name: a, namespace: n, keys: []}]', /consumers/],
    ['a Secret without a namespace', 'prototype: [{name: a}]', /namespace/],
    ['a duplicate key of YAML', 'prototype: []\nprototype: []', /duplicate key/],
  ])('refuses %s, with its place', (_, text, message) => {
    const declared = read(text);
    expect(declared.ok ? '' : declared.error.message).toMatch(message);
  });

  it('names the line of what it does not understand', () => {
    const declared = read('prototype:\n\n  - name: a\n');
    expect(declared.ok ? '' : declared.error.message).toMatch(/^secrets\.yaml:3:5: /);
  });

  it('refuses a Secret that is declared twice', () => {
    const one = '{name: a, namespace: n, consumers: [c], keys: [{name: k, generator: fixed, value: v}]}';
    const declared = read(`prototype: [${one}, ${one}]`);
    expect(declared.ok ? '' : declared.error.message).toMatch(/declared twice/);
  });
});

describe('generateValue', () => {
  const key = { name: 'k', purpose: '', generator: 'alphanumeric', length: 24 } as const;

  it('makes letters and digits of the declared length, anew each time', () => {
    const values = Array.from({ length: 200 }, () => generateValue(key));
    expect(values.every((value) => /^[A-Za-z0-9]{24}$/.test(value ?? ''))).toBe(true);
    expect(new Set(values).size).toBe(values.length);
  });

  it('uses the whole alphabet', () => {
    const seen = new Set(Array.from({ length: 100 }, () => generateValue({ ...key, length: 128 })).join(''));
    expect(seen.size).toBe(62);
  });

  it('takes a fixed value as it is', () => {
    expect(generateValue({ name: 'k', purpose: '', generator: 'fixed', value: 'admin' })).toBe('admin');
  });
});
