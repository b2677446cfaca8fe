import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decryptionSecrets, readAgeKey } from '../../../scripts/bootstrap/decryption.ts';
import { placeholders } from '../../../scripts/bootstrap/facts.ts';
import { onlyYoursAmong, secretWork } from '../../../scripts/bootstrap/secrets.ts';
import { openRepository } from '../../../scripts/render/open.ts';

const opened = await openRepository(join(import.meta.dirname, '../../..'), { cache: true, deployed: false });
if (!opened.ok) throw new Error(opened.error.message);
const { repository } = opened;
const environmentOf = (name: string) => repository.environments.find((one) => one.name === name)!;
const production = environmentOf('small-production');

const directory = mkdtempSync(join(tmpdir(), 'age-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const key = file('good.agekey', '# public key: age1x\nAGE-SECRET-KEY-1XYZ\n');

describe('what decrypts', () => {
  const secrets = decryptionSecrets(production, new Set(['secrets', 'kafka']));

  it('is the Secret that the Kustomization of the Secrets names, and nothing in the prototype', () => {
    expect(secrets).toMatchObject([
      { name: 'sops-age', namespace: 'flux-system', consumers: ['secrets'], keys: [{ name: 'age.agekey' }] },
    ]);
    expect(decryptionSecrets(production, new Set(['kafka']))).toEqual([]);
    const prototype = environmentOf('prototype');
    expect(decryptionSecrets(prototype, new Set(prototype.builds.map(({ component }) => component)))).toEqual(
      [],
    );
  });

  it('comes from the file, and only from one that holds a key', () => {
    const read = readAgeKey(key, secrets);
    expect(read.ok && read.supplied.get('flux-system/sops-age')?.get('age.agekey')).toContain(
      'AGE-SECRET-KEY-1XYZ',
    );
    expect(readAgeKey(file('public', 'age1x\n'), secrets)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('holds no age key') },
    });
    expect(readAgeKey(join(directory, 'absent'), secrets)).toMatchObject({ ok: false });
    expect(readAgeKey(key, [])).toMatchObject({ ok: false });
    expect(readAgeKey(undefined, secrets)).toEqual({ ok: true, supplied: new Map() });
  });

  it('is asked for where the cluster has none, and never where it has', () => {
    const absent = secretWork(secrets, new Map());
    expect(onlyYoursAmong(absent, new Map())?.fix).toContain('--age-key');
    const read = readAgeKey(key, secrets);
    if (!read.ok) throw new Error(read.error.message);
    expect(onlyYoursAmong(absent, read.supplied)).toBeUndefined();
    const there = secretWork(secrets, new Map([['flux-system/sops-age', new Set(['age.agekey'])]]));
    expect(onlyYoursAmong(there, new Map())).toBeUndefined();
  });
});

describe('placeholders', () => {
  it('are every example among the facts, and images of a registry that does not exist', () => {
    const found = placeholders(repository.sources, production);
    for (const part of [
      'publicHost is platform.example.com',
      'loadBalancerRange is 192.0.2.',
      'the image registry.example.com/infometis/flink',
    ])
      expect(
        found.some((one) => one.includes(part)),
        part,
      ).toBe(true);
    expect(found[0]).toMatch(/^overlays\/small-production\/environment\/environment\.yaml:\d+: /);
  });

  it('are not in the prototype', () => {
    expect(placeholders(repository.sources, environmentOf('prototype'))).toEqual([]);
  });
});
