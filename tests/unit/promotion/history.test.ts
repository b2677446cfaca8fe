import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arrivalOf,
  commitsBetween,
  isSoaked,
  type MainLine,
  pinsInHistory,
  readMainLine,
  resolveRevision,
  uncommitted,
} from '../../../scripts/promotion/history.ts';
import { hour, makeRepository, type TestRepository } from './git.ts';

const start = Date.UTC(2026, 0, 1);
const at = (hours: number): number => start + hours * hour;
const pin = (commit: string | undefined): string =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: web}\nspec:\n  ref:\n    branch: main\n${commit === undefined ? '' : `    commit: ${commit}\n`}`;

let scratch: string;
let repository: TestRepository;
let first: string;
let onBranch: string;
let merged: string;
let last: string;
let elsewhere: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'history-'));
  repository = makeRepository(join(scratch, 'repository'));
  const { git, commit, merge } = repository;
  first = commit('first', at(0), { 'a.yaml': 'a: 1\n', 'web.yaml': pin(undefined) });
  git('switch', '--quiet', '--create', 'feature');
  onBranch = commit('on a branch', at(1), { 'b.yaml': 'b: 1\n' });
  git('switch', '--quiet', 'main');
  commit('meanwhile', at(2), { 'web.yaml': pin(first) });
  merged = merge('feature', at(30));
  last = commit('last', at(40), { 'a.yaml': 'a: 2\n' });
  git('switch', '--quiet', '--create', 'other', first);
  elsewhere = commit('elsewhere', at(3), { 'c.yaml': 'c: 1\n' });
  git('switch', '--quiet', 'main');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const line = (root = repository.root): MainLine => {
  const read = readMainLine(root, 'main');
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

describe('the line of main', () => {
  test('has the states of main, newest first, not the commits of what was merged', () => {
    const { ref, commits, shallow } = line();
    expect({ ref, shallow }).toEqual({ ref: 'main', shallow: false });
    expect(commits.map(({ subject }) => subject)).toEqual(['last', 'Merge feature', 'meanwhile', 'first']);
    expect(commits[1]).toEqual({ id: merged, time: at(30), subject: 'Merge feature' });
  });

  test('has no state that is older than the one before it', () => {
    const own = makeRepository(join(scratch, 'clocks'));
    own.commit('one', at(0));
    own.commit('a clock that is ahead', at(9));
    own.commit('three', at(5));
    own.commit('four', at(12));
    expect(line(own.root).commits.map(({ time }) => time)).toEqual([at(12), at(9), at(9), at(0)]);
  });

  test('is that of the remote where there is one', () => {
    const clone = join(scratch, 'clone');
    repository.git('clone', '--quiet', repository.root, clone);
    expect(line(clone).ref).toBe('origin/main');
  });

  test('says what to fetch where the clone has no such branch', () => {
    expect(readMainLine(repository.root, 'trunk')).toEqual({
      ok: false,
      error: {
        message: 'the clone has neither origin/trunk nor trunk, of which pins are commits',
        fix: 'Run `git fetch origin trunk:refs/remotes/origin/trunk`.',
      },
    });
  });

  test('knows that a shallow clone ends before main does', () => {
    const clone = join(scratch, 'shallow');
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.root}`, clone);
    expect(line(clone)).toMatchObject({ shallow: true, commits: [{ id: last }] });
  });

  test('tells when a commit came to main: with the merge that brought it', () => {
    const main = line();
    const arrived = (id: string) => main.commits[arrivalOf(repository.root, main, id) ?? -1]?.subject;
    expect([first, onBranch, merged, last, elsewhere].map(arrived)).toEqual([
      'first',
      'Merge feature',
      'Merge feature',
      'last',
      undefined,
    ]);
  });
});

test('24 hours, no less, are a soak', () => {
  const commit = { id: first, time: at(0), subject: '' };
  expect([at(24) - 1, at(24)].map((now) => isSoaked(commit, now))).toEqual([false, true]);
});

test('the commits between two are those that touch what is asked for, without merges', () => {
  const between = (...paths: string[]) =>
    commitsBetween(repository.root, first, last, paths).map(({ subject }) => subject);
  expect(between('b.yaml')).toEqual(['on a branch']);
  expect(between('a.yaml', 'b.yaml')).toEqual(['last', 'on a branch']);
  expect(between('c.yaml')).toEqual([]);
});

test('a revision is named in full, and never taken for an option', () => {
  const { root } = repository;
  expect(resolveRevision(root, last.slice(0, 8))).toEqual({ ok: true, value: last });
  expect(resolveRevision(root, '--all')).toMatchObject({ ok: false });
  expect(resolveRevision(root, '')).toMatchObject({ ok: false });
});

describe('the pins of a file', () => {
  test('are told last first, and without one it followed main', () => {
    expect(pinsInHistory(repository.root, 'web.yaml', 'web')).toEqual({
      ok: true,
      value: [first, undefined],
    });
  });

  test('are each told once, however often the file changed', () => {
    const own = makeRepository(join(scratch, 'pins'));
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
    own.commit('one', at(0), { 'web.yaml': pin(a) });
    own.commit('another', at(1), { 'web.yaml': pin(b) });
    own.commit('a word', at(2), { 'web.yaml': `# A word.\n${pin(b)}` });
    own.commit('broken', at(3), { 'web.yaml': '{' });
    own.commit('back', at(4), { 'web.yaml': pin(a) });
    expect(pinsInHistory(own.root, 'web.yaml', 'web')).toEqual({ ok: true, value: [a, b, a] });
    expect(pinsInHistory(own.root, 'web.yaml', 'api')).toEqual({ ok: true, value: [] });
  });
});

test('what is not committed is told of changed, staged and new files', () => {
  const own = makeRepository(join(scratch, 'dirty'));
  own.commit('all', at(0), { 'same.yaml': '1', 'changed.yaml': '1', 'staged.yaml': '1' });
  for (const name of ['changed', 'staged', 'new']) writeFileSync(join(own.root, `${name}.yaml`), '2');
  own.git('add', 'staged.yaml');
  expect(
    uncommitted(own.root, ['same.yaml', 'changed.yaml', 'staged.yaml', 'new.yaml', 'missing.yaml']),
  ).toEqual(new Set(['changed.yaml', 'staged.yaml', 'new.yaml']));
});
