import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBase } from '../../../scripts/diff/base.ts';
import { diffRepositories } from '../../../scripts/diff/run.ts';
import { type Files, openDirectory } from '../../../scripts/repository/files.ts';
import { gitEnvironment as environment } from '../../git-environment.ts';
import { kustomization, told, tree } from './world.ts';

const ownRoot = join(import.meta.dirname, '../../..');
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'diff-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const git = (root: string, ...parameters: string[]): string =>
  execFileSync('git', parameters, { cwd: root, env: environment, encoding: 'utf8', stdio: 'pipe' }).trim();
function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
function commit(root: string, files: Readonly<Record<string, string>>): string {
  write(root, files);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'change');
  return git(root, 'rev-parse', 'HEAD');
}
function repository(name: string): string {
  const root = join(scratch, name);
  mkdirSync(root);
  git(root, 'init', '--quiet', '--initial-branch=main');
  return root;
}
const command = (...parameters: string[]) =>
  spawnSync(process.execPath, [join(ownRoot, 'scripts/run.mjs'), 'diff', ...parameters], {
    encoding: 'utf8',
    env: { ...environment, CI: '1' },
  });

const map = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\ndata: {text: ${text}}\n`;

describe('this repository', () => {
  const files = openDirectory(ownRoot);
  const edited = (path: string, change: (text: string) => string): Files => ({
    ...files,
    read(asked) {
      const read = files.read(asked);
      if (asked !== path || !read.ok) return read;
      const text = change(read.text);
      expect(text).not.toBe(read.text);
      return { ok: true, text, bytes: Buffer.from(text) };
    },
  });
  test('one edited tag is one changed image in each environment, and nothing else', () => {
    const after = edited('base/kafka-exporter/kustomization.yaml', (text) =>
      text.replace(/newTag: .*/, 'newTag: v999.0.0'),
    );
    const result = diffRepositories(files, after, { root: ownRoot });
    if (!result.ok) throw new Error(result.error.message);
    const changed = result.diffs.filter(({ change }) => change.objects.length > 0);
    expect(new Set(result.diffs.map(({ change }) => change.environment))).toEqual(
      new Set(['prototype', 'small-production']),
    );
    expect(changed.length).toBeGreaterThan(0);
    for (const { change, dangers } of changed) {
      expect(change.objects.map(({ reference: { kind, name } }) => `${kind} ${name}`)).toEqual([
        'Deployment kafka-exporter',
      ]);
      const { fields } = change.objects[0]!;
      expect(fields.map(({ path }) => path)).toContain('spec.template.spec.containers[kafka-exporter].image');
      // An init container may wait with the same image.
      for (const { path, after: image } of fields)
        expect([path, image]).toEqual([
          expect.stringMatching(/\.image$/),
          'danielqsj/kafka-exporter:v999.0.0',
        ]);
      expect(change.images).toHaveLength(fields.length);
      expect(change.restarts.map(({ reference }) => reference.name)).toEqual(['kafka-exporter']);
      expect(dangers.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual(['danger major-skipped']);
      expect(change.uncompared).toEqual([]);
    }
  }, 60_000);
  test('with itself it is equal', () => {
    const result = diffRepositories(files, files, { root: ownRoot });
    if (!result.ok) throw new Error(result.error.message);
    for (const { change } of result.diffs) expect(told(change)).toEqual([]);
  }, 60_000);
});

describe('a pinned component', () => {
  const source = (pin: string): string =>
    `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: web, namespace: flux-system}\nspec: {interval: 1h, url: "https://example.com/own", ref: {branch: main, commit: ${pin}}}\n`;
  const pinned = (pin: string) =>
    tree(
      { web: map('one') },
      {
        'flux/test/kustomization.yaml': 'resources: [web.yaml, source.yaml]\n',
        'flux/test/web.yaml': kustomization('web').replace('name: flux-system}', 'name: web}'),
        'flux/test/source.yaml': source(pin),
      },
    );
  test('changes when its pin moves, and is told beforehand', () => {
    const root = repository('pinned');
    const first = commit(root, { 'apps/web/objects.yaml': map('one') });
    const second = commit(root, { ...pinned(first), 'apps/web/objects.yaml': map('two') });
    const third = commit(root, { 'apps/web/objects.yaml': map('three') });
    const compare = () => {
      const base = openBase(root, third);
      if (!base.ok) throw new Error(base.error.message);
      const result = diffRepositories(base.base.files, openDirectory(root), { root });
      if (!result.ok) return result.error;
      return result.diffs.map(({ change }) => [change.timing, ...told(change)]);
    };
    write(root, { 'apps/web/objects.yaml': map('four') });
    expect(compare()).toEqual([
      ['merge'],
      ['promotion', 'changed ConfigMap web', 'data.text: "three" → "four"'],
    ]);
    write(root, { 'apps/web/objects.yaml': map('three'), 'flux/test/source.yaml': source(second) });
    expect(compare()).toEqual([
      [
        'merge',
        'changed GitRepository web',
        `spec.ref.commit: "${first}" → "${second}"`,
        'changed ConfigMap web',
        'data.text: "one" → "two"',
      ],
      ['promotion'],
    ]);
    const absent = 'a'.repeat(40);
    write(root, { 'flux/test/source.yaml': source(absent) });
    expect(compare()).toMatchObject({
      message: expect.stringContaining(absent),
      fix: `Run \`git fetch origin ${absent}\`.`,
    });
  });
});

describe('the base', () => {
  const base = (root: string, revision?: string) => {
    const opened = openBase(root, revision);
    return opened.ok ? [opened.base.id, opened.base.label] : opened.error;
  };
  test('is where the branch left the main one', () => {
    const root = repository('branches');
    const first = commit(root, { a: '1' });
    git(root, 'checkout', '--quiet', '-b', 'topic');
    commit(root, { b: '1' });
    git(root, 'checkout', '--quiet', 'main');
    const second = commit(root, { a: '2' });
    git(root, 'checkout', '--quiet', 'topic');
    expect(base(root)).toEqual([first, 'merge-base with main']);
    git(root, 'update-ref', 'refs/remotes/origin/main', second);
    expect(base(root)).toEqual([first, 'merge-base with origin/main']);
    expect(base(root, 'main')).toEqual([second, 'main']);
    expect(base(root, 'nothing')).toMatchObject({
      message: expect.stringContaining('no commit nothing'),
      fix: expect.stringContaining('git fetch'),
    });
    expect(base(root, 'origin/other')).toMatchObject({
      fix: 'Run `git fetch origin other:refs/remotes/origin/other`.',
    });
    git(root, 'checkout', '--quiet', '--orphan', 'alone');
    commit(root, { c: '1' });
    expect(base(root)).toMatchObject({ message: expect.stringContaining('no common history') });
  });
  test('without Git, without a commit, without a main branch', () => {
    const plain = join(scratch, 'plain');
    mkdirSync(plain);
    expect(base(plain)).toMatchObject({ message: expect.stringContaining('is no Git repository') });
    const empty = repository('empty');
    expect(base(empty)).toMatchObject({ message: expect.stringContaining('no commit yet') });
    commit(empty, { a: '1' });
    git(empty, 'branch', '--move', 'trunk');
    expect(base(empty)).toMatchObject({
      message: expect.stringContaining('origin/main'),
      fix: expect.stringContaining('--base'),
    });
  });
  test('in a shallow clone it may be out of reach', () => {
    const root = repository('deep');
    commit(root, { a: '1' });
    git(root, 'checkout', '--quiet', '-b', 'topic');
    commit(root, { b: '1' });
    git(root, 'checkout', '--quiet', 'main');
    commit(root, { a: '2' });
    const clone = join(scratch, 'shallow');
    execFileSync(
      'git',
      ['clone', '--quiet', '--depth=1', '--no-single-branch', '--branch=topic', `file://${root}`, clone],
      { env: environment },
    );
    expect(base(clone)).toMatchObject({
      message: expect.stringContaining('shallow'),
      fix: expect.stringContaining('git fetch --unshallow'),
    });
    const first = git(root, 'rev-parse', 'topic^');
    expect(base(clone, first)).toMatchObject({ fix: `Run \`git fetch origin ${first}\`.` });
  });
});

describe('the command', () => {
  test('compares what is not committed yet, and says by its exit code what it found', () => {
    const root = repository('command');
    const volume = (size: string): string =>
      `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {capacity: {storage: ${size}}, accessModes: [ReadWriteOnce], hostPath: {path: /v}}\n`;
    commit(root, tree({ web: volume('2Gi') }));
    const good = command('--root', root);
    expect(good).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('test: no change') });
    write(root, { 'apps/web/objects.yaml': volume('1Gi'), 'apps/web/untracked.yaml': map('new') });
    const danger = command('--root', root, '--format', 'json', '--fail-on-danger');
    expect(danger.status).toBe(1);
    expect(JSON.parse(danger.stdout)).toMatchObject({
      dangers: 1,
      environments: [
        {
          objects: [
            { status: 'added', object: { kind: 'ConfigMap' } },
            { status: 'changed', object: { kind: 'PersistentVolume' } },
          ],
        },
      ],
    });
    expect(command('--root', root).status).toBe(0);
    expect(command('--root', root, '--environment', 'tset')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no environment `tset`'),
    });
    expect(command('--root', root, '--base', 'nothing')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('git fetch'),
    });
    write(root, { 'apps/web/objects.yaml': 'kind: [' });
    expect(command('--root', root)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Not compared'),
    });
    expect(command('--root', root, '--fail-on-danger').status).toBe(1);
  }, 60_000);
  test('help and wrong usage', () => {
    expect(command('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: npm run diff'),
    });
    expect(command('--format', 'xml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('One of text, markdown, json'),
    });
    expect(command('--bsae', 'x')).toMatchObject({ status: 2, stderr: expect.stringContaining('--base') });
    expect(command('--root', '/nonexistent')).toMatchObject({ status: 2 });
  }, 60_000);
});
