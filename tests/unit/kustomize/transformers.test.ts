import { describe, expect, test } from 'vitest';
import { built, deployment, failure, names, object, refusal, traced, value } from './helper.ts';

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
const build = (fields: string, resources = deployment) =>
  built({ 'kustomization.yaml': `resources: [a.yaml]\n${fields}`, 'a.yaml': resources });
const podSpec = ['spec', 'template', 'spec'] as const;

describe('namespace', () => {
  test('is put on everything that is not known to be cluster-scoped', () => {
    const result = build(
      'namespace: ns\n',
      [
        deployment.replace('  name: web\n', '  name: web\n  namespace: old\n'),
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: role}\n',
        'apiVersion: example.test/v1\nkind: Custom\nmetadata: {name: custom}\n',
      ].join('---\n'),
    );
    expect(result.objects.map((each) => value(each, 'metadata', 'namespace'))).toEqual([
      'ns',
      undefined,
      undefined,
      'ns',
    ]);
    expect(names(result)[1]).toBe('Namespace ns');
    expect(traced(object(result, 'Deployment'), ['metadata', 'namespace'])).toEqual([
      'ns',
      'kustomization.yaml:2:1',
      'kustomization.yaml:2:12',
    ]);
  });

  test('reaches subjects that are `default` or ServiceAccounts of the build', () => {
    const result = build(
      'namespace: ns\n',
      [
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: own}\n',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects:\n  - {kind: ServiceAccount, name: default}\n  - {kind: ServiceAccount, name: own}\n  - {kind: ServiceAccount, name: foreign, namespace: other}\n  - {kind: User, name: someone}\n',
      ].join('---\n'),
    );
    expect(value(object(result, 'RoleBinding'), 'subjects')).toEqual([
      { kind: 'ServiceAccount', name: 'default', namespace: 'ns' },
      { kind: 'ServiceAccount', name: 'own', namespace: 'ns' },
      { kind: 'ServiceAccount', name: 'foreign', namespace: 'other' },
      { kind: 'User', name: 'someone' },
    ]);
  });

  test('must not make two objects the same', () => {
    expect(
      failure({
        'kustomization.yaml': 'resources: [a.yaml]\nnamespace: ns\n',
        'a.yaml': `${configMap('a', '  namespace: one\n')}---\n${configMap('a', '  namespace: two\n')}`,
      }),
    ).toBe('id-conflict kustomization.yaml:2');
  });
});

describe('names', () => {
  test('prefix and suffix, and everything that refers to a name', () => {
    const result = build(
      'namePrefix: pre-\nnameSuffix: -suf\n',
      [
        deployment.replace(
          '      containers:\n',
          '      serviceAccountName: sa\n      volumes:\n        - name: v\n          configMap:\n            name: conf\n        - name: w\n          secret: {secretName: foreign}\n      containers:\n',
        ),
        configMap('conf'),
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n',
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: fixed}\n',
        'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: in}\nspec: {rules: [{http: {paths: [{backend: {service: {name: svc}}}]}}]}\n',
        'apiVersion: v1\nkind: Service\nmetadata: {name: svc}\n',
        'apiVersion: example.test/v1\nkind: Custom\nmetadata: {name: custom}\nspec: {template: {spec: {volumes: [{configMap: {name: conf}}]}}}\n',
      ].join('---\n'),
    );
    expect(names(result)).toEqual([
      'Deployment pre-web-suf',
      'ConfigMap pre-conf-suf',
      'ServiceAccount pre-sa-suf',
      'Namespace fixed',
      'Ingress pre-in-suf',
      'Service pre-svc-suf',
      'Custom pre-custom-suf',
    ]);
    const web = object(result, 'Deployment');
    expect(traced(web, ['metadata', 'name'])).toEqual([
      'pre-web-suf',
      'kustomization.yaml:3:1',
      'kustomization.yaml:3:13',
    ]);
    // A reference that followed still stands where it was written.
    expect(traced(web, [...podSpec, 'volumes', 0, 'configMap', 'name'])).toEqual([
      'pre-conf-suf',
      'a.yaml:19:13',
      'a.yaml:19:19',
    ]);
    expect(value(web, ...podSpec, 'volumes', 1, 'secret', 'secretName')).toBe('foreign');
    expect(value(web, ...podSpec, 'serviceAccountName')).toBe('pre-sa-suf');
    expect(value(object(result, 'Ingress'), 'spec', 'rules', 0, 'http', 'paths', 0, 'backend')).toEqual({
      service: { name: 'pre-svc-suf' },
    });
    expect(value(object(result, 'Custom'), ...podSpec, 'volumes', 0, 'configMap', 'name')).toBe('conf');
  });

  test('a reference goes to the object of its own kustomization', () => {
    const app = (name: string) => ({
      [`${name}/kustomization.yaml`]: `resources: [../base]\nnamePrefix: ${name}-\n`,
    });
    const result = built({
      'kustomization.yaml': 'resources: [one, two]\nnamePrefix: all-\n',
      ...app('one'),
      ...app('two'),
      'base/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
      'base/a.yaml': deployment.replace(
        '        - name: web\n',
        '        - name: web\n          envFrom: [{configMapRef: {name: conf}}]\n',
      ),
      'base/b.yaml': configMap('conf'),
    });
    expect(
      result.objects
        .filter((each) => value(each, 'kind') === 'Deployment')
        .map((each) => value(each, ...podSpec, 'containers', 0, 'envFrom', 0, 'configMapRef', 'name')),
    ).toEqual(['all-one-conf', 'all-two-conf']);
  });

  test('an ambiguous reference is refused', () => {
    expect(
      failure({
        'kustomization.yaml': 'resources: [one, two, a.yaml]\nnamePrefix: all-\n',
        'a.yaml': deployment.replace(
          '        - name: web\n',
          '        - name: web\n          envFrom: [{configMapRef: {name: conf}}]\n',
        ),
        'one/kustomization.yaml': 'resources: [../base]\nnamePrefix: one-\n',
        'two/kustomization.yaml': 'resources: [../base]\nnamePrefix: two-\n',
        'base/kustomization.yaml': 'resources: [b.yaml]\n',
        'base/b.yaml': configMap('conf'),
      }),
    ).toBe('ambiguous-reference a.yaml:17');
  });
});

describe('labels and annotations', () => {
  const labelsOf = (fields: string) => {
    const web = object(build(fields), 'Deployment');
    return [
      value(web, 'metadata', 'labels'),
      value(web, 'spec', 'selector', 'matchLabels'),
      value(web, 'spec', 'template', 'metadata', 'labels'),
    ];
  };

  test.each([
    ['labels:\n  - pairs: {a: b}\n', [{ a: 'b' }, { app: 'web' }, { app: 'web' }]],
    [
      'labels:\n  - pairs: {a: b}\n    includeTemplates: true\n',
      [{ a: 'b' }, { app: 'web' }, { app: 'web', a: 'b' }],
    ],
    [
      'labels:\n  - pairs: {a: b}\n    includeSelectors: true\n',
      [{ a: 'b' }, { app: 'web', a: 'b' }, { app: 'web', a: 'b' }],
    ],
    ['commonLabels: {a: b}\n', [{ a: 'b' }, { app: 'web', a: 'b' }, { app: 'web', a: 'b' }]],
    [
      'labels:\n  - pairs: {a: b}\n    fields: [{path: spec/selector/matchLabels, kind: Deployment}]\n',
      [{ a: 'b' }, { app: 'web', a: 'b' }, { app: 'web' }],
    ],
  ])('%s', (fields, expected) => {
    expect(labelsOf(fields)).toEqual(expected);
  });

  test('have the place of their pair', () => {
    const web = object(build('labels:\n  - pairs:\n      a: b\n    includeTemplates: true\n'), 'Deployment');
    expect(traced(web, ['metadata', 'labels', 'a'])).toEqual([
      'b',
      'kustomization.yaml:4:7',
      'kustomization.yaml:4:10',
    ]);
    expect(traced(web, ['spec', 'template', 'metadata', 'labels', 'app'])).toEqual([
      'web',
      'a.yaml:13:9',
      'a.yaml:13:14',
    ]);
  });

  test('reach volumeClaimTemplates, which nobody may change afterwards', () => {
    const result = build(
      'labels:\n  - pairs: {a: b}\n    includeTemplates: true\n',
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: s}\nspec: {volumeClaimTemplates: [{metadata: {name: d}}]}\n',
    );
    expect(value(object(result, 'StatefulSet'), 'spec', 'volumeClaimTemplates', 0, 'metadata')).toEqual({
      name: 'd',
      labels: { a: 'b' },
    });
  });

  test('commonAnnotations reach templates', () => {
    const web = object(build('commonAnnotations: {a: "1"}\n'), 'Deployment');
    expect(value(web, 'metadata', 'annotations')).toEqual({ a: '1' });
    expect(value(web, 'spec', 'template', 'metadata', 'annotations')).toEqual({ a: '1' });
  });

  test('a field that contradicts a built-in one is refused', () => {
    expect(
      failure({
        'kustomization.yaml':
          'resources: []\nlabels:\n  - pairs: {a: b}\n    fields: [{path: metadata/labels, kind: A}]\n',
      }),
    ).toBe('conflicting-field-spec kustomization.yaml:3');
  });
});

describe('images', () => {
  const image = (entry: string, from = 'nginx:1.2'): unknown =>
    value(
      object(build(`images:\n  - ${entry}\n`, deployment.replace('nginx:1.2', from)), 'Deployment'),
      ...podSpec,
      'containers',
      0,
      'image',
    );

  test.each([
    ['{name: nginx, newTag: "2"}', 'nginx:1.2', 'nginx:2'],
    ['{name: nginx, newName: registry.test:5000/nginx}', 'nginx:1.2', 'registry.test:5000/nginx:1.2'],
    ['{name: nginx, digest: "sha256:ab"}', 'nginx:1.2', 'nginx@sha256:ab'],
    ['{name: nginx, newTag: "2@sha256:cd"}', 'nginx:1.2@sha256:ab', 'nginx:2@sha256:cd'],
    ['{name: nginx, newTag: "2", digest: "sha256:cd"}', 'nginx', 'nginx:2@sha256:cd'],
    ['{name: registry.test:5000/a/b, newTag: "2"}', 'registry.test:5000/a/b', 'registry.test:5000/a/b:2'],
    // Upstream goes over ordinary containers twice.
    ['{name: nginx, tagSuffix: -alpine}', 'nginx:1.2', 'nginx:1.2-alpine-alpine'],
    ['{name: ngin, newTag: "2"}', 'nginx:1.2', 'nginx:1.2'],
  ])('%s on %s', (entry, from, expected) => {
    expect(image(entry, from)).toBe(expected);
  });

  test('have the place of what was set, and a notice about what matched', () => {
    const result = build('images:\n  - name: nginx\n    newTag: "2"\n  - name: other\n    newTag: "3"\n');
    expect(traced(object(result, 'Deployment'), [...podSpec, 'containers', 0, 'image'])).toEqual([
      'nginx:2',
      'kustomization.yaml:4:5',
      'kustomization.yaml:4:13',
    ]);
    expect(result.notices.map(({ code, matched, origin }) => [code, matched, origin.line])).toEqual([
      ['unmatched-image', true, 3],
      ['unmatched-image', false, 5],
    ]);
  });

  test('reach containers of custom kinds and image volumes, but no CustomResourceDefinition', () => {
    const result = build(
      'images: [{name: nginx, newTag: "2"}]\n',
      [
        'apiVersion: example.test/v1\nkind: Custom\nmetadata: {name: c}\nspec: {deep: [{initContainers: [{image: nginx}]}], image: nginx}\n',
        'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {volumes: [{name: v, image: {reference: nginx}}]}\n',
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: d}\nspec: {containers: [{image: nginx}]}\n',
      ].join('---\n'),
    );
    expect(result.objects.map((each) => value(each, 'spec'))).toEqual([
      { deep: [{ initContainers: [{ image: 'nginx:2' }] }], image: 'nginx' },
      { volumes: [{ name: 'v', image: { reference: 'nginx:2' } }] },
      { containers: [{ image: 'nginx' }] },
    ]);
  });

  test('a name that is a pattern is left to the real binary', () => {
    expect(
      refusal({ 'kustomization.yaml': 'resources: []\nimages: [{name: "ngin.*", newTag: "2"}]\n' }),
    ).toContain('ngin.*');
  });
});

describe('replicas', () => {
  test('set the count by name, the former one too', () => {
    const result = built({
      'kustomization.yaml': 'resources: [base]\nreplicas:\n  - name: web\n    count: 4\n',
      'base/kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n',
      'base/a.yaml': deployment,
    });
    expect(traced(object(result, 'Deployment'), ['spec', 'replicas'])).toEqual([
      4,
      'kustomization.yaml:4:5',
      'kustomization.yaml:4:12',
    ]);
  });

  test('of nothing are refused', () => {
    expect(
      failure({
        'kustomization.yaml': 'resources: [a.yaml]\nreplicas:\n  - {name: other, count: 1}\n',
        'a.yaml': deployment,
      }),
    ).toBe('unmatched-replicas kustomization.yaml:3');
  });
});

describe('replacements', () => {
  const source = configMap(
    'src',
    'data:\n  host: example.test\n  port: "8080"\n  url: https://example.test/a\n',
  );
  const files = (replacement: string) => ({
    'kustomization.yaml': `resources: [a.yaml, src.yaml]\nreplacements:\n  - ${replacement.replaceAll('\n', '\n    ')}\n`,
    'a.yaml': deployment,
    'src.yaml': source,
  });
  const from = (fieldPath: string, options = ''): string =>
    `source: {kind: ConfigMap, name: src, fieldPath: ${fieldPath}${options}}`;
  const into = (path: string, options = ''): string =>
    `targets: [{select: {kind: Deployment}, fieldPaths: ["${path}"]${options}}]`;
  const replaced = (replacement: string) => object(built(files(replacement)), 'Deployment');
  const envA = [...podSpec, 'containers', 0, 'env', 0, 'value'];
  const envPath = 'spec.template.spec.containers.[name=web].env.[name=A].value';

  test('copy a value with the place that it comes from', () => {
    expect(traced(replaced(`${from('data.host')}\n${into(envPath)}`), envA)).toEqual([
      'example.test',
      'src.yaml:6:3',
      'src.yaml:6:9',
    ]);
  });

  test.each([
    [
      'every item',
      from('data.host'),
      into('spec.template.spec.containers.*.env.*.value'),
      [...podSpec, 'containers', 0, 'env'],
      [
        { name: 'A', value: 'example.test' },
        { name: 'B', value: 'example.test' },
      ],
    ],
    [
      'an index',
      from('data.host'),
      into('spec.template.spec.containers.0.image'),
      [...podSpec, 'containers', 0, 'image'],
      'example.test',
    ],
    ['the name by default', 'source: {kind: ConfigMap, name: src}', into(envPath), envA, 'src'],
    [
      'a part of the source',
      from('data.url', ', options: {delimiter: "/", index: 2}'),
      into(envPath),
      envA,
      'example.test',
    ],
    [
      'a part of the target',
      from('data.host'),
      into('spec.template.spec.containers.0.image', ', options: {delimiter: ":", index: 1}'),
      [...podSpec, 'containers', 0, 'image'],
      'nginx:example.test',
    ],
    [
      'in front',
      from('data.host'),
      into('spec.template.spec.containers.0.image', ', options: {delimiter: "/", index: -1}'),
      [...podSpec, 'containers', 0, 'image'],
      'example.test/nginx:1.2',
    ],
    [
      'at the end',
      from('data.host'),
      into('spec.template.spec.containers.0.image', ', options: {delimiter: "/", index: 9}'),
      [...podSpec, 'containers', 0, 'image'],
      'nginx:1.2/example.test',
    ],
    ['a number stays a number', from('data.port'), into('spec.replicas'), ['spec', 'replicas'], 8080],
    ['text stays text', from('data.port'), into(envPath), envA, '8080'],
    [
      'what is created has an open type',
      from('data.port'),
      into('spec.made.here', ', options: {create: true}'),
      ['spec', 'made'],
      { here: 8080 },
    ],
    [
      'an item is created',
      from('data.host'),
      into('spec.template.spec.containers.0.env.[name=NEW].value', ', options: {create: true}'),
      [...podSpec, 'containers', 0, 'env', 2],
      { name: 'NEW', value: 'example.test' },
    ],
    [
      'dots in keys',
      from('data.host'),
      into('metadata.annotations.a\\\\.b/c', ', options: {create: true}'),
      ['metadata', 'annotations'],
      { 'a.b/c': 'example.test' },
    ],
    [
      'a whole mapping',
      from('data'),
      into('spec.selector.matchLabels'),
      ['spec', 'selector', 'matchLabels'],
      { host: 'example.test', port: '8080', url: 'https://example.test/a' },
    ],
    ['a value of its own', 'sourceValue: own', into(envPath), envA, 'own'],
  ] as [string, string, string, (string | number)[], unknown][])(
    '%s',
    (_name, src, target, path, expected) => {
      expect(value(replaced(`${src}\n${target}`), ...path)).toEqual(expected);
    },
  );

  test('reject, and a notice about targets that select nothing', () => {
    const result = built(
      files(
        `${from('data.host')}\ntargets:\n  - select: {kind: .*}\n    reject: [{kind: ConfigMap}, {name: web}]\n    fieldPaths: [spec.x]`,
      ),
    );
    expect(result.notices).toMatchObject([
      {
        code: 'unmatched-replacement-target',
        matched: false,
        origin: { file: 'kustomization.yaml', line: 5 },
      },
    ]);
  });

  test('may stand in a file of their own', () => {
    const result = built({
      ...files('path: r.yaml'),
      'r.yaml': `- ${from('data.host')}\n  ${into(envPath)}\n`,
    });
    expect(value(object(result, 'Deployment'), ...envA)).toBe('example.test');
  });

  test.each([
    ['no source object', `source: {kind: Secret}\n${into(envPath)}`, 'replacement-source'],
    ['several source objects', `source: {version: v1}\n${into(envPath)}`, 'replacement-source'],
    ['no source field', `${from('data.gone')}\n${into(envPath)}`, 'replacement-source'],
    ['no target field', `${from('data.host')}\n${into('spec.gone')}`, 'replacement-field'],
    [
      'no such index',
      `${from('data.host')}\n${into('spec.template.spec.containers.3.image')}`,
      'replacement-field',
    ],
    [
      'no such part',
      `${from('data.host', ', options: {delimiter: "/", index: 4}')}\n${into(envPath)}`,
      'replacement-index',
    ],
    ['no target', from('data.host'), 'replacement'],
  ])('kustomize refuses %s', (_name, replacement, code) => {
    expect(failure(files(replacement)).split(' ')[0]).toBe(code);
  });

  test('structured text and types that would change are left to the real binary', () => {
    expect(
      refusal(
        files(`${from('data.host')}\ntargets: [{select: {kind: ConfigMap}, fieldPaths: [data.url.deep]}]`),
      ),
    ).toContain('structured text');
    expect(refusal(files(`${from('data.host')}\n${into('spec.replicas')}`))).toContain('type');
  });
});
