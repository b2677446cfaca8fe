import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Files,
  openDirectory,
  openMemory,
  resolvePath,
  walk,
} from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

let outside: string;
let root: string;
beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'files-'));
  root = join(outside, 'repository');
  mkdirSync(join(root, 'base/web'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(outside, 'secret.yaml'), 'outside: true\n');
  writeFileSync(join(root, 'base/web/service.yaml'), 'kind: Service\n');
  writeFileSync(join(root, 'base/a.yaml'), 'kind: A\n');
  writeFileSync(join(root, 'huge.yaml'), '');
  truncateSync(join(root, 'huge.yaml'), 8 * 1024 * 1024 + 1);
  writeFileSync(join(root, 'large.yaml'), '');
  truncateSync(join(root, 'large.yaml'), 8 * 1024 * 1024);
  writeFileSync(join(root, 'gone.yaml'), 'kind: Gone\n');
  symlinkSync(join(outside, 'secret.yaml'), join(root, 'link.yaml'));
  symlinkSync(outside, join(root, 'away'));
  symlinkSync('base/web', join(root, 'inside'));
  symlinkSync('nowhere', join(root, 'dangling'));
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

describe('openDirectory', () => {
  test('reads text and bytes', () => {
    const read = openDirectory(root).read('base/web/service.yaml');
    expect(read).toMatchObject({ ok: true, text: 'kind: Service\n' });
    expect(read.ok && Buffer.from(read.bytes).toString()).toBe('kind: Service\n');
  });

  test('lists in order, and nothing where there is no directory', () => {
    const files = openDirectory(root);
    expect(files.list('base')).toEqual(['a.yaml', 'web']);
    expect(files.list('.')).toContain('base');
    for (const path of ['empty', 'nowhere', 'base/a.yaml', 'away', '..'])
      expect(files.list(path)).toEqual([]);
  });

  test.each([
    ['nowhere.yaml', 'missing'],
    ['base/nowhere/a.yaml', 'missing'],
    ['base/a.yaml/b.yaml', 'missing'],
    ['base', 'directory'],
    ['link.yaml', 'symlink'],
    ['dangling', 'symlink'],
    ['away/secret.yaml', 'symlink'],
    ['inside/service.yaml', 'symlink'],
    ['huge.yaml', 'too-large'],
  ])('%s is not read: %s', (path, reason) =>
    expect(openDirectory(root).read(path)).toEqual({ ok: false, reason }),
  );

  test('a file as large as the limit is read', () =>
    expect(openDirectory(root).read('large.yaml').ok).toBe(true));

  test.each([
    '..',
    '../secret.yaml',
    'base/../../secret.yaml',
    'base/..',
    './base',
    'base//a.yaml',
    '/etc/hostname',
    '/',
    '',
  ])('the path %j names nothing', (path) => {
    const files = openDirectory(root);
    expect(files.kind(path)).toBeUndefined();
    expect(files.read(path)).toEqual({ ok: false, reason: 'missing' });
    expect(files.list(path)).toEqual([]);
  });

  test('a file that vanishes between the look and the reading is unreadable', () => {
    const files = openDirectory(root);
    expect(files.kind('gone.yaml')).toBe('file');
    unlinkSync(join(root, 'gone.yaml'));
    expect(files.read('gone.yaml')).toEqual({ ok: false, reason: 'unreadable' });
  });

  test('a pipe is no file, and nobody waits for what it says', () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(openDirectory(root).kind('pipe')).toBeUndefined();
    expect(openDirectory(root).read('pipe')).toEqual({ ok: false, reason: 'missing' });
  });

  test('reads each file once', () => {
    const files = openDirectory(root);
    const before = files.read('base/a.yaml');
    writeFileSync(join(root, 'base/a.yaml'), 'kind: B\n');
    expect(files.read('base/a.yaml')).toBe(before);
    expect(openDirectory(root).read('base/a.yaml')).toMatchObject({ text: 'kind: B\n' });
  });

  test('a root that is a link is opened, since the person named it', () => {
    const link = join(outside, 'link-to-root');
    symlinkSync(root, link);
    expect(openDirectory(link).list('base')).toEqual(['a.yaml', 'web']);
  });
});

describe('openMemory', () => {
  const files: Files = openMemory({ 'a/b/c.yaml': 'x: 1\n', 'a/d': new Uint8Array([0xff, 0x00]) });

  test('has directories for its files', () => {
    expect(files.kind('a/b')).toBe('directory');
    expect(files.list('a')).toEqual(['b', 'd']);
    expect(files.list('.')).toEqual(['a']);
    expect(files.read('a/b')).toEqual({ ok: false, reason: 'directory' });
    expect(files.read('a/x')).toEqual({ ok: false, reason: 'missing' });
    expect(files.kind('..')).toBeUndefined();
  });

  test('keeps bytes as they are', () => {
    const read = files.read('a/d');
    expect(read.ok && [...read.bytes]).toEqual([0xff, 0x00]);
  });
});

describe('resolvePath', () => {
  test.each([
    ['overlays/prototype/kafka', '../../../base/kafka', 'base/kafka'],
    ['a', '.', 'a'],
    ['a', './b/', 'a/b'],
    ['a', '..', '.'],
    ['.', 'b', 'b'],
    ['a', '../..', undefined],
    ['a', '../../b', undefined],
    ['.', '..', undefined],
    ['a', '/etc/passwd', undefined],
    ['a', '..b', 'a/..b'],
  ])('from %s, %s is %s', (directory, relative, expected) =>
    expect(resolvePath(directory, relative)).toBe(expected),
  );
});

describe('walk', () => {
  test('yields every file in order, and links, which it does not follow', () => {
    const paths = [...walk(openDirectory(root), '.')];
    expect(paths).toEqual([...paths].sort());
    expect(paths).toEqual(expect.arrayContaining(['away', 'base/web/service.yaml', 'inside', 'link.yaml']));
    expect(paths.some((path) => path.startsWith('away/') || path.startsWith('inside/'))).toBe(false);
  });

  test('leaves out what is skipped, with all below it', () =>
    expect([...walk(openMemory({ 'a/b/c': '', 'a/d': '', e: '' }), '.', (path) => path === 'a/b')]).toEqual([
      'a/d',
      'e',
    ]));
});

describe('openSources', () => {
  test('parses a file once, and gives nothing for what cannot be read', () => {
    const sources = openSources(openMemory({ 'a.yaml': 'x: 1\n' }));
    expect(sources.yaml('a.yaml')).toBe(sources.yaml('a.yaml'));
    expect(sources.yaml('b.yaml')).toBeUndefined();
  });
});
