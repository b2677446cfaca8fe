import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { secretsStage } from '../../../scripts/checks/secrets/index.ts';
import { runStage } from '../../../scripts/checks/stage.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { init } from '../../../scripts/secrets/init.ts';
import {
  decrypt,
  findPrograms,
  makeKey,
  type Programs,
  type Tools,
} from '../../../scripts/secrets/programs.ts';
import { conditionOf } from '../harness/condition.ts';
import { type ControlPlane, programsOf, startControlPlane } from '../harness/control-plane.ts';
import { applyAll, fluxNamespace } from '../harness/flux.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';

const declarations = `test:
  - name: login
    namespace: whole
    consumers: [web]
    keys:
      - {name: user, purpose: Who., generator: fixed, value: admin}
      - {name: password, purpose: What., generator: alphanumeric, length: 24}
      - {name: client-secret, purpose: From elsewhere., generator: external}
`;
const whole = 'overlays/test/secrets/login.sops.yaml';
// Flux would fill in the variable if the Secret did not say that it must not, and a number would lose its quotes.
// biome-ignore lint/suspicious/noTemplateCurlyInString: Flux' own variable
const awkward = '12345 ${PATH} \'x\' "y" é';

interface Case {
  readonly name: string;
  /** What somebody did to the file that SOPS wrote. */
  readonly change: (text: string) => string;
  readonly decrypts: boolean;
  /** The rule of the gate that finds it; undefined where the file is as it should be. */
  readonly rule?: string;
  /** What Flux says, or that it applies the ciphertext. */
  readonly outcome: 'applied' | 'ciphertext' | RegExp;
}

const ciphertext = (text: string): string => /ENC\[\S+?type:str\]/.exec(text)?.[0] ?? '';

const cases: readonly Case[] = [
  {
    name: 'labelled',
    change: (text) => text.replace('  labels:\n', '  labels:\n    added: later\n'),
    decrypts: true,
    outcome: 'applied',
  },
  { name: 'no-decryption', change: (text) => text, decrypts: false, outcome: 'ciphertext' },
  {
    name: 'no-mac',
    change: (text) => text.replace(/\n {2}mac: .*/, ''),
    decrypts: true,
    rule: 'secrets/missing-mac',
    outcome: 'ciphertext',
  },
  {
    name: 'no-block',
    change: (text) => text.slice(0, text.indexOf('\nsops:') + 1),
    decrypts: true,
    rule: 'secrets/undecrypted-value',
    outcome: 'ciphertext',
  },
  {
    name: 'added-plain',
    change: (text) => text.replace('stringData:\n', 'stringData:\n  extra: plain\n'),
    decrypts: true,
    rule: 'secrets/unencrypted-value',
    outcome: /does not match sops' data format/,
  },
  {
    name: 'cut',
    change: (text) => text.replace(/(password: ENC\[.{40}).*/, '$1'),
    decrypts: true,
    rule: 'secrets/unencrypted-value',
    outcome: /does not match sops' data format/,
  },
  {
    name: 'copied',
    change: (text) => text.replace(/client-secret: .*/, () => `client-secret: ${ciphertext(text)}`),
    decrypts: true,
    rule: 'secrets/copied-value',
    outcome: /Could not decrypt/,
  },
  {
    name: 'no-time',
    change: (text) => text.replace(/\n {2}lastmodified: .*/, ''),
    decrypts: true,
    rule: 'secrets/metadata',
    outcome: /parsing time/,
  },
  {
    name: 'no-key',
    change: (text) => text.replace(/\n {2}age:\n(?: {4}.*\n)+/, '\n'),
    decrypts: true,
    rule: 'secrets/metadata',
    outcome: /No keys found/,
  },
  {
    name: 'two-selectors',
    change: (text) => text.replace('\n  encrypted_regex:', '\n  encrypted_suffix: x\n  encrypted_regex:'),
    decrypts: true,
    rule: 'secrets/metadata',
    outcome: /Cannot use more than one/,
  },
];

const found = findPrograms();

describeWithTools('what SOPS encrypts', [...programsOf(['flux']), 'sops', 'age-keygen'], () => {
  let plane: ControlPlane;
  let git: GitServer;
  let directory: string;
  let plain: ReadonlyMap<string, string>;

  beforeAll(async () => {
    plane = await startControlPlane({
      parts: ['flux'],
      flux: { parameters: { 'kustomize-controller': ['--requeue-dependency=2s'] } },
    });
    git = await startGitServer(plane.directory);
    const repository = git.repository('secrets');
    directory = repository.directory;
    const keyFile = join(plane.directory, 'test.agekey');
    write('secrets.yaml', declarations);
    const programs = programsFound();
    const made = await init(programs, {
      root: directory,
      environment: 'test',
      recipients: [],
      keyFile,
      keyNamed: true,
      skipExternal: false,
      dryRun: false,
      values: {
        directory: undefined,
        environment: { INFOMETIS_SECRET_LOGIN_CLIENT_SECRET: awkward },
        ask: undefined,
      },
      variables: process.env,
      keyWasMade: () => {},
    });
    if (!made.ok) throw new Error(made.error.message);
    const tools: Tools = { programs, root: directory, environment: process.env, keyFile };
    const values = await decrypt(tools, whole);
    if (!values.ok) throw new Error(values.error.message);
    plain = values.result;
    const text = readFileSync(join(directory, whole), 'utf8');
    for (const { name, change } of cases) {
      const changed = change(text);
      if (name !== 'no-decryption') expect(changed, name).not.toBe(text);
      write(`cases/${name}/secret.yaml`, changed.replace('namespace: whole', `namespace: ${name}`));
      write(`cases/${name}/kustomization.yaml`, 'resources: [secret.yaml]\n');
    }
    // While a key is replaced, the cluster has both.
    const otherKey = join(plane.directory, 'other.agekey');
    expect(await makeKey(tools, otherKey)).toBeUndefined();
    repository.commit('all');
    await applyAll(plane.client, [
      ...['whole', ...cases.map(({ name }) => name)].map((name) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      })),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'sops-age', namespace: fluxNamespace },
        data: {
          'a.agekey': readFileSync(otherKey).toString('base64'),
          'b.agekey': readFileSync(keyFile).toString('base64'),
        },
      },
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'secrets', namespace: fluxNamespace },
        spec: { url: repository.url, interval: '10m', ref: { branch: 'main' } },
      },
      kustomization('whole', dirname(whole), true),
      ...cases.map(({ name, decrypts }) => kustomization(name, `cases/${name}`, decrypts)),
    ]);
  });
  beforeEach(() => keepLogsOnFailure(plane));
  afterAll(async () => {
    await git?.stop();
    await plane?.stop();
  });

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };

  const valuesIn = async (namespace: string): Promise<ReadonlyMap<string, string>> => {
    const secret = await plane.client.get({ apiVersion: 'v1', kind: 'Secret', name: 'login', namespace });
    const data = (secret?.['data'] ?? {}) as Record<string, string>;
    return new Map(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
    );
  };

  const outcomeOf = (name: string): Promise<{ readonly ready: boolean; readonly message: string }> =>
    waitFor<{ readonly ready: boolean; readonly message: string }>(
      `Kustomization ${name} to be tried`,
      async () => {
        const seen = await plane.client.get({
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          name,
          namespace: fluxNamespace,
        });
        const ready = conditionOf(seen, 'Ready');
        if (ready?.status === 'True') return done({ ready: true, message: ready.message ?? '' });
        return ready?.status === 'False' && ready.reason !== 'ArtifactFailed'
          ? done({ ready: false, message: ready.message ?? '' })
          : notYet(`${ready?.reason}: ${ready?.message}`);
      },
    );

  test('reaches the cluster as it was before, whatever is in it', async () => {
    expect(await outcomeOf('whole')).toMatchObject({ ready: true });
    expect(await valuesIn('whole')).toEqual(
      new Map([
        ['user', 'admin'],
        ['password', expect.stringMatching(/^[A-Za-z0-9]{24}$/)],
        ['client-secret', awkward],
      ]),
    );
    expect(await valuesIn('whole')).toEqual(plain);
  });

  // The gate's verdict is Flux's own.
  test.each(cases)('$name: Flux and the gate', async ({ name, rule, outcome }) => {
    const { ready, message } = await outcomeOf(name);
    const values = await valuesIn(name);
    if (outcome === 'applied') {
      expect({ ready, message }).toMatchObject({ ready: true });
      expect(values).toEqual(plain);
    } else if (outcome === 'ciphertext') {
      expect({ ready, message }).toMatchObject({ ready: true });
      expect(values.get('password')).toMatch(/^ENC\[AES256_GCM,/);
    } else {
      expect(ready).toBe(false);
      expect(message).toMatch(outcome);
      expect(values.size).toBe(0);
    }
    const reported = [
      ...runStage(
        secretsStage,
        {
          sources: openSources(openDirectory(directory)),
          paths: [`cases/${name}/secret.yaml`],
          environments: [],
        },
        ({ scope }) => scope === 'general',
      ),
    ].map((finding) => finding.rule);
    expect([...new Set(reported)]).toEqual(rule === undefined ? [] : [rule]);
  });
});

function programsFound(): Programs {
  if (!found.ok) throw new Error(found.error.message);
  return found.programs;
}

const kustomization = (name: string, path: string, decrypts: boolean) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: fluxNamespace },
  spec: {
    interval: '10m',
    path: `./${path}`,
    prune: true,
    sourceRef: { kind: 'GitRepository', name: 'secrets' },
    // Substitution comes after decryption.
    postBuild: { substitute: { PATH: 'filled in' } },
    ...(decrypts ? { decryption: { provider: 'sops', secretRef: { name: 'sops-age' } } } : {}),
  },
});
