import { describe, expect, test } from 'vitest';
import { built, deployment, failure, names, object, refusal, traced, value } from './helper.ts';

const build = (fields: string, files: Record<string, string | Uint8Array> = {}) =>
  built({ 'kustomization.yaml': fields, ...files });

describe('configMapGenerator', () => {
  test('files, literals and env files, each entry with its place', () => {
    const result = build(
      'configMapGenerator:\n  - name: c\n    files:\n      - conf/a.txt\n      - renamed=conf/a.txt\n    literals:\n      - k=v=w\n      - q="quoted"\n    envs: [x.env]\n',
      { 'conf/a.txt': 'text\n', 'x.env': '# comment\n\n  A=1\r\nB="kept"\nC\n' },
    );
    const made = object(result, 'ConfigMap');
    expect(value(made, 'data')).toEqual({
      'a.txt': 'text\n',
      renamed: 'text\n',
      k: 'v=w',
      q: 'quoted',
      A: '1',
      B: '"kept"',
      C: '',
    });
    expect(traced(made, ['data', 'renamed'])).toEqual(['text\n', 'conf/a.txt:1:1', 'conf/a.txt:1:1']);
    expect(traced(made, ['data', 'k'])).toEqual(['v=w', 'kustomization.yaml:7:9', 'kustomization.yaml:7:9']);
    expect(traced(made, ['data', 'B'])).toEqual(['"kept"', 'x.env:4:1', 'x.env:4:1']);
    expect(traced(made, ['metadata', 'name'])[1]).toBe('kustomization.yaml:2:11');
    expect(traced(made, ['kind'])[1]).toBe('kustomization.yaml:2:5');
  });

  // The names are those that kustomize 5.8.1 gives these contents.
  test.each([
    ['configMapGenerator: [{name: c, literals: [a=b]}]', 'ConfigMap c-4h2mbtbbt6'],
    ['configMapGenerator: [{name: c}]', 'ConfigMap c-6ct58987ht'],
    ['configMapGenerator: [{name: other, literals: [a=b]}]', 'ConfigMap other-4h2mbtbbt6'],
    ['configMapGenerator: [{name: c, literals: ["a=<é & \u2028>"]}]', 'ConfigMap c-8hdfkbhg6c'],
    ['configMapGenerator: [{name: c, files: [bin]}]', 'ConfigMap c-gg9668472f'],
    ['secretGenerator: [{name: s, literals: [a=b]}]', 'Secret s-k695gkmbtk'],
    ['secretGenerator: [{name: s, type: kubernetes.io/tls, files: [bin]}]', 'Secret s-hgb84d7ckd'],
  ])('%s is %s', (fields, expected) => {
    expect(names(build(fields, { bin: Uint8Array.from([255, ...Array(80).fill(1)]) }))).toEqual([expected]);
  });

  test('the hash follows into what refers to the name, but not into custom kinds', () => {
    const result = build('resources: [a.yaml, b.yaml]\nconfigMapGenerator: [{name: c, literals: [a=b]}]\n', {
      'a.yaml': deployment.replace(
        '        - name: web\n',
        '        - name: web\n          envFrom:\n            - configMapRef:\n                name: c\n',
      ),
      'b.yaml':
        'apiVersion: example.test/v1\nkind: Custom\nmetadata: {name: x}\nspec: {template: {spec: {volumes: [{configMap: {name: c}}]}}}\n',
    });
    expect(
      traced(object(result, 'Deployment'), [
        'spec',
        'template',
        'spec',
        'containers',
        0,
        'envFrom',
        0,
        'configMapRef',
        'name',
      ]),
    ).toEqual(['c-4h2mbtbbt6', 'a.yaml:19:17', 'a.yaml:19:23']);
    expect(
      value(object(result, 'Custom'), 'spec', 'template', 'spec', 'volumes', 0, 'configMap', 'name'),
    ).toBe('c');
  });

  test('content that is not UTF-8 goes to binaryData, in lines of 70 characters', () => {
    const bytes = Uint8Array.from([255, ...Array(60).fill(0)]);
    const made = object(
      build('configMapGenerator: [{name: c, files: [bin]}]\n', { bin: bytes }),
      'ConfigMap',
    );
    expect(value(made, 'data')).toBeUndefined();
    expect(value(made, 'binaryData', 'bin')).toBe(`/w${'A'.repeat(68)}\n${'A'.repeat(12)}==\n`);
  });
});

test('secretGenerator encodes its values', () => {
  const made = object(build('secretGenerator: [{name: s, literals: [a=b]}]\n'), 'Secret');
  expect(value(made, 'data')).toEqual({ a: 'Yg==' });
  expect(value(made, 'type')).toBe('Opaque');
});

test('options, those of the generator before those of the kustomization', () => {
  const result = build(
    'configMapGenerator:\n  - name: c\n    options:\n      labels: {a: own}\n      immutable: true\ngeneratorOptions:\n  disableNameSuffixHash: true\n  labels: {a: all, b: all}\n  annotations: {x: "1"}\n',
  );
  const made = object(result, 'ConfigMap');
  expect(value(made, 'metadata')).toEqual({
    name: 'c',
    labels: { a: 'own', b: 'all' },
    annotations: { x: '1' },
  });
  expect(value(made, 'immutable')).toBe(true);
  expect(traced(made, ['metadata', 'labels', 'b'])[1]).toBe('kustomization.yaml:8:20');
});

describe('behavior', () => {
  const base = {
    'base/kustomization.yaml': 'configMapGenerator: [{name: c, literals: [a=1, b=2]}]\nnamePrefix: p-\n',
  };
  const over = (fields: string) => built({ ...base, 'kustomization.yaml': `resources: [base]\n${fields}` });

  test('merge keeps what it does not set, with its place', () => {
    const made = object(
      over('configMapGenerator:\n  - name: c\n    behavior: merge\n    literals: [b=3, d=4]\n'),
      'ConfigMap',
    );
    expect(value(made, 'data')).toEqual({ a: '1', b: '3', d: '4' });
    expect(value(made, 'metadata', 'name')).toMatch(/^p-c-[a-z0-9]{10}$/);
    expect(traced(made, ['data', 'a'])[1]).toBe('base/kustomization.yaml:1:43');
    expect(traced(made, ['data', 'b'])[1]).toBe('kustomization.yaml:5:16');
  });

  test('replace keeps only the name', () => {
    const made = object(
      over('configMapGenerator: [{name: c, behavior: replace, literals: [d=4]}]\n'),
      'ConfigMap',
    );
    expect(value(made, 'data')).toEqual({ d: '4' });
  });

  test('merging into a plain object adds no hash', () => {
    const result = build(
      'resources: [a.yaml]\nconfigMapGenerator: [{name: c, behavior: merge, literals: [d=4]}]\n',
      {
        'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {n: "1"}\n',
      },
    );
    expect(names(result)).toEqual(['ConfigMap c']);
    expect(value(object(result, 'ConfigMap'), 'data')).toEqual({ n: '1', d: '4' });
  });

  test.each([
    ['merge without base', 'configMapGenerator: [{name: x, behavior: merge}]\n', 'generator-without-base'],
    [
      'merge in another namespace',
      'configMapGenerator: [{name: c, namespace: other, behavior: merge}]\n',
      'generator-without-base',
    ],
    ['create twice', 'configMapGenerator: [{name: c}]\n', 'generator-exists'],
    ['no name', 'configMapGenerator: [{literals: [a=b]}]\n', 'generator-name'],
    ['a bad literal', 'configMapGenerator: [{name: x, literals: [a]}]\n', 'literal'],
    ['a bad file source', 'configMapGenerator: [{name: x, files: [a=b=c]}]\n', 'file-source'],
    ['a missing file', 'configMapGenerator: [{name: x, files: [gone]}]\n', 'missing-file'],
    ['a directory', 'configMapGenerator: [{name: x, files: [base]}]\n', 'not-a-file'],
    ['a repeated key', 'configMapGenerator: [{name: x, literals: [a=1, a=2]}]\n', 'repeated-key'],
  ])('kustomize refuses %s', (_name, fields, code) => {
    expect(failure({ ...base, 'kustomization.yaml': `resources: [base]\n${fields}` }).split(' ')[0]).toBe(
      code,
    );
  });
});

test('keys that are no text to every YAML reader are left to the real binary', () => {
  expect(
    refusal({ 'kustomization.yaml': 'configMapGenerator: [{name: x, literals: [true=a]}]\n' }),
  ).toContain('true');
});
