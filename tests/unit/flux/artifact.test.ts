import { describe, expect, test } from 'vitest';
import { artifactFiles, ignoredByFlux } from '../../../scripts/flux/artifact.ts';
import { openMemory, walk } from '../../../scripts/repository/files.ts';

const packed = (contents: Record<string, string>, options = {}): string[] => {
  const files = openMemory(contents);
  return [...walk(artifactFiles(files, ignoredByFlux(files, options)), '.')];
};
const empty = (...paths: string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, '']));

describe('without a .sourceignore', () => {
  test.each([
    ['a.yaml', true],
    ['apps/dashboard.json', true],
    ['apps/logo.png', false],
    ['apps/archive.tar.gz', false],
    ['.github/workflows/ci.yaml', false],
    ['apps/.github/x.yaml', false],
    ['.sops.yaml', false],
    ['apps/.sops.yaml', false],
    ['secret.sops.yaml', true],
    ['apps/.gitignore', false],
    ['cloudbuild.yaml', false],
  ])('%s is packed: %s', (path, expected) => {
    expect(packed(empty(path))).toEqual(expected ? [path] : []);
  });
});

test('with one, the defaults are gone and only version control stays out', () => {
  expect(
    packed({
      '.sourceignore': '# comment\n\n/docs/\n*.md\n!KEEP.md\n',
      ...empty('logo.png', 'docs/a.yaml', 'a/docs/b.yaml', 'README.md', 'KEEP.md', '.gitignore'),
    }),
  ).toEqual(['.sourceignore', 'KEEP.md', 'a/docs/b.yaml', 'logo.png']);
});

test('one in a directory holds for what is below it', () => {
  expect(packed({ 'a/.sourceignore': 'x.yaml\n', ...empty('a/x.yaml', 'a/b/x.yaml', 'x.yaml') })).toEqual([
    'a/.sourceignore',
    'x.yaml',
  ]);
});

test('spec.ignore is read last', () => {
  expect(
    packed({ '.sourceignore': '*.yaml\n', ...empty('a.yaml', 'b.yaml') }, { ignore: '!a.yaml\n' }),
  ).toEqual(['.sourceignore', 'a.yaml']);
});

test('a sparse checkout has nothing else', () => {
  expect(
    packed(empty('base/kafka/a.yaml', 'base/nifi/a.yaml', 'a.yaml'), { sparseCheckout: ['./base/kafka'] }),
  ).toEqual(['base/kafka/a.yaml']);
});

test('a directory of nothing but ignored files is not there', () => {
  const files = openMemory(empty('a/b/logo.png', 'c/x.yaml'));
  const artifact = artifactFiles(files, ignoredByFlux(files));
  expect(artifact.kind('a')).toBeUndefined();
  expect(artifact.kind('a/b/logo.png')).toBeUndefined();
  expect(artifact.read('a/b/logo.png')).toEqual({ ok: false, reason: 'missing' });
  expect(artifact.list('.')).toEqual(['c']);
});

test.each([
  ['**/secret.yaml', 'a/b/secret.yaml', false],
  ['**/secret.yaml', 'secret.yaml', false],
  ['a/**', 'a/b/c.yaml', false],
  ['a/*.yaml', 'a/b.yaml', false],
  ['a/*.yaml', 'a/b/c.yaml', true],
  ['/a.yaml', 'b/a.yaml', true],
  ['[ab].yaml', 'a.yaml', false],
  ['?.yaml', 'ab.yaml', true],
])('%s leaves out %s: not %s', (line, path, kept) => {
  expect(packed({ '.sourceignore': `${line}\n`, [path]: '' }).includes(path)).toBe(kept);
});
