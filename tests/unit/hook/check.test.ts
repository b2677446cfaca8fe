import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runGate } from '../../../scripts/gate.ts';
import { checkIndex, concernsGate } from '../../../scripts/hook/check.ts';
import { install } from '../../../scripts/hook/manage.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openCommit } from '../../../scripts/repository/commit.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { addPlatform, ownRoot, type TestRepository, testRepository, worktreeOf } from './repository.ts';

const read = (directory: string, path: string): string | undefined =>
  existsSync(join(directory, path)) ? readFileSync(join(directory, path), 'utf8') : undefined;

describe('the index', () => {
  let repository: TestRepository;
  beforeEach(() => {
    repository = testRepository();
    repository.write('base/a.yaml', 'first\n');
    repository.must('add', '--all');
  });
  afterEach(() => repository.remove());

  it('is what the gate sees: not the working tree, and not what is not added', async () => {
    repository.write('base/a.yaml', 'second\n');
    repository.must('add', '--all');
    repository.write('base/a.yaml', 'third\n');
    repository.write('base/b.yaml', 'not added\n');
    let seen = '';
    const checked = await checkIndex(await repository.open(), async (directory) => {
      expect(read(directory, 'base/a.yaml')).toBe('second\n');
      expect(read(directory, 'base/b.yaml')).toBeUndefined();
      seen = directory;
      return 1;
    });
    expect(checked).toEqual({ ok: true, code: 1, skipped: false });
    expect(existsSync(seen)).toBe(false);
  });

  it('is a worktree of the same history, where commits are found', async () => {
    repository.must('commit', '--quiet', '--message=first');
    const id = repository.must('rev-parse', 'HEAD').trim();
    const path = join(repository.environment['HOME']!, 'other');
    repository.must('worktree', 'add', '--quiet', '--detach', path);
    for (const each of [repository, worktreeOf(repository, path)]) {
      each.write('base/a.yaml', 'second\n');
      each.must('add', '--all');
      const before = each.must('status', '--porcelain');
      await checkIndex(await each.open(), async (directory) => {
        const opened = openCommit(directory, id);
        expect(opened.ok && opened.commit.files.read('base/a.yaml')).toMatchObject({ text: 'first\n' });
        return 0;
      });
      expect(each.must('status', '--porcelain')).toBe(before);
    }
  });

  it('goes away too where the gate fails itself', async () => {
    let seen = '';
    await expect(
      checkIndex(await repository.open(), async (directory) => {
        seen = directory;
        throw new Error('oops');
      }),
    ).rejects.toThrow('oops');
    expect(seen).not.toBe('');
    expect(existsSync(seen)).toBe(false);
  });

  it('is not looked at where nothing is changed that the gate reads', async () => {
    repository.must('commit', '--quiet', '--message=first');
    repository.write('docs/new.md', 'words\n');
    repository.write('base/a.yaml', 'not added\n');
    repository.must('add', 'docs');
    const git = await repository.open();
    const fails = async () => Promise.reject(new Error('must not run'));
    expect(await checkIndex(git, fails)).toEqual({ ok: true, code: 0, skipped: true });
    repository.must('rm', '--quiet', '--cached', 'base/a.yaml');
    expect(await checkIndex(git, async () => 0)).toEqual({ ok: true, code: 0, skipped: false });
  });
});

describe('what concerns the gate', () => {
  it.each([
    'base/kafka/service.yaml',
    'secrets.yaml',
    'scripts/gate.ts',
    '.github/workflows/validate.yml',
    'tests/golden/x.yaml',
    'package.json',
    'renovate.json',
    'new',
  ])('%s does', (path) => expect(concernsGate(path)).toBe(true));
  it.each([
    'docs/architecture.md',
    'tests/unit/x.test.ts',
    'tests/rules/x.txtar',
    '.ci/run',
    'README.md',
    'LICENSE',
  ])('%s does not', (path) => expect(concernsGate(path)).toBe(false));

  it('is everything that it reads', { timeout: 90_000 }, () => {
    const files = openDirectory(ownRoot);
    const seen = new Set<string>();
    const repository = renderRepository(
      openSources({
        ...files,
        read(path) {
          const result = files.read(path);
          if (result.ok) seen.add(path);
          return result;
        },
      }),
    );
    runGate(repository, {
      selection: { environments: [], components: [], stages: [] },
      platform: true,
      strict: false,
      today: '2026-01-01',
    });
    expect(seen.size).toBeGreaterThan(500);
    expect([...seen].filter((path) => !concernsGate(path))).toEqual([]);
  });
});

describe('the whole of it, with the real gate', { timeout: 180_000 }, () => {
  let repository: TestRepository;
  let temporary: string;
  const service = 'base/kafka/service.yaml';
  let good: string;

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'infometis-temporary-'));
    repository = testRepository({ TMPDIR: temporary, XDG_CACHE_HOME: join(temporary, 'cache') });
    addPlatform(repository);
    repository.must('add', '--all');
    repository.must('commit', '--quiet', '--message=the platform');
    install(await repository.open(), process.execPath);
    good = readFileSync(join(repository.root, service), 'utf8');
    expect(good).toContain('name: kafka');
  }, 60_000);
  afterAll(() => {
    repository.remove();
    rmSync(temporary, { recursive: true, force: true });
  });
  const bad = (): string => good.replace(/^(\s+app\.kubernetes\.io\/name: )kafka$/m, '$1kafak');
  const left = (): readonly string[] =>
    readdirSync(temporary).filter((name) => name.startsWith('infometis-index-'));
  const head = (): string => repository.must('rev-parse', 'HEAD').trim();

  it('refuses a commit that the gate refuses, though the working tree is mended, and names the place', () => {
    const before = head();
    repository.write(service, bad());
    repository.must('add', '--all');
    repository.write(service, good);
    const { status, stdout, stderr } = repository.git('commit', '--quiet', '--message=broken');
    expect(`${stdout}${stderr}`).toMatch(/ {2}base\/kafka\/service\.yaml:\d+:\d+/);
    expect(`${stdout}${stderr}`).toContain('Not committed: the gate is red');
    expect(status).not.toBe(0);
    expect(head()).toBe(before);
    expect(left()).toEqual([]);
  });

  it('takes a good commit, though the working tree is broken', () => {
    repository.write(service, `${good}# words\n`);
    repository.must('add', '--all');
    repository.write(service, bad());
    const { status, stderr } = repository.git('commit', '--quiet', '--message=good');
    expect(stderr).not.toContain('Not committed');
    expect(status).toBe(0);
  });

  it('sees what `git commit PATH` commits, whatever else is staged', () => {
    repository.write(service, bad());
    repository.must('add', '--all');
    repository.write(
      'versions.yaml',
      `${readFileSync(join(repository.root, 'versions.yaml'), 'utf8')}# words\n`,
    );
    const { status, stdout } = repository.git('commit', '--quiet', '--message=one file', 'versions.yaml');
    expect(`${status} ${stdout}`).toMatch(/^0 /);
    expect(repository.git('commit', '--quiet', '--message=broken', service).status).not.toBe(0);
  });

  it('leaves nothing when it is interrupted', async () => {
    repository.write(service, bad());
    repository.must('add', '--all');
    const child: ChildProcess = spawn(
      process.execPath,
      [join(repository.root, 'scripts/run.mjs'), 'hook', 'run'],
      { cwd: repository.root, env: repository.environment, stdio: 'ignore' },
    );
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for (const deadline = Date.now() + 20_000; left().length === 0 && Date.now() < deadline; ) await sleep(5);
    expect(left()).toHaveLength(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(left()).toEqual([]);
  });

  it('is managed by the command', () => {
    const hook = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join(repository.root, 'scripts/run.mjs'), 'hook', ...args], {
        cwd: tmpdir(),
        env: repository.environment,
        encoding: 'utf8',
      });
    expect(JSON.parse(hook('status', '--json').stdout)).toMatchObject({ state: 'current' });
    expect(hook('install').status).toBe(0);
    expect(hook('uninstall').status).toBe(0);
    expect(hook('status').status).toBe(1);
    expect(hook('--help').stdout).toContain('--no-verify');
    for (const [args, words] of [
      [[], 'what is to be done?'],
      [['instal'], 'there is no action'],
      [['install', 'now'], 'takes nothing more'],
      [['install', '--json'], 'does not take --json'],
    ] as const) {
      const { status, stderr } = hook(...args);
      expect(stderr).toContain(words);
      expect(status).toBe(2);
    }
    const path = join(repository.root, '.git/hooks/pre-commit');
    writeFileSync(path, '#!/bin/sh\n');
    expect(hook('install').status).toBe(2);
  });
});
