import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runStream, type StreamArguments } from '../../../scripts/stream/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'stream-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Row {
  readonly index: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly valid: boolean;
  readonly skipped: boolean;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly message: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
}

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

function run(text: string, options: Partial<StreamArguments> = {}) {
  const file = join(directory, 'stream.yaml');
  writeFileSync(file, text);
  return runStream(
    {
      objects: file,
      shown: 'stream.yaml',
      crds: undefined,
      policies: undefined,
      podSecurity: undefined,
      kubernetes: undefined,
      stages: [],
      format: 'json',
      strict: false,
      color: false,
      ...options,
    },
    performance.now(),
  );
}

function check(text: string, options: Partial<StreamArguments> = {}): { rows: readonly Row[]; code: number } {
  const outcome = run(text, options);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return { rows: (JSON.parse(outcome.report) as { objects: Row[] }).objects, code: outcome.code };
}

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe('objects are counted in the order of the stream', () => {
  test('empty documents are none; items of lists, JSON lines and what cannot be read are', () => {
    const { rows, code } = check(
      [
        '# nothing but a comment\n',
        map('a'),
        '',
        '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}},{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}]}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d","namespace":"x"}}\n',
        'a: b: c\n',
        map('e'),
        'apiVersion: v1\nkind: ConfigMapList\nitems:\n  - metadata:\n      name: f\n',
      ].join('---\n'),
    );
    expect(rows.map(({ index, name }) => [index, name])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
      [3, 'd'],
      [4, ''],
      [5, 'e'],
      [6, 'f'],
    ]);
    expect(rows.filter(({ valid }) => !valid).map(({ index }) => index)).toEqual([4]);
    expect(rows[3]).toMatchObject({ namespace: 'x', apiVersion: 'v1', kind: 'ConfigMap', skipped: false });
    expect(rows[6]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', valid: true });
    expect(rows[4]?.findings[0]).toMatchObject({ rule: 'yaml/syntax', file: 'stream.yaml', line: 12 });
    expect(code).toBe(1);
  });

  test('lists in lists are taken apart, and one that holds nothing is empty', () => {
    const inner = { apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] };
    const list = (items: unknown): string => `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items })}\n`;
    const { rows } = check(
      `${list([inner, JSON.parse(list([inner]))])}${list(null)}${list([])}---\n${map('b')}`,
    );
    expect(rows.map(({ kind, name, valid }) => [kind, name, valid])).toEqual([
      ['ConfigMap', 'a', true],
      ['ConfigMap', 'a', true],
      ['ConfigMap', 'b', true],
    ]);
  });

  test('findings stand at the line and column of the stream, in YAML and in JSON', () => {
    const { rows } = check(
      `${map('a')}data:\n  x: 1\n---\n${map('b')}---\n\n{"apiVersion": "v1", "kind": "ConfigMap",\n  "metadata": {"name": "c"}, "data": {"y": true}}\n`,
    );
    expect(rows[0]?.findings).toMatchObject([{ rule: 'schema/type', line: 6 }]);
    expect(rows[2]?.findings).toMatchObject([{ rule: 'schema/type', line: 15 }]);
  });
});

describe('stages', () => {
  test('what the API server checks beyond the schema', () => {
    const { rows } = check(map('Not_A_Name'));
    expect(rows[0]).toMatchObject({ valid: false, findings: [{ rule: 'api-server/name' }] });
  });

  test('a kind without a schema is skipped, and the run is red', () => {
    const { rows, code } = check(
      `${map('a')}---\napiVersion: shop.example/v1\nkind: Order\nmetadata:\n  name: o\n`,
    );
    expect(rows[1]).toMatchObject({
      skipped: true,
      valid: false,
      findings: [{ rule: 'schema/unknown-kind' }],
    });
    expect(code).toBe(1);
  });

  test('keys that stand twice', () => {
    expect(check(`${map('a')}kind: Secret\n`).rows[0]?.findings[0]).toMatchObject({
      rule: 'yaml/duplicate-key',
    });
    const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}';
    expect(check(twice).rows[0]?.findings[0]).toMatchObject({ rule: 'yaml/duplicate-key' });
  });

  test('--crds: schema and rules of custom kinds', () => {
    const crds = folder('crds', {
      'order.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: orders.shop.example }
spec:
  group: shop.example
  scope: Namespaced
  names: { kind: Order, plural: orders }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: { min: { type: integer }, max: { type: integer } }
              x-kubernetes-validations: [{ rule: self.min <= self.max, message: min is above max }]
`,
    });
    const order = (min: number | string, more = ''): string =>
      `apiVersion: shop.example/v1\nkind: Order\nmetadata:\n  name: o\nspec:\n  min: ${min}\n  max: 5\n${more}`;
    const { rows } = check([order(1), order(9), order('few'), order(1, '  mix: 3\n')].join('---\n'), {
      crds,
    });
    expect(rows.map(({ findings }) => findings.map(({ rule }) => rule))).toEqual([
      [],
      ['schema/cel'],
      ['schema/type'],
      ['schema/unknown-field'],
    ]);
    expect(rows.every(({ skipped }) => !skipped)).toBe(true);
  });

  const policies = folder('policies', {
    'policy.yaml': `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: owner }
spec:
  paramKind: { apiVersion: v1, kind: ConfigMap }
  matchConstraints:
    resourceRules:
      - { apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps] }
  validations:
    - expression: object.metadata.?labels['owner'].orValue('') in params.data.owners.split(',')
      messageExpression: "object.metadata.name + ' belongs to none of ' + params.data.owners"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: owner }
spec:
  policyName: owner
  validationActions: [Deny]
  paramRef: { name: owners, namespace: admin, parameterNotFoundAction: Deny }
  matchResources: { namespaceSelector: { matchLabels: { owned: 'yes' } } }
`,
    'cluster.yaml': `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { owned: 'yes', pod-security.kubernetes.io/enforce: baseline } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: owners, namespace: admin }
data: { owners: 'a,b' }
`,
  });

  test('--policies: policies, bindings, namespaces and parameters', () => {
    const owned = (name: string, namespace: string, owner: string): string =>
      `${map(name)}  namespace: ${namespace}\n  labels:\n    owner: ${owner}\n`;
    const { rows, code } = check(
      [owned('good', 'shop', 'a'), owned('bad', 'shop', 'z'), owned('free', 'lab', 'z')].join('---\n'),
      { policies },
    );
    expect(rows.map(({ valid }) => valid)).toEqual([true, false, true]);
    expect(rows[1]?.findings[0]).toMatchObject({
      rule: 'policy/admission',
      message:
        "ValidatingAdmissionPolicy 'owner' with binding 'owner' denied request: bad belongs to none of a,b",
    });
    expect(code).toBe(1);
  });

  test('a policy among the objects is in force nowhere, so it need not be evaluated', () => {
    const policy = (expression: string): string =>
      `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata:\n  name: p\nspec:\n  matchConstraints:\n    resourceRules:\n      - apiGroups: ['']\n        apiVersions: [v1]\n        operations: [CREATE]\n        resources: [pods]\n  validations:\n    - expression: "${expression}"\n`;
    const unknown = policy('[?object.?a].size() == 0');
    expect(check(unknown).rows[0]).toMatchObject({ valid: true, findings: [] });
    expect(check(policy('1 +')).rows[0]).toMatchObject({ valid: false });
    const given = folder('unknown', { 'policy.yaml': unknown });
    expect(check(map('a'), { policies: given }).code).toBe(1);
  });

  const pod = (namespace: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: ${namespace}\nspec:\n  hostPID: true\n  containers:\n    - name: c\n      image: c:1\n`;

  test('Pod Security by the namespaces of --policies', () => {
    const { rows } = check(`${pod('shop')}---\n${pod('lab')}`, { policies });
    expect(rows.map(({ valid }) => valid)).toEqual([false, true]);
  });

  test('--pod-security holds for every pod and template', () => {
    const job = `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: j\nspec:\n  template:\n    spec:\n      hostPID: true\n      restartPolicy: Never\n      containers:\n        - name: c\n          image: c:1\n`;
    const { rows } = check(`${pod('lab')}---\n${job}`, { podSecurity: 'baseline' });
    expect(rows.map(({ findings }) => findings.map(({ rule }) => rule))).toEqual([
      ['policy/pod-security'],
      ['policy/pod-security'],
    ]);
  });

  test('--stage leaves the others out', () => {
    expect(check(pod('lab'), { podSecurity: 'baseline', stages: ['schema'] }).code).toBe(0);
  });
});

describe('exit codes', () => {
  test('0 where all is well', () => {
    expect(check(map('a'), { kubernetes: '1.36' }).code).toBe(0);
    expect(run(map('a'), { format: 'pretty' })).toMatchObject({ ok: true, code: 0 });
  });

  test.each([
    ['an unknown version, naming the known one', map('a'), { kubernetes: '1.35' }, /1\.35/, /1\.36/],
    ['an unknown level', map('a'), { podSecurity: 'strict' }, /strict/, /restricted/],
    ['a format that streams do not have', map('a'), { format: 'sarif' }, /sarif/, /json/],
    ['a stage that needs a repository', map('a'), { stages: ['flux'] }, /flux/, /schema/],
    ['a directory that is not there', map('a'), { crds: join(directory, 'nowhere') }, /--crds/, /directory/],
    ['a stream of nothing', '---\n# nothing\n---\n', {}, /no object/, /documents/],
  ] as const)('2 for %s', (_, text, options, message, fix) => {
    const outcome = run(text, options as Partial<StreamArguments>);
    if (outcome.ok) throw new Error('was accepted');
    expect(outcome.error.message).toMatch(message);
    expect(outcome.error.fix).toMatch(fix);
  });
});
