import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitsThatChanged, openCommit } from '../../../scripts/repository/commit.ts';
import { type Files, walk } from '../../../scripts/repository/files.ts';
import { gitEnvironment as environment } from '../../git-environment.ts';

let scratch: string;
let root: string;
let first: string;
let second: string;
let third: string;

const git = (...parameters: string[]): string =>
  execFileSync('git', parameters, { cwd: root, env: environment, encoding: 'utf8', stdio: 'pipe' }).trim();
const commit = (message: string): string => {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
  return git('rev-parse', 'HEAD');
};

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'commit-'));
  root = join(scratch, 'repository');
  mkdirSync(join(root, 'base/web'), { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', root], { env: environment });
  writeFileSync(join(root, 'base/web/service.yaml'), 'kind: Service\n');
  writeFileSync(join(root, 'base/ä b.yaml'), 'kind: Ä\n');
  writeFileSync(join(root, 'base/bytes'), Buffer.from([0xff, 0x00, 0x0a, 0x0a]));
  writeFileSync(join(root, 'base/empty'), '');
  writeFileSync(join(root, 'huge.yaml'), '');
  truncateSync(join(root, 'huge.yaml'), 8 * 1024 * 1024 + 1);
  symlinkSync('base/web', join(root, 'inside'));
  symlinkSync('/etc/hostname', join(root, 'base/link.yaml'));
  first = commit('first');
  writeFileSync(join(root, 'base/web/service.yaml'), 'kind: Ingress\n');
  second = commit('second');
  git('update-index', '--add', '--cacheinfo', `160000,${first},module`);
  git('commit', '--quiet', '--message', 'third');
  third = git('rev-parse', 'HEAD');
  writeFileSync(join(root, 'base/web/service.yaml'), 'kind: NotCommitted\n');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const filesAt = (revision: string, directory = root, paths?: readonly string[]): Files => {
  const opened = openCommit(directory, revision, paths);
  if (!opened.ok) throw new Error(opened.message);
  return opened.commit.files;
};

describe('openCommit', () => {
  test('reads what the commit has, not what the working tree has', () => {
    expect(filesAt(first).read('base/web/service.yaml')).toMatchObject({ text: 'kind: Service\n' });
    expect(filesAt('main').read('base/web/service.yaml')).toMatchObject({ text: 'kind: Ingress\n' });
    expect(openCommit(root, 'main')).toMatchObject({ ok: true, commit: { id: third } });
    expect(openCommit(root, first.slice(0, 10))).toMatchObject({ ok: true, commit: { id: first } });
  });

  test('keeps names and bytes as they are', () => {
    const read = filesAt(first).read('base/bytes');
    expect(read.ok && [...read.bytes]).toEqual([0xff, 0x00, 0x0a, 0x0a]);
    expect(filesAt(first).read('base/ä b.yaml')).toMatchObject({ text: 'kind: Ä\n' });
    expect(filesAt(first).read('base/empty')).toMatchObject({ ok: true, text: '' });
  });

  test('has directories for its files', () => {
    const files = filesAt(first);
    expect(files.list('base')).toEqual(['bytes', 'empty', 'link.yaml', 'web', 'ä b.yaml']);
    expect(files.kind('base/web')).toBe('directory');
    expect([...walk(files, 'base/web')]).toEqual(['base/web/service.yaml']);
    for (const path of ['nowhere', 'base/bytes', 'inside', '..']) expect(files.list(path)).toEqual([]);
  });

  test.each([
    ['nowhere.yaml', 'missing'],
    ['base/nowhere/a.yaml', 'missing'],
    ['base/bytes/b.yaml', 'missing'],
    ['base', 'directory'],
    ['.', 'directory'],
    ['base/link.yaml', 'symlink'],
    ['inside/service.yaml', 'symlink'],
    ['inside/../huge.yaml', 'missing'],
    ['../repository/base/bytes', 'missing'],
    ['', 'missing'],
    ['huge.yaml', 'too-large'],
  ])('%s is not read: %s', (path, reason) =>
    expect(filesAt(first).read(path)).toEqual({ ok: false, reason }),
  );

  test('a submodule is an empty directory', () => {
    const files = filesAt(third);
    expect(files.kind('module')).toBe('directory');
    expect(files.list('module')).toEqual([]);
    expect(files.list('.')).toEqual(['base', 'huge.yaml', 'inside', 'module']);
  });

  test('reads only what is asked for', () => {
    const files = filesAt(first, root, ['base/web', 'nowhere']);
    expect([...walk(files, '.')]).toEqual(['base/web/service.yaml']);
  });

  test('a directory of a work tree counts as the repository', () => {
    const files = filesAt(first, join(root, 'base'));
    expect(files.list('.')).toEqual(['bytes', 'empty', 'link.yaml', 'web', 'ä b.yaml']);
    expect(files.read('web/service.yaml')).toMatchObject({ text: 'kind: Service\n' });
    expect(files.kind('huge.yaml')).toBeUndefined();
  });

  test.each(['0123456789012345678901234567890123456789', 'nowhere', '', '--all', 'main:base'])(
    'the revision %j is no commit',
    (revision) => expect(openCommit(root, revision)).toMatchObject({ ok: false, reason: 'missing-commit' }),
  );

  test('says where there is no repository', () =>
    expect(openCommit(scratch, 'main')).toMatchObject({ ok: false, reason: 'no-repository' }));

  test('asks the repository in its directory, not one that a hook names', () => {
    process.env['GIT_DIR'] = join(scratch, 'elsewhere');
    try {
      expect(filesAt(first).kind('base')).toBe('directory');
    } finally {
      delete process.env['GIT_DIR'];
    }
  });

  test('says what a partial clone lacks, and fetches nothing', () => {
    git('config', 'uploadpack.allowFilter', 'true');
    const partial = join(scratch, 'partial');
    execFileSync(
      'git',
      ['clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${root}`, partial],
      { env: environment, stdio: 'pipe' },
    );
    const before = execFileSync('git', ['count-objects', '-v'], { cwd: partial, encoding: 'utf8' });
    expect(openCommit(partial, 'main')).toMatchObject({ ok: false, reason: 'missing-objects' });
    expect(execFileSync('git', ['count-objects', '-v'], { cwd: partial, encoding: 'utf8' })).toBe(before);
  });
});

describe('commitsThatChanged', () => {
  test('names them, newest first', () => {
    expect(commitsThatChanged(root, ['base'])).toEqual({
      ok: true,
      commits: [second, first],
      shallow: false,
    });
    expect(commitsThatChanged(root, ['huge.yaml', 'module'])).toMatchObject({ commits: [third, first] });
    expect(commitsThatChanged(root, ['nowhere'])).toMatchObject({ commits: [] });
  });

  test('starts where it is told, and stops', () => {
    expect(commitsThatChanged(root, ['base'], { from: first })).toMatchObject({ commits: [first] });
    expect(commitsThatChanged(root, ['base'], { limit: 1 })).toMatchObject({ commits: [second] });
    expect(commitsThatChanged(root, ['base'], { from: 'nowhere' })).toMatchObject({
      ok: false,
      reason: 'missing-commit',
    });
  });

  test('says that a clone is shallow', () => {
    const shallow = join(scratch, 'shallow');
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${root}`, shallow], {
      env: environment,
      stdio: 'pipe',
    });
    expect(commitsThatChanged(shallow, ['base'])).toMatchObject({ shallow: true, commits: [third] });
  });
});
