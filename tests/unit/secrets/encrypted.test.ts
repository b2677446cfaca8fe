import { describe, expect, it, test } from 'vitest';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { looksEncrypted, readCiphertext } from '../../../scripts/secrets/ciphertext.ts';
import { withRecipients } from '../../../scripts/secrets/config-text.ts';
import { readCreationRules, ruleFor } from '../../../scripts/secrets/creation-rules.ts';
import type { KeyDeclaration } from '../../../scripts/secrets/declaration.ts';
import { isRecipient } from '../../../scripts/secrets/init.ts';
import { withResources } from '../../../scripts/secrets/kustomization-text.ts';
import { fileNameOf, inGit } from '../../../scripts/secrets/layout.ts';
import { secretText } from '../../../scripts/secrets/manifest.ts';
import { isSelected, selectionOf } from '../../../scripts/secrets/selection.ts';
import { faultOf, valueFor, variableOf } from '../../../scripts/secrets/values.ts';
import { toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const nodeOf = (text: string) => parseYaml('f.yaml', text).documents[0]!.node!;
const rulesOf = (text: string) => readCreationRules(openSources(openMemory({ '.sops.yaml': text }))) ?? [];
const anna = 'age1zzmnvazn9s5e3r4jddvqy3yx47zyhasktyaq0nrl7aktfmn2zswqlkwf73';
const bert = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

test('a ciphertext is one from its first to its last character', () => {
  const whole = `ENC[AES256_GCM,data:QUJD,iv:${'A'.repeat(43)}=,tag:${'A'.repeat(22)}==,type:str]`;
  expect(readCiphertext(whole)).toMatchObject({ type: 'str' });
  for (const text of [
    whole.slice(0, -1),
    `${whole} `,
    whole.replace('str', 'text'),
    whole.replace('QUJD', ''),
    'ENC[]',
  ])
    expect(readCiphertext(text), text).toBeUndefined();
  expect(looksEncrypted(whole.slice(0, -1))).toBe(true);
  expect(looksEncrypted('hunter2')).toBe(false);
});

describe('what SOPS selects', () => {
  it.each([
    ['encrypted_regex: ^(data|stringData)$', ['stringData', 'password'], true],
    ['encrypted_regex: ^(data|stringData)$', ['metadata', 'name'], false],
    // The pattern is tried on each key alone, and anywhere in it.
    ['encrypted_regex: data', ['metadata', 'name'], true],
    ['unencrypted_regex: ^metadata$', ['metadata', 'name'], false],
    ['unencrypted_regex: ^metadata$', ['kind'], true],
    ['encrypted_suffix: _secret', ['a_secret', 'b'], true],
    ['encrypted_suffix: _secret', ['a'], false],
    ['a: b', ['a_unencrypted'], false],
    ['a: b', ['a'], true],
    ['encrypted_comment_regex: x', ['a'], 'unknown'],
    // Go knows no look-ahead: SOPS cannot read the pattern.
    ['encrypted_regex: (?=a)', ['a'], 'unknown'],
    ['encrypted_regex: ^a$\nencrypted_suffix: a', ['a'], 'unknown'],
  ] as const)('%s at %j: %s', (block, keys, expected) => {
    expect(isSelected(selectionOf(nodeOf(block)), keys)).toBe(expected);
  });
});

describe('.sops.yaml', () => {
  it('gets a rule that reads back, before the rules of others', () => {
    const first = withRecipients(undefined, 'small-production', [anna]);
    const text = withRecipients(first, 'lab', [bert]);
    const rules = rulesOf(text);
    expect(rules.map(({ recipients }) => recipients)).toEqual([[bert], [anna]]);
    expect(ruleFor(rules, 'overlays/small-production/secrets/a.sops.yaml')?.recipients).toEqual([anna]);
    for (const file of [
      'overlays/small-production/secrets/a.yaml',
      'overlays/small-production/secrets/b/a.sops.yaml',
      'old/overlays/small-production/secrets/a.sops.yaml',
    ])
      expect(ruleFor(rules, file), file).toBeUndefined();
  });

  it('keeps comments, other rules and the recipients that stay', () => {
    const mine = withRecipients(undefined, 'lab', [anna, bert]).replace(bert, `${bert} # Bert's laptop`);
    const text = withRecipients(
      `${mine}`.replace('stores:', '  # everything else\n  - pgp: ABCD\nstores:'),
      'lab',
      [bert],
    );
    expect(text).toContain(`${bert} # Bert's laptop`);
    expect(text).toContain('# everything else');
    expect(text).not.toContain(anna);
    expect(rulesOf(text)).toHaveLength(2);
  });

  it('may write its recipients as one text', () => {
    expect(rulesOf(`creation_rules:\n  - age: "${anna}, ${bert}"\n`)[0]?.recipients).toEqual([anna, bert]);
  });
});

test('a recipient is told from a private key and from a name', () => {
  expect(isRecipient(anna)).toBe(true);
  for (const text of ['anna', 'AGE-SECRET-KEY-1QQQQ', `${anna}!`, 'age1'])
    expect(isRecipient(text), text).toBe(false);
});

test('a kustomization lists each file once, and keeps what is in it', () => {
  const text = withResources('# mine\nresources: [a.sops.yaml]\n', ['a.sops.yaml', 'b.sops.yaml']);
  expect(text).toContain('# mine');
  expect(toJson(nodeOf(text))).toEqual({ resources: ['a.sops.yaml', 'b.sops.yaml'] });
  expect(withResources(text, ['b.sops.yaml'])).toBe(text);
  expect(toJson(nodeOf(withResources(undefined, ['a.sops.yaml'])))).toMatchObject({
    resources: ['a.sops.yaml'],
  });
});

test('the text of a Secret reads back as it was, whatever is in a value', () => {
  const values = new Map([
    ['number', '0123'],
    ['yes', 'yes'],
    ['lines', 'a\nb\n'],
    ['odd', `"'\\ # : é \u2028 \u0007`],
  ]);
  const read = toJson(nodeOf(secretText({ name: 'a', namespace: 'n' }, values)));
  expect(read).toMatchObject({ kind: 'Secret', stringData: Object.fromEntries(values) });
});

test('Secrets of one name have their namespace in the file name; those of Flux itself stay out of Git', () => {
  const declared = ['n', 'm'].map((namespace) => ({ name: 'a', namespace, consumers: ['c'], keys: [] }));
  expect(fileNameOf(declared[0]!, declared)).toBe('n.a.sops.yaml');
  expect(fileNameOf(declared[0]!, declared.slice(0, 1))).toBe('a.sops.yaml');
  expect(inGit([{ name: 'sops-age', namespace: 'flux-system', consumers: ['flux'], keys: [] }])).toEqual([]);
});

describe('a value that only the site has', () => {
  const key: KeyDeclaration = {
    name: 'client-secret',
    purpose: 'It.',
    generator: 'external',
    example: 'abc',
    form: '[a-z]+|[0-9]+',
  };
  const secret = { name: 'oidc', namespace: 'n' };
  const from = (environment: NodeJS.ProcessEnv, answer?: string) =>
    valueFor(secret, key, {
      directory: undefined,
      environment,
      ask: answer === undefined ? undefined : () => Promise.resolve(answer),
    });

  it('comes from the environment, or from the person', async () => {
    expect(variableOf('oidc', 'client-secret')).toBe('INFOMETIS_SECRET_OIDC_CLIENT_SECRET');
    expect(await from({ INFOMETIS_SECRET_OIDC_CLIENT_SECRET: 'real' })).toMatchObject({ value: 'real' });
    expect(await from({}, 'typed')).toMatchObject({ value: 'typed', from: 'person' });
    expect(await from({}, '')).toEqual({ ok: false, reason: 'absent' });
    expect(await from({})).toEqual({ ok: false, reason: 'absent' });
  });

  it.each([
    ['', 'empty'],
    ['abc', 'example'],
    ['changeme', 'placeholder'],
    ['<the secret>', 'placeholder'],
    [' real', 'space'],
    // The form is that of the whole value, in each of its alternatives.
    ['real9', 'form'],
    ['real\n', 'form'],
  ])('is not %j', (value, why) => {
    expect(faultOf(key, value)).toContain(why);
    if (value !== '') expect(faultOf(key, value)).not.toContain(`\`${value}\``);
  });

  it('is any other', () => {
    expect(faultOf(key, 'real')).toBeUndefined();
    expect(faultOf({ name: 'k', purpose: '', generator: 'external' }, 'p@ss w0rd')).toBeUndefined();
  });
});
