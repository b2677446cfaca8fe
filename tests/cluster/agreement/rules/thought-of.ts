import { absent, type Edit, each, type RuleCases, rules } from './edit.ts';

/** Cases that nobody had generated: thought of by hand, and on each of these rules the gate was once wrong. */

const definition = 'apiextensions.k8s.io/v1 CustomResourceDefinition';
const schema = (value: unknown): Edit => ['spec.versions[0].schema.openAPIV3Schema', value];
const struct = (properties: object): { type: string; properties: object } => ({ type: 'object', properties });
const spec = (value: object): Edit => schema(struct({ spec: value }));

const text = { type: 'string', maxLength: 10 };
const fields = {
  a: text,
  list: { type: 'array', maxItems: 5, items: struct({ key: text }) },
  map: { type: 'object', maxProperties: 5, additionalProperties: text },
  open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
  anyList: { type: 'array', maxItems: 3, items: { 'x-kubernetes-preserve-unknown-fields': true } },
  embedded: {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  },
  namespace: text,
  if: text,
  'a/b': text,
};
const rule = (expression: string, more: object = {}): Edit =>
  spec({ ...struct(fields), 'x-kubernetes-validations': [{ rule: expression, ...more }] });

const definitions = [
  rules(definition, 'widgets.example.com', 'structural-schema', [
    ...[
      { type: 'object' },
      { type: 'object', description: 'a' },
      { type: 'object', nullable: true },
      { type: 'object', required: ['name'], properties: { name: text } },
      { type: 'string' },
      {},
      struct({ name: text }),
      struct({ name: text, generateName: text }),
      struct({ labels: { type: 'object' } }),
    ].map((metadata) => schema(struct({ metadata }))),
    schema(struct({ apiVersion: { type: 'integer' } })),
    schema(struct({ kind: { type: 'string', description: 'a' } })),
    spec(struct({ metadata: { type: 'string' } })),
    ...[
      { metadata: { type: 'string' } },
      { metadata: struct({ labels: { type: 'object' } }) },
      { kind: text },
    ].map((properties) => spec({ ...struct(properties), 'x-kubernetes-embedded-resource': true })),
    // What is restricted is declared at the root, and nowhere else is that asked for.
    schema({ type: 'object', oneOf: [{ properties: { spec: {} } }] }),
    schema({
      ...struct({ spec: struct({ a: text }) }),
      oneOf: [{ properties: { spec: { required: ['a'] } } }],
    }),
    schema({
      ...struct({ spec: struct({ a: text }) }),
      not: { properties: { spec: { properties: { b: { pattern: 'x' } } } } },
    }),
    spec({ ...struct({ a: text }), oneOf: [{ properties: { b: { pattern: 'x' } } }] }),
    spec({ ...fields.map, allOf: [{ properties: { b: { pattern: 'x' } } }] }),
    spec({ ...fields.open, anyOf: [{ properties: { b: { pattern: 'x' } } }] }),
    spec({ ...struct({ a: text }), not: { required: ['z'] } }),
    ...[
      { 'x-kubernetes-validations': [{ rule: 'true' }] },
      { 'x-kubernetes-list-map-keys': ['a'] },
      { 'x-kubernetes-list-map-keys': [] },
      { default: [] },
      { default: false },
      { default: null },
    ].map((nested) => spec({ ...struct({ a: text }), anyOf: [nested] })),
  ]),
  rules(definition, 'widgets.example.com', 'custom-resource-rule', [
    ...[
      'self.open.x == 1',
      'has(self.open)',
      'has(self.any)',
      'self.anyList.size() > 1',
      "self.embedded.metadata.name == 'a'",
      'self.embedded.metadata.labels.size() > 1',
      "self.namespace == 'a'",
      "self.__namespace__ == 'a'",
      "self.if == 'a'",
      "self.__if__ == 'a'",
      "self.a__slash__b == 'a'",
      "self.`a/b` == 'a'",
      "self.map.x == 'a'",
      'self.list.exists(item, item.key == self.a)',
      'oldSelf == null',
      'self.list.all(item, item.key == oldSelf.a)',
      '9223372036854775807 > 0',
      '9223372036854775808 > 0',
      '-9223372036854775808 < 0',
      "Object{a: 'b'} == self",
      "Foo{a: 'b'} == self",
      'google.protobuf.Int32Value{value: 1} == 1',
      '[?optional.of(1)].size() == 1',
      "{?'a': optional.of(1)}.size() == 1",
    ].map((expression) => rule(expression)),
    ...[
      '.a',
      '.map.x',
      ".map['x']",
      "['a/b']",
      '.a/b',
      '.list',
      '.list.key',
      '.list[0]',
      '.open.x',
      '.',
      '.z',
    ].map((fieldPath) => rule('true', { fieldPath })),
    ...['a', ' ', 'a\nb', 'a\n'].map((message) => rule('true', { message })),
    rule("self.a ==\n'x'"),
    rule("self.a ==\n'x'", { message: 'a' }),
    rule('oldSelf.hasValue()', { optionalOldSelf: true }),
    rule('oldSelf.orValue(self).a == self.a', { optionalOldSelf: true }),
    rule('oldSelf.a == self.a', { optionalOldSelf: true }),
    rule('true', { optionalOldSelf: false }),
    ...[
      { type: 'array', maxItems: 5 },
      { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'set' },
    ].map((list) =>
      spec({ ...list, items: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }),
    ),
    spec({
      ...struct({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }),
      'x-kubernetes-map-type': 'atomic',
    }),
    ...['a', 'b'].map((value) =>
      spec({ ...text, default: value, 'x-kubernetes-validations': [{ rule: "self == 'a'" }] }),
    ),
    spec({
      ...struct({ a: { ...text, default: 'x' } }),
      default: {},
      'x-kubernetes-validations': [{ rule: "self.a == 'x'" }],
    }),
  ]),
  rules(definition, 'widgets.example.com', 'custom-resource-definition', [
    ...['', 'a b', 'a\tb', 'a'.repeat(256), 'a'.repeat(257), 'ä'.repeat(200), 'a\u00a0b'].map(
      (warning): Edit => [
        'spec.versions[0].deprecated',
        true,
        'spec.versions[0].deprecationWarning',
        warning,
      ],
    ),
    ...[
      '.spec.a',
      '.spec.map.x',
      ".spec['a']",
      '.spec.list[0]',
      '.spec.list',
      '.spec.open.x',
      '.',
      '.kind',
    ].map((jsonPath): Edit => [...spec(struct(fields)), 'spec.versions[0].selectableFields', [{ jsonPath }]]),
  ]),
];

const policies = rules(
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy',
  'agreement-rich',
  'admission',
  [
    ...[
      '[]',
      '[1]',
      "object.metadata.name == 'a' ? [] : [JSONPatch{op: 'remove', path: '/a'}]",
      'object',
    ].map((expression): Edit => ['spec.mutations', [{ patchType: 'JSONPatch', jsonPatch: { expression } }]]),
    ...['has(object.spec) ? Object{} : Object{}', '{}', '1'].map(
      (expression): Edit => [
        'spec.mutations',
        [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
      ],
    ),
    ['spec.variables', [{ name: 'a', expression: 'Object{}' }]],
  ],
);

const addresses = [
  'fd00::1',
  'FD00::1',
  'fd00:0::1',
  'fd00:0:0:0:0:0:0:1',
  '2001:db8:0:0:1::1',
  '2001:db8::1:0:0:1',
  '2001:db8::1:1:1:1:1',
  '64:ff9b::1.2.3.4',
];

const jobs = [
  rules('batch/v1 Job', 'minimal', 'job', [
    ['spec.completionMode', 'Indexed'],
    ['spec.completionMode', 'Indexed', 'spec.parallelism', 1],
    ['spec.completionMode', 'Indexed', 'spec.successPolicy', { rules: [{ succeededIndexes: '0' }] }],
    ...each('spec.maxFailedIndexes', [1, 2]).map(
      (edit): Edit => [...edit, 'spec.completionMode', 'Indexed', 'spec.backoffLimitPerIndex', 1],
    ),
  ]),
  rules('batch/v1 CronJob', 'minimal', 'cron', [
    ['spec.jobTemplate.spec.completionMode', 'Indexed'],
    ...each('spec.timeZone', [
      'utc',
      'gmt',
      'GMT',
      'Zulu',
      'zulu',
      'NZ',
      'nz',
      'Etc/utc',
      'Etc/GMT+5',
      'posix/UTC',
    ]),
  ]),
];

const others = [
  rules(
    'discovery.k8s.io/v1 EndpointSlice',
    'rich',
    'endpoints',
    addresses.map((address): Edit => ['addressType', 'IPv6', 'endpoints', [{ addresses: [address] }]]),
  ),
  rules('networking.k8s.io/v1 ServiceCIDR', 'extra', 'service', [
    ...each(
      'spec.cidrs',
      addresses.map((address) => [`${address}/128`]),
    ),
  ]),
  rules('networking.k8s.io/v1 IPAddress', '192.0.2.77', 'service', [...each('metadata.name', addresses)]),
  rules('resource.k8s.io/v1 DeviceClass', 'gpu', 'device', [
    ...[32, 33].map((count): Edit => {
      const config = Array.from({ length: count }, () => ({ opaque: { driver: 'a', parameters: {} } }));
      return ['spec.config', config];
    }),
  ]),
  rules('apps/v1 StatefulSet', 'minimal', 'workload', [
    ...each('spec.volumeClaimTemplates[0]', [
      { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      {
        metadata: { generateName: 'a' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ]),
  ]),
  rules('v1 Pod', 'minimal', 'resources', [
    ...['1Ei', '9Pi', '8Pi', '10E', '9223372036854775807', '9223372036854775808', '1e19', '10P', '9.3E'].map(
      (amount): Edit => ['spec.containers[0].resources', { limits: { 'example.com/gpu': amount } }],
    ),
    ...[
      { limits: { memory: '1Gi' } },
      { limits: { memory: '2Gi' } },
      { limits: { cpu: '1' } },
      { requests: { cpu: '1' } },
      { limits: { memory: '1Gi' }, requests: { memory: '1Gi' } },
    ].map(
      (resources): Edit => [
        'spec.containers[0].resources',
        { requests: { memory: '2Gi' } },
        'spec.resources',
        resources,
      ],
    ),
  ]),
  rules('v1 Pod', 'minimal', 'annotation', [
    ...['[]', 'null', '{}', '[{"key":"a"}]', '[1]', 'x', ''].map(
      (value): Edit => ['metadata.annotations', { 'scheduler.alpha.kubernetes.io/tolerations': value }],
    ),
  ]),
  rules('v1 ConfigMap', 'minimal', 'metadata', [...each('metadata.uid', ['', 'a', null, absent])]),
];

export const thoughtOfCases: readonly RuleCases[] = [...definitions, policies, ...jobs, ...others];
