import { describe, expect, test } from 'vitest';
import { built, deployment, failure, names, object, refusal, traced, value } from './helper.ts';

const patched = (patch: string, base = deployment, more = '') =>
  built({
    'kustomization.yaml': `resources: [base.yaml]\npatches:\n  - path: patch.yaml\n${more}`,
    'base.yaml': base,
    'patch.yaml': patch,
  });
const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n';
const podSpec = ['spec', 'template', 'spec'];
const container = (containers: string) =>
  `${head}spec:\n  template:\n    spec:\n      containers:\n${containers}`;

describe('strategic merge', () => {
  test('merges by name, puts new items first and blames the patch', () => {
    const result = object(
      patched(
        container(
          '        - name: side\n          image: side:1\n        - name: web\n          env:\n            - name: B\n              value: changed\n',
        ),
      ),
      'Deployment',
    );
    expect(value(result, ...podSpec, 'containers')).toEqual([
      { name: 'side', image: 'side:1' },
      {
        name: 'web',
        image: 'nginx:1.2',
        env: [
          { name: 'B', value: 'changed' },
          { name: 'A', value: '1' },
        ],
      },
    ]);
    expect(traced(result, [...podSpec, 'containers', 1, 'env', 0, 'value'])).toEqual([
      'changed',
      'patch.yaml:14:15',
      'patch.yaml:14:22',
    ]);
    expect(traced(result, [...podSpec, 'containers', 1, 'image'])).toEqual([
      'nginx:1.2',
      'base.yaml:17:11',
      'base.yaml:17:18',
    ]);
    expect(traced(result, ['metadata', 'name'])).toEqual(['web', 'base.yaml:4:3', 'base.yaml:4:9']);
  });

  test.each([
    ['null removes a field', 'spec: {replicas: null}', ['spec', 'replicas'], undefined],
    ['$patch: delete removes a field', 'spec: {selector: {$patch: delete}}', ['spec', 'selector'], undefined],
    [
      '$patch: replace replaces a mapping',
      'spec: {selector: {$patch: replace, matchExpressions: []}}',
      ['spec', 'selector'],
      { matchExpressions: [] },
    ],
    [
      'a list without merge key is replaced',
      'spec: {template: {spec: {tolerations: [{key: a}]}}}',
      [...podSpec, 'tolerations'],
      [{ key: 'a' }],
    ],
    [
      '$patch: delete removes an item',
      'spec: {template: {spec: {containers: [{name: web, $patch: delete}]}}}',
      [...podSpec, 'containers'],
      [],
    ],
    [
      '$patch: replace replaces a list',
      'spec: {template: {spec: {containers: [{name: new}, {$patch: replace}]}}}',
      [...podSpec, 'containers'],
      [{ name: 'new' }],
    ],
  ] as [string, string, string[], unknown][])('%s', (_name, patch, path, expected) => {
    expect(value(object(patched(`${head}${patch}\n`), 'Deployment'), ...path)).toEqual(expected);
  });

  test('ports merge by port and protocol', () => {
    const service = (ports: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports: ${ports}\n`;
    const result = patched(
      service('[{port: 53, protocol: TCP, name: changed}, {port: 80, protocol: TCP}]'),
      service('[{port: 53, protocol: UDP, name: udp}, {port: 53, protocol: TCP, name: tcp}]'),
    );
    // With two keys only what is new comes first, unlike with one.
    expect(value(object(result, 'Service'), 'spec', 'ports')).toEqual([
      { port: 80, protocol: 'TCP' },
      { port: 53, protocol: 'UDP', name: 'udp' },
      { port: 53, protocol: 'TCP', name: 'changed' },
    ]);
  });

  test('finalizers merge as a set', () => {
    const base = deployment.replace('  name: web\n', '  name: web\n  finalizers: [a, b]\n');
    expect(
      value(object(patched(`${head}  finalizers: [c, b]\n`, base), 'Deployment'), 'metadata', 'finalizers'),
    ).toEqual(['c', 'b', 'a']);
  });

  test('lists of custom kinds are replaced whole', () => {
    const custom = (list: string): string =>
      `apiVersion: example.test/v1\nkind: Custom\nmetadata: {name: c}\nspec:\n  containers: ${list}\n`;
    const result = patched(custom('[{name: b}]'), custom('[{name: a, image: x}, {name: b, image: y}]'));
    expect(value(object(result, 'Custom'), 'spec', 'containers')).toEqual([{ name: 'b' }]);
  });

  test('a value takes the quotes of the one it replaces, and empty values vanish', () => {
    const base = deployment.replace('  replicas: 1\n', '  replicas: 1\n  paused:\n  strategy: ~\n');
    const result = object(
      patched(container('        - name: web\n          env: [{name: A, value: 5}]\n'), base),
      'Deployment',
    );
    expect(value(result, ...podSpec, 'containers', 0, 'env', 0)).toEqual({ name: 'A', value: '5' });
    expect(value(result, 'spec', 'paused')).toBeUndefined();
    expect(value(result, 'spec', 'strategy')).toBeNull();
  });

  test('a patch of the whole object deletes it', () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    expect(names(patched(`${head}$patch: delete\n`, `${deployment}---\n${other}`))).toEqual(['ConfigMap c']);
  });

  test('several patches in one file', () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    const result = patched(
      `${head}spec: {replicas: 2}\n---\n${other}data: {a: b}\n`,
      `${deployment}---\n${other}`,
    );
    expect(value(object(result, 'Deployment'), 'spec', 'replicas')).toBe(2);
    expect(value(object(result, 'ConfigMap'), 'data')).toEqual({ a: 'b' });
  });

  test('names and kinds change only where that is allowed', () => {
    const rename = `${head.replace('name: web', 'name: renamed')}`;
    const target = '    target: {kind: Deployment}\n';
    expect(names(patched(rename, deployment, target))).toEqual(['Deployment web']);
    expect(names(patched(rename, deployment, `${target}    options: {allowNameChange: true}\n`))).toEqual([
      'Deployment renamed',
    ]);
    expect(
      names(
        patched(
          'kind: StatefulSet\nmetadata: {name: x}\n',
          deployment,
          `${target}    options: {allowKindChange: true}\n`,
        ),
      ),
    ).toEqual(['StatefulSet web']);
  });

  test('with a target, null in labels is text and does not remove them', () => {
    const base = deployment.replace('  name: web\n', '  name: web\n  labels: {a: b}\n');
    const patch = `${head}  labels: {a: null}\n`;
    expect(value(object(patched(patch, base), 'Deployment'), 'metadata', 'labels')).toEqual({});
    expect(
      value(object(patched(patch, base, '    target: {name: web}\n'), 'Deployment'), 'metadata', 'labels'),
    ).toEqual({ a: 'null' });
  });

  test.each([
    ['an unknown object', `${head.replace('web', 'other')}`, 'unmatched-patch patch.yaml:4'],
    ['another namespace', `${head}  namespace: other\n`, 'unmatched-patch patch.yaml:5'],
    ['a mapping for a value', `${head}spec: {replicas: {a: b}}\n`, 'patch-type patch.yaml:5'],
    ['an unknown directive', `${head}spec: {$patch: remove}\n`, 'patch-directive patch.yaml:5'],
  ])('kustomize refuses %s', (_name, patch, expected) => {
    expect(
      failure({
        'kustomization.yaml': 'resources: [base.yaml]\npatches: [{path: patch.yaml}]\n',
        'base.yaml': deployment,
        'patch.yaml': patch,
      }),
    ).toBe(expected);
  });
});

describe('where patches are written', () => {
  const inline = (patch: string): ReturnType<typeof built> =>
    built({ 'kustomization.yaml': `resources: [base.yaml]\n${patch}`, 'base.yaml': deployment });

  test('a literal block has its own lines', () => {
    const result = inline(
      'patches:\n  - target:\n      kind: Deployment\n    patch: |-\n\n      - op: replace\n        path: /spec/replicas\n        value: 3\n',
    );
    expect(traced(object(result, 'Deployment'), ['spec', 'replicas'])).toEqual([
      3,
      'kustomization.yaml:9:16',
      'kustomization.yaml:9:16',
    ]);
  });

  test('folded and quoted text has the place of the scalar', () => {
    const text = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 4}}';
    for (const [patch, line] of [
      [`patches:\n  - patch: >-\n      ${text}\n`, 'kustomization.yaml:3:12'],
      [`patches:\n  - patch: "${text}"\n`, 'kustomization.yaml:3:12'],
    ])
      expect(traced(object(inline(patch as string), 'Deployment'), ['spec', 'replicas'])).toEqual([
        4,
        line,
        line,
      ]);
  });

  test('patchesStrategicMerge takes files and inline patches', () => {
    const result = built({
      'kustomization.yaml': `resources: [base.yaml]\npatchesStrategicMerge:\n  - patch.yaml\n  - |-\n    ${head.replaceAll('\n', '\n    ')}spec: {paused: true}\n`,
      'base.yaml': deployment,
      'patch.yaml': `${head}spec: {replicas: 7}\n`,
    });
    expect(traced(object(result, 'Deployment'), ['spec', 'replicas'])).toEqual([
      7,
      'patch.yaml:5:8',
      'patch.yaml:5:18',
    ]);
    expect(traced(object(result, 'Deployment'), ['spec', 'paused'])).toEqual([
      true,
      'kustomization.yaml:9:12',
      'kustomization.yaml:9:20',
    ]);
  });

  test('the two sources exclude each other', () => {
    expect(failure({ 'kustomization.yaml': 'resources: []\npatches:\n  - target: {kind: A}\n' })).toBe(
      'patch-source kustomization.yaml:3',
    );
    expect(
      failure({
        'kustomization.yaml': 'resources: []\npatches:\n  - patch: a\n    path: b\n',
      }),
    ).toBe('patch-source kustomization.yaml:3');
  });
});

describe('targets', () => {
  const config = (name: string, labels = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${labels}`;
  const base = `${config('one', '  labels: {tier: front}\n')}---\n${config('two', '  annotations: {keep: "x"}\n')}---\n${deployment}`;
  const touched = (target: string): string[] => {
    const result = built({
      'kustomization.yaml': `resources: [base.yaml]\nnamePrefix: p-\npatches:\n  - target: ${target}\n    patch: '[{"op": "add", "path": "/touched", "value": true}]'\n`,
      'base.yaml': base,
    });
    const [notice] = result.notices;
    const found = result.objects.flatMap((each, index) =>
      value(each, 'touched') === true ? [(names(result)[index] as string).split(' ')[1] as string] : [],
    );
    expect(notice).toMatchObject({ code: 'unmatched-patch', matched: found.length > 0 });
    return found;
  };

  test.each([
    ['{kind: ConfigMap}', ['p-one', 'p-two']],
    ['{kind: Config}', []],
    ['{kind: Config.*, name: o.*}', ['p-one']],
    ['{name: one|web}', ['p-one', 'p-web']],
    ['{namespace: default}', ['p-one', 'p-two', 'p-web']],
    ['{namespace: other}', []],
    ['{group: apps, version: v1}', ['p-web']],
    ['{labelSelector: tier=front}', ['p-one']],
    ['{labelSelector: "tier!=front"}', ['p-two', 'p-web']],
    ['{labelSelector: "tier in (back, front)"}', ['p-one']],
    ['{labelSelector: "tier notin (front)", kind: ConfigMap}', ['p-two']],
    ['{labelSelector: "!tier,other"}', []],
    ['{annotationSelector: keep}', ['p-two']],
  ])('%s', (target, expected) => {
    expect(touched(target)).toEqual(expected);
  });

  test('a regular expression that RE2 might read otherwise is left to the real binary', () => {
    expect(
      refusal({
        'kustomization.yaml':
          'resources: []\npatches:\n  - target: {name: "(?i)a"}\n    patch: \'[{"op": "add", "path": "/a", "value": 1}]\'\n',
      }),
    ).toContain('(?i)a');
  });
});

describe('JSON 6902', () => {
  const apply = (operations: string) =>
    object(
      built({
        'kustomization.yaml':
          'resources: [base.yaml]\npatches:\n  - target: {kind: Deployment}\n    path: patch.yaml\n',
        'base.yaml': deployment,
        'patch.yaml': operations,
      }),
      'Deployment',
    );
  const refused = (operations: string): string =>
    failure({
      'kustomization.yaml':
        'resources: [base.yaml]\npatches:\n  - target: {kind: Deployment}\n    path: patch.yaml\n',
      'base.yaml': deployment,
      'patch.yaml': operations,
    });
  const env = [...podSpec, 'containers', 0, 'env'];
  const envPath = '/spec/template/spec/containers/0/env';

  test('add, with the place of its value', () => {
    const result = apply(`- op: add\n  path: ${envPath}/1\n  value:\n    name: C\n    value: yes\n`);
    expect(value(result, ...env)).toEqual([
      { name: 'A', value: '1' },
      // Written plainly, `yes` is true in a JSON patch.
      { name: 'C', value: true },
      { name: 'B', value: 'b' },
    ]);
    expect(traced(result, [...env, 1, 'name'])).toEqual(['C', 'patch.yaml:4:5', 'patch.yaml:4:11']);
  });

  test.each([
    [`[{"op":"add","path":"${envPath}/-","value":{"name":"Z"}}]`, [...env, 2], { name: 'Z' }],
    [`[{"op":"remove","path":"${envPath}/0"}]`, env, [{ name: 'B', value: 'b' }]],
    [`[{"op":"remove","path":"${envPath}/-1"}]`, env, [{ name: 'A', value: '1' }]],
    [`[{"op":"replace","path":"${envPath}/0/value","value":"2"}]`, [...env, 0, 'value'], '2'],
    ['[{"op":"replace","path":"/spec/missing","value":1}]', ['spec', 'missing'], 1],
    [
      '[{"op":"add","path":"/metadata/annotations","value":{"a/b":"1"}},{"op":"replace","path":"/metadata/annotations/a~1b","value":"2"}]',
      ['metadata', 'annotations'],
      { 'a/b': '2' },
    ],
    ['[{"op":"copy","from":"/metadata/name","path":"/spec/copy"}]', ['spec', 'copy'], 'web'],
    [
      '[{"op":"move","from":"/spec/replicas","path":"/spec/moved"}]',
      ['spec'],
      expect.objectContaining({ moved: 1 }),
    ],
    [
      '[{"op":"test","path":"/spec/replicas","value":1},{"op":"remove","path":"/spec/replicas"}]',
      ['spec', 'replicas'],
      undefined,
    ],
  ] as [string, (string | number)[], unknown][])('%s', (operations, path, expected) => {
    expect(value(apply(operations), ...path)).toEqual(expected);
  });

  test.each([
    ['- {op: remove, path: /spec/missing}\n', 'json-patch-path patch.yaml:1'],
    ['- {op: add, path: /spec/missing/deep, value: 1}\n', 'json-patch-path patch.yaml:1'],
    [`- {op: replace, path: ${envPath}/9, value: 1}\n`, 'json-patch-path patch.yaml:1'],
    ['- {op: test, path: /spec/replicas, value: 2}\n', 'json-patch-test patch.yaml:1'],
    ['- {op: change, path: /spec/replicas, value: 2}\n', 'json-patch patch.yaml:1'],
  ])('kustomize refuses %s', (operations, expected) => {
    expect(refused(operations)).toBe(expected);
  });

  test('it needs a target', () => {
    expect(
      failure({
        'kustomization.yaml': 'resources: []\npatches:\n  - patch: \'[{"op": "add", "path": "/a"}]\'\n',
      }),
    ).toBe('patch-without-target kustomization.yaml:3');
  });

  test('patchesJson6902', () => {
    const result = built({
      'kustomization.yaml':
        'resources: [base.yaml]\npatchesJson6902:\n  - target: {kind: Deployment, version: v1, name: web}\n    patch: |-\n      - {op: replace, path: /spec/replicas, value: 5}\n',
      'base.yaml': deployment,
    });
    expect(traced(object(result, 'Deployment'), ['spec', 'replicas'])).toEqual([
      5,
      'kustomization.yaml:5:52',
      'kustomization.yaml:5:52',
    ]);
  });
});

test('what was made here keeps its quotes too', () => {
  const result = built({
    'kustomization.yaml':
      "resources: [base]\npatches:\n  - target: {kind: ConfigMap}\n    patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {word: 5, lines: 5, text: 5}}'\n",
    'base/kustomization.yaml':
      'configMapGenerator: [{name: c, literals: [word=yes, "lines=a\\nb", text=plain]}]\n',
  });
  expect(value(object(result, 'ConfigMap'), 'data')).toEqual({ word: '5', lines: '5', text: 5 });
});
