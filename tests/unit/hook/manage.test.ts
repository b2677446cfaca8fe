import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { install, statusOf, uninstall } from '../../../scripts/hook/manage.ts';
import { hookScript, ownLine } from '../../../scripts/hook/script.ts';
import { addStandIn, type TestRepository, testRepository, worktreeOf } from './repository.ts';

const node = process.execPath;

let repository: TestRepository;
let file: string;
beforeEach(() => {
  repository = testRepository();
  file = join(repository.root, '.git/hooks/pre-commit');
});
afterEach(() => repository.remove());

const home = (path: string): string => join(repository.environment['HOME']!, path);
const calls = (): readonly { args: readonly string[]; root: string }[] =>
  existsSync(home('calls'))
    ? readFileSync(home('calls'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
const commit = (where: TestRepository = repository, ...more: readonly string[]) => {
  where.must('add', '--all');
  return where.git('commit', '--quiet', '--allow-empty', '--message=x', ...more);
};

describe('install', () => {
  it('writes a hook that runs the command, may be run twice, and is taken away again', async () => {
    addStandIn(repository);
    const git = await repository.open();
    expect(statusOf(git, node).state).toBe('absent');
    expect(install(git, node)).toMatchObject({ ok: true, words: expect.stringContaining(file) });
    expect(statSync(file).mode & 0o777).toBe(0o755);
    const text = readFileSync(file, 'utf8');
    expect(install(git, node)).toMatchObject({ ok: true, words: expect.stringContaining('already') });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(statusOf(git, node).state).toBe('current');

    expect(commit().status).toBe(0);
    expect(calls()).toEqual([{ args: ['hook', 'run'], root: repository.root }]);

    expect(uninstall(git, node)).toMatchObject({ ok: true });
    expect(existsSync(file)).toBe(false);
    expect(uninstall(git, node)).toMatchObject({ ok: true, words: expect.stringContaining('nothing') });
  });

  it('writes it anew for another Node.js or from another version, which it knows for its own', async () => {
    const git = await repository.open();
    install(git, '/opt/old/node');
    expect(statusOf(git, node).state).toBe('outdated');
    expect(install(git, node)).toMatchObject({ ok: true });
    expect(statusOf(git, node).state).toBe('current');
    install(git, '/opt/old/node');
    expect(uninstall(git, node)).toMatchObject({ ok: true });
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['another hook', '#!/bin/sh\nexit 0\n', 'foreign'],
    ['an edited one', `${hookScript(node)}echo mine\n`, 'edited'],
  ])('leaves %s as it is', async (_, text, state) => {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    const git = await repository.open();
    expect(statusOf(git, node).state).toBe(state);
    expect(install(git, node)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(file) },
    });
    uninstall(git, node);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('leaves a link to nowhere as it is', async () => {
    mkdirSync(join(file, '..'), { recursive: true });
    symlinkSync('/nonexistent/hook', file);
    const git = await repository.open();
    expect(install(git, node)).toMatchObject({ ok: false });
    expect(existsSync(file)).toBe(false);
  });

  it('does not touch what core.hooksPath points at, and says which line to add', async () => {
    repository.must('config', 'core.hooksPath', '.husky');
    const git = await repository.open();
    expect(statusOf(git, node)).toMatchObject({ state: 'redirected' });
    const result = install(git, node);
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? '' : result.error.fix).toContain(ownLine);
    expect(existsSync(join(repository.root, '.husky'))).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  it('knows its line in a hook of one’s own, which works', async () => {
    addStandIn(repository);
    repository.must('config', 'core.hooksPath', 'my hooks');
    const own = join(repository.root, 'my hooks/pre-commit');
    mkdirSync(join(own, '..'));
    writeFileSync(own, `#!/bin/sh\n${ownLine}\n`, { mode: 0o755 });
    const git = await repository.open();
    expect(statusOf(git, node)).toMatchObject({ state: 'current', file: own });
    expect(install(git, node)).toMatchObject({ ok: true });
    writeFileSync(home('verdict'), '1');
    expect(commit().status).not.toBe(0);
    expect(calls()).toHaveLength(1);
  });
});

describe('the hook', () => {
  beforeEach(async () => {
    addStandIn(repository);
    install(await repository.open(), node);
  });

  it.each(['1', '2'])('stops the commit where the command ends with %s, unless told to go past', (code) => {
    writeFileSync(home('verdict'), code);
    expect(commit().status).not.toBe(0);
    expect(repository.git('rev-parse', '--verify', '--quiet', 'HEAD').status).not.toBe(0);
    expect(commit(repository, '--no-verify').status).toBe(0);
    expect(calls()).toHaveLength(1);
  });

  it('runs the command of the worktree that commits', () => {
    commit();
    const path = home('another worktree');
    repository.must('worktree', 'add', '--quiet', '--detach', path);
    const other = worktreeOf(repository, path);
    expect(commit(other).status).toBe(0);
    expect(calls().map(({ root }) => root)).toEqual([repository.root, path]);
  });

  it('lets a worktree commit that is older than the command', () => {
    commit();
    const path = home('old');
    repository.must('worktree', 'add', '--quiet', '--detach', path);
    const old = worktreeOf(repository, path);
    old.must('rm', '--quiet', 'scripts/hook.ts');
    writeFileSync(home('verdict'), '1');
    expect(commit(old).status).toBe(0);
  });

  it('runs from a subdirectory, and from a program without the PATH of a shell', () => {
    mkdirSync(join(repository.root, 'base'));
    repository.must('add', '--all');
    const git = (where: string, environment: NodeJS.ProcessEnv) =>
      spawnSync('/bin/sh', ['-c', 'git commit --quiet --allow-empty --message=x'], {
        cwd: join(repository.root, where),
        env: { ...repository.environment, ...environment },
        encoding: 'utf8',
      });
    const withoutNode = '/usr/bin:/bin';
    expect(git('base', {}).status).toBe(0);
    expect(git('.', { PATH: withoutNode }).status).toBe(0);
    expect(calls()).toHaveLength(2);
  });

  it('says what to do where there is no Node.js at all', async () => {
    repository.must('add', '--all');
    const directory = home('programs');
    mkdirSync(directory);
    const program = spawnSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(program, join(directory, 'git'));
    writeFileSync(file, hookScript('/nonexistent/node'));
    const { status, stderr } = spawnSync('/bin/sh', ['-c', 'git commit --quiet --message=x'], {
      cwd: repository.root,
      // Git puts its own programs before this.
      env: { ...repository.environment, PATH: directory },
      encoding: 'utf8',
    });
    // Where Node.js lies among Git's own programs it is found.
    if (calls().length === 0) {
      expect(stderr).toContain('there is no Node.js on PATH');
      expect(stderr).toContain('--no-verify');
      expect(status).not.toBe(0);
    }
  });
});
