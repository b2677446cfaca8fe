import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTool } from '../../../scripts/tools/find.ts';
import { describeWithTools } from '../../cluster/harness/suite.ts';

const repository = join(import.meta.dirname, '../../..');

const declarations = `test:
  - name: login
    namespace: shop
    consumers: [web]
    keys:
      - {name: user, purpose: Who., generator: fixed, value: admin}
      - {name: password, purpose: What., generator: alphanumeric, length: 24}
      - {name: master, purpose: Seals the store., generator: alphanumeric, length: 32, rotation: {never: The store is sealed with it.}}
  - name: oidc
    namespace: shop
    consumers: [web]
    keys:
      - {name: client-secret, purpose: From the provider., generator: external, example: abc-def, form: "[a-z0-9-]{6,}"}
`;

const kustomization = (name: string, more = ''): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  path: ./${name === 'flux-system' ? 'flux/test' : `overlays/test/${name}`}
  interval: 10m
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
${more}`;

const site: Readonly<Record<string, string>> = {
  'secrets.yaml': declarations,
  'flux/test/kustomization.yaml': 'resources: [flux-system.yaml, secrets.yaml, web.yaml]\n',
  'flux/test/flux-system.yaml': kustomization('flux-system'),
  'flux/test/secrets.yaml': kustomization(
    'secrets',
    '  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n',
  ),
  'flux/test/web.yaml': kustomization('web'),
  'overlays/test/web/kustomization.yaml': 'resources: [web.yaml]\n',
  'overlays/test/web/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          env:
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: login, key: password}}
`,
};

const login = 'overlays/test/secrets/login.sops.yaml';

// The command itself, with the real sops and age.
describeWithTools('npm run secrets', ['sops', 'age-keygen'], () => {
  let home: string;
  let root: string;
  let key: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'infometis-secrets-test-'));
    root = join(home, 'site');
    key = join(home, 'config/infometis/test.agekey');
    for (const [path, text] of Object.entries(site)) write(path, text);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const secrets = (parameters: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const run = spawnSync(
      process.execPath,
      [join(repository, 'scripts/run.mjs'), 'secrets', ...parameters, '--root', root],
      {
        encoding: 'utf8',
        env: { ...process.env, XDG_CONFIG_HOME: join(home, 'config'), INIT_CWD: home, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return { code: run.status, out: run.stdout, told: run.stdout + run.stderr };
  };
  const tool = (program: string, ...parameters: string[]): string => {
    const found = findTool(program);
    if (!found.ok) throw new Error(found.reason);
    const run = spawnSync(found.path, parameters, {
      encoding: 'utf8',
      env: { ...process.env, SOPS_AGE_KEY_FILE: key },
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout;
  };
  const valuesOf = (path: string): Record<string, string> =>
    (
      JSON.parse(tool('sops', 'decrypt', '--output-type', 'json', join(root, path))) as {
        stringData: Record<string, string>;
      }
    ).stringData;
  const recipientOf = (file: string): string => tool('age-keygen', '-y', file).trim();
  const given = { INFOMETIS_SECRET_OIDC_CLIENT_SECRET: 'k9-real-77' };

  test('makes a key pair, a rule and every Secret, and finds them in order', () => {
    expect(secrets(['check', 'test'])).toMatchObject({ code: 1 });
    const made = secrets(['init', 'test'], given);
    expect(made).toMatchObject({ code: 0 });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(key)).mode & 0o777).toBe(0o700);
    const values = valuesOf(login);
    expect(values).toEqual({
      user: 'admin',
      password: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
      master: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    });
    expect(valuesOf('overlays/test/secrets/oidc.sops.yaml')).toEqual({ 'client-secret': 'k9-real-77' });
    expect(secrets(['check', 'test'])).toMatchObject({ code: 0 });
    const checked = secrets(['check', 'test', '--decrypt']);
    expect(checked).toMatchObject({ code: 0 });
    // No value and no key in what is printed, nor in any file.
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    for (const secret of [values['password']!, values['master']!, 'k9-real-77', 'AGE-SECRET-KEY'])
      for (const text of [made.told, checked.told, ...files]) expect(text).not.toContain(secret);
  });

  test('run again, it changes nothing; a key that was declared later is added alone', () => {
    secrets(['init', 'test'], given);
    const before = read(login);
    const all = (): string[] => ['.sops.yaml', login, 'overlays/test/secrets/kustomization.yaml'].map(read);
    const first = all();
    expect(secrets(['init', 'test'])).toMatchObject({ code: 0 });
    expect(all()).toEqual(first);
    write(
      'secrets.yaml',
      declarations.replace(
        'value: admin}\n',
        'value: admin}\n      - {name: added, purpose: Later., generator: alphanumeric, length: 20}\n',
      ),
    );
    expect(secrets(['check', 'test'])).toMatchObject({
      code: 1,
      told: expect.stringContaining('lacks `added`'),
    });
    expect(secrets(['init', 'test'])).toMatchObject({ code: 0 });
    const kept = (text: string): string[] =>
      text.split('\n').filter((line) => /^ {2}(user|password|master): /.test(line));
    expect(kept(read(login))).toEqual(kept(before));
    expect(valuesOf(login)['added']).toMatch(/^[A-Za-z0-9]{20}$/);
  });

  test('what only the site has: refused while it is the example, left out when told to, and then red', () => {
    expect(secrets(['init', 'test'])).toMatchObject({
      code: 2,
      told: expect.stringContaining('oidc/client-secret'),
    });
    expect(existsSync(key)).toBe(false);
    for (const value of ['abc-def', 'change-me', 'AB']) {
      const refused = secrets(['init', 'test'], { INFOMETIS_SECRET_OIDC_CLIENT_SECRET: value });
      expect(refused).toMatchObject({ code: 2, told: expect.stringContaining('oidc/client-secret') });
    }
    expect(secrets(['init', 'test', '--skip-external'])).toMatchObject({ code: 1 });
    expect(secrets(['check', 'test'])).toMatchObject({ code: 1, told: expect.stringContaining('shop/oidc') });
    mkdirSync(join(home, 'values/oidc'), { recursive: true });
    writeFileSync(join(home, 'values/oidc/client-secret'), 'k9-real-77\n');
    expect(secrets(['init', 'test', '--from-file', 'values'])).toMatchObject({ code: 0 });
    expect(valuesOf('overlays/test/secrets/oidc.sops.yaml')).toEqual({ 'client-secret': 'k9-real-77' });
  });

  test('a dry run makes nothing', () => {
    const before = readdirSync(root, { recursive: true }).length;
    expect(secrets(['init', 'test', '--dry-run']).told).toContain('would be made');
    expect(readdirSync(root, { recursive: true })).toHaveLength(before);
    expect(existsSync(key)).toBe(false);
  });

  test('rotates what can be, and says what is to be restarted', () => {
    secrets(['init', 'test'], given);
    const before = valuesOf(login);
    const rotated = secrets(['rotate', 'test']);
    expect(rotated).toMatchObject({ code: 0 });
    expect(rotated.out).toContain('kubectl -n shop rollout restart deployment/web');
    expect(rotated.out).toContain('login/master stays: The store is sealed with it.');
    const after = valuesOf(login);
    expect(after['password']).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(after['password']).not.toBe(before['password']);
    expect({ ...after, password: '' }).toEqual({ ...before, password: '' });
    expect(secrets(['rotate', 'test', 'login/master'])).toMatchObject({ code: 2 });
    expect(secrets(['rotate', 'test', 'logn'])).toMatchObject({
      code: 2,
      told: expect.stringContaining('did you mean `login`'),
    });
    expect(valuesOf(login)).toEqual(after);
  });

  test('one recipient comes and another goes, in the rule and in every file', () => {
    secrets(['init', 'test'], given);
    const own = recipientOf(key);
    const before = valuesOf(login);
    const second = join(home, 'second.agekey');
    tool('age-keygen', '-o', second);
    const other = recipientOf(second);
    expect(secrets(['rotate', 'test', '--recipients', '--add', other])).toMatchObject({ code: 0 });
    expect(read(login)).toContain(other);
    expect(secrets(['check', 'test'])).toMatchObject({ code: 0 });
    const removed = secrets(['rotate', 'test', '--recipients', '--remove', own]);
    expect(removed).toMatchObject({ code: 0, told: expect.stringContaining("Git's history") });
    expect(read('.sops.yaml')).not.toContain(own);
    expect(secrets(['check', 'test'])).toMatchObject({ code: 0 });
    expect(() => valuesOf(login)).toThrow();
    key = second;
    expect(valuesOf(login)).toEqual(before);
    // A recipient that stands in the rule alone cannot decrypt.
    write('.sops.yaml', read('.sops.yaml').replace(other, `${other}\n      - ${own}`));
    expect(secrets(['check', 'test'])).toMatchObject({
      code: 1,
      told: expect.stringContaining('is not encrypted for'),
    });
    expect(secrets(['rotate', 'test', '--recipients', '--key', second])).toMatchObject({ code: 0 });
    expect(secrets(['check', 'test'])).toMatchObject({ code: 0 });
  });

  test('edits one Secret, and refuses a key that nobody declared', () => {
    secrets(['init', 'test'], given);
    const editor = join(home, 'editor');
    const edit = (script: string) => {
      writeFileSync(editor, `#!/bin/sh\n${script}\n`);
      chmodSync(editor, 0o755);
      return secrets(['edit', 'test', 'login'], { EDITOR: editor, SOPS_EDITOR: '' });
    };
    expect(edit('exit 0')).toMatchObject({ code: 0, told: expect.stringContaining('Nothing was changed') });
    const before = read(login);
    expect(edit(`sed -i 's/  user: /  usr: /' "$1"`)).toMatchObject({ code: 2 });
    expect(edit('exit 1')).toMatchObject({ code: 2 });
    expect(read(login)).toBe(before);
    expect(edit(`sed -i 's/user: admin/user: root/' "$1"`)).toMatchObject({ code: 0 });
    expect(valuesOf(login)['user']).toBe('root');
    expect(secrets(['check', 'test', '--decrypt'])).toMatchObject({
      code: 1,
      told: expect.stringContaining('is not `admin`'),
    });
  });

  test('a value that was moved to another name is found with the key', () => {
    secrets(['init', 'test'], given);
    cpSync(join(root, login), join(home, 'kept'));
    write(
      login,
      read(login)
        .replace('  password: ', '  swap: ')
        .replace('  master: ', '  password: ')
        .replace('  swap: ', '  master: '),
    );
    expect(secrets(['check', 'test'])).toMatchObject({ code: 0 });
    expect(secrets(['check', 'test', '--decrypt'])).toMatchObject({
      code: 1,
      told: expect.stringContaining('could not be decrypted'),
    });
  });
});
