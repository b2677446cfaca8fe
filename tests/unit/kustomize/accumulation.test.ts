import { expect, test } from 'vitest';
import type { MapNode } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';
import { built, deployment, failure, names, object, refusal, traced, value } from './helper.ts';

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;

test('files, directories and Components come in the order in which they are named', () => {
  const result = built(
    {
      'overlay/kustomization.yaml':
        'resources: [z.yaml, ../base]\ncomponents: [../extra]\nconfigMapGenerator: [{name: made}]\n',
      'overlay/z.yaml': configMap('z'),
      'base/kustomization.yml': 'resources: [b.yaml, a.yaml]\n',
      'base/a.yaml': configMap('a'),
      'base/b.yaml': `${configMap('b1')}---\n# nothing\n---\n${configMap('b2')}`,
      'extra/Kustomization':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [e.yaml]\nnamePrefix: x-\n',
      'extra/e.yaml': configMap('e'),
    },
    'overlay',
  );
  // The Component's prefix is on everything that was gathered before it.
  expect(names(result)).toEqual([
    'ConfigMap x-z',
    'ConfigMap x-b1',
    'ConfigMap x-b2',
    'ConfigMap x-a',
    expect.stringMatching(/^ConfigMap x-made-/),
    'ConfigMap x-e',
  ]);
});

test('reads names every file that the result depends on, missing ones too', () => {
  const { reads } = built(
    {
      'overlay/kustomization.yaml': 'resources: [../base]\nconfigMapGenerator: [{name: m, files: [f.txt]}]\n',
      'overlay/f.txt': 'x',
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': deployment,
    },
    'overlay',
  );
  expect([...reads].sort()).toEqual([
    'base',
    'base/Kustomization',
    'base/a.yaml',
    'base/kustomization.yaml',
    'base/kustomization.yml',
    'overlay/Kustomization',
    'overlay/f.txt',
    'overlay/kustomization.yaml',
    'overlay/kustomization.yml',
  ]);
});

test('a diamond is fine while the names differ, and a conflict where they do not', () => {
  const base = { 'base/kustomization.yaml': 'resources: [a.yaml]\n', 'base/a.yaml': configMap('a') };
  const top = { 'kustomization.yaml': 'resources:\n  - one\n  - two\n' };
  const one = { 'one/kustomization.yaml': 'resources: [../base]\nnamePrefix: one-\n' };
  expect(
    names(
      built({
        ...base,
        ...top,
        ...one,
        'two/kustomization.yaml': 'resources: [../base]\nnameSuffix: -two\n',
      }),
    ),
  ).toEqual(['ConfigMap one-a', 'ConfigMap a-two']);
  expect(
    failure({
      ...base,
      ...top,
      ...one,
      'two/kustomization.yaml': 'resources: [../base]\nnamePrefix: one-\n',
    }),
  ).toBe('id-conflict kustomization.yaml:3');
});

test('lists are taken apart', () => {
  const result = built({
    'kustomization.yaml': 'resources: [list.yaml]\n',
    'list.yaml': `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n  - {apiVersion: v1, kind: Secret, metadata: {name: b}}\n`,
  });
  expect(names(result)).toEqual(['ConfigMap a', 'Secret b']);
});

test('local objects stay out, but feed replacements', () => {
  const result = built({
    'kustomization.yaml': 'components: [facts]\nresources: [a.yaml]\n',
    'a.yaml': configMap('a', 'data:\n  host: unset\n'),
    'facts/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [facts.yaml]\nreplacements:\n  - source: {kind: ConfigMap, name: facts, fieldPath: data.host}\n    targets:\n      - select: {kind: ConfigMap, name: a}\n        fieldPaths: [data.host]\n',
    'facts/facts.yaml': configMap(
      'facts',
      '  annotations:\n    config.kubernetes.io/local-config: "true"\ndata:\n  host: example.test\n',
    ),
  });
  expect(names(result)).toEqual(['ConfigMap a']);
  expect(traced(object(result, 'ConfigMap'), ['data', 'host'])).toEqual([
    'example.test',
    'facts/facts.yaml:8:3',
    'facts/facts.yaml:8:9',
  ]);
});

test('the legacy order and sortOptions', () => {
  const files = {
    'r.yaml': `${deployment}---\n${configMap('b')}---\n${configMap('a')}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n`,
  };
  const plain = { ...files, 'kustomization.yaml': 'resources: [r.yaml]\n' };
  expect(names(built(plain))).toEqual(['Deployment web', 'ConfigMap b', 'ConfigMap a', 'Namespace n']);
  expect(names(built(plain, '.', { order: 'legacy' }))).toEqual([
    'Namespace n',
    'ConfigMap a',
    'ConfigMap b',
    'Deployment web',
  ]);
  const sorted = {
    ...files,
    'kustomization.yaml':
      'resources: [r.yaml]\nsortOptions:\n  order: legacy\n  legacySortOptions:\n    orderFirst: [Deployment]\n    orderLast: [Namespace]\n',
  };
  expect(names(built(sorted))).toEqual(['Deployment web', 'ConfigMap a', 'ConfigMap b', 'Namespace n']);
});

test('load restrictions', () => {
  const files = {
    'app/kustomization.yaml': 'resources:\n  - ../shared.yaml\n',
    'shared.yaml': configMap('s'),
  };
  expect(failure(files, 'app')).toBe('load-restriction app/kustomization.yaml:2');
  expect(names(built(files, 'app', { loadRestrictions: 'none' }))).toEqual(['ConfigMap s']);
  expect(
    failure({ 'kustomization.yaml': 'resources: [../x.yaml]\n' }, '.', { loadRestrictions: 'none' }),
  ).toBe('outside-repository kustomization.yaml:1');
});

test.each([
  [
    'a missing file',
    { 'kustomization.yaml': 'resources:\n  - gone.yaml\n' },
    'missing-file kustomization.yaml:2',
  ],
  [
    'a directory without a kustomization',
    { 'kustomization.yaml': 'resources: [d]\n', 'd/a.yaml': '' },
    'no-kustomization kustomization.yaml:1',
  ],
  [
    'two kustomizations',
    { 'kustomization.yaml': 'resources: []\n', Kustomization: 'resources: []\n' },
    'several-kustomizations kustomization.yaml:1',
  ],
  ['an empty kustomization', { 'kustomization.yaml': '{}\n' }, 'empty-kustomization kustomization.yaml:1'],
  [
    'only a kind',
    { 'kustomization.yaml': 'kind: Kustomization\n' },
    'empty-kustomization kustomization.yaml:1',
  ],
  [
    'a cycle',
    { 'kustomization.yaml': 'resources: [d]\n', 'd/kustomization.yaml': 'resources: [..]\n' },
    'cycle d/kustomization.yaml:1',
  ],
  [
    'an unknown field',
    { 'kustomization.yaml': 'resources: []\nresource: []\n' },
    'unknown-field kustomization.yaml:2',
  ],
  [
    'a nested unknown field',
    { 'kustomization.yaml': 'images:\n  - name: a\n    tag: b\n' },
    'unknown-field kustomization.yaml:3',
  ],
  [
    'a tag that is a number',
    { 'kustomization.yaml': 'images:\n  - name: a\n    newTag: 1.0\n' },
    'field-type kustomization.yaml:3',
  ],
  [
    'a label that YAML 1.1 takes for true',
    { 'kustomization.yaml': 'commonAnnotations:\n  a: yes\n' },
    'field-type kustomization.yaml:2',
  ],
  [
    'a wrong kind',
    { 'kustomization.yaml': 'kind: Deployment\nresources: []\n' },
    'kustomization-kind kustomization.yaml:1',
  ],
  [
    'a wrong version',
    { 'kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1\nresources: []\n' },
    'kustomization-version kustomization.yaml:1',
  ],
  [
    'a Component as resource',
    { 'kustomization.yaml': 'resources: [c]\n', 'c/kustomization.yaml': 'kind: Component\nresources: []\n' },
    'kustomization-kind kustomization.yaml:1',
  ],
  [
    'a base as Component',
    { 'kustomization.yaml': 'components: [c]\n', 'c/kustomization.yaml': 'resources: []\n' },
    'kustomization-kind kustomization.yaml:1',
  ],
  [
    'an object without a name',
    { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'kind: ConfigMap\n' },
    'no-name a.yaml:1',
  ],
  [
    'an object without a kind',
    { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'metadata: {name: a}\n' },
    'no-kind a.yaml:1',
  ],
  [
    'a key that stands twice',
    {
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': 'kind: ConfigMap\nmetadata: {name: a}\nkind: ConfigMap\n',
    },
    'duplicate-key a.yaml:3',
  ],
  ['broken YAML', { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'kind: [\n' }, 'yaml a.yaml:2'],
  [
    'text after a separator',
    {
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': `${configMap('a')}--- {}\n---\n${configMap('b')}`,
    },
    'document-separator a.yaml:5',
  ],
] as [string, Record<string, string>, string][])('kustomize refuses %s', (_name, files, expected) => {
  expect(failure(files)).toBe(expected);
});

test.each([
  ['resources: ["https://example.test/x.yaml"]', 'remote resource'],
  ['resources: ["git@example.test:a/b"]', 'remote resource'],
  ['vars: [{name: A}]', '`vars`'],
  ['helmCharts: [{name: a}]', '`helmCharts`'],
  ['transformers: [t.yaml]', '`transformers`'],
  ['openapi: {path: o.json}', '`openapi`'],
  ['buildMetadata: [originAnnotations]', '`buildMetadata`'],
  ['Resources: []', 'case'],
  ['commonLabels: {on: a}', 'key `on`'],
])('`%s` is left to the real binary', (field, expected) => {
  expect(refusal({ 'kustomization.yaml': `${field}\nnamePrefix: a-\n` })).toContain(expected);
});

test('the kustomization of the caller replaces the one on disk, and may be read leniently', () => {
  const root = parseYaml('flux.yaml', 'resources: [a.yaml]\npatch: x\nimages: [{name: a, tag: b}]\n')
    .documents[0]?.node as MapNode;
  const files = { 'app/a.yaml': configMap('a') };
  expect(failure(files, 'app', { root })).toBe('unknown-field flux.yaml:2');
  const result = built(files, 'app', { root, lenientRoot: true });
  expect(names(result)).toEqual(['ConfigMap a']);
  expect(
    result.notices
      .filter(({ code }) => code === 'unknown-field')
      .map(({ origin }) => `${origin.line}:${origin.column}`),
  ).toEqual(['2:1', '3:20']);
  expect([...result.reads]).toEqual(['app/a.yaml']);
});

test('of a key that stands twice in a kustomization the last wins, with a notice', () => {
  const result = built({ 'kustomization.yaml': 'resources: [gone.yaml]\nresources: []\n' });
  expect(result.objects).toEqual([]);
  expect(result.notices).toMatchObject([{ code: 'duplicate-key', matched: false, origin: { line: 2 } }]);
});

test("what was built is the caller's own: a second build does not see its changes", () => {
  const files = { 'kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n', 'a.yaml': deployment };
  const first = built(files);
  expect(value(object(first, 'Deployment'), 'metadata', 'name')).toBe('p-web');
  expect(value(object(built(files), 'Deployment'), 'metadata', 'name')).toBe('p-web');
});

test('annotations leave as text, and empty ones not at all', () => {
  const result = built({
    'kustomization.yaml': 'resources: [a.yaml]\n',
    'a.yaml': `${configMap('a', '  annotations: {b: true, c: 010}\n')}---\n${configMap('b', '  annotations: {}\n')}`,
  });
  expect(result.objects.map((each) => value(each, 'metadata', 'annotations'))).toEqual([
    { b: 'true', c: '010' },
    undefined,
  ]);
});

test.each([
  ['t: !!binary aGVsbG8=', 'tag'],
  ['t: .inf', '.inf'],
  ['1: a', 'key `1`'],
  ['true: a', 'key `true`'],
  ['t: {a: }', 'flow mapping'],
  ['t: >\n    a\n      b', 'folded'],
  ['t: "\\x7f"', 'control character'],
])('kustomize mangles `%s`, which is left to it', (data, expected) => {
  expect(
    refusal({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': configMap('a', `data:\n  ${data}\n`),
    }),
  ).toContain(expected);
});

test('a block scalar at the end of a file that does not end its last line', () => {
  const result = built({
    'kustomization.yaml':
      'resources: [a.yaml]\npatches:\n  - target: {kind: ConfigMap}\n    patch: |\n      - op: add\n        path: /data/u\n        value: |\n          patched\n',
    'a.yaml': configMap('a', 'data:\n  t: |\n    one\n    two'),
  });
  expect(value(object(result, 'ConfigMap'), 'data')).toEqual({ t: 'one\ntwo', u: 'patched' });
});
