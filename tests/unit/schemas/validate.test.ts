import { describe, expect, it } from 'vitest';
import {
  loadSchemas,
  type SchemaErrorCode,
  validateObject,
} from '../../../scripts/kubernetes/schema/index.ts';
import {
  addressPool,
  backupSchedule,
  bgpPeer,
  bundle,
  certificate,
  configMap,
  deployment,
  edit,
  gitRepository,
  helmRelease,
  type Json,
  kustomization,
  roleBinding,
  service,
  storageClass,
} from './objects.ts';

const schemas = loadSchemas(new URL('../../../schemas', import.meta.url).pathname);
const validate = (object: unknown) => validateObject(schemas, object);

const pod = ['spec', 'template', 'spec'];
const container = [...pod, 'containers', 0];

describe('accepted', () => {
  const accepted: Record<string, Json> = {
    deployment: deployment(),
    service: service(),
    configMap: configMap(),
    roleBinding: roleBinding(),
    kustomization: kustomization(),
    gitRepository: gitRepository(),
    helmRelease: helmRelease(),
    storageClass: storageClass(),
    certificate: certificate(),
    bundle: bundle(),
    addressPool: addressPool(),
    bgpPeer: bgpPeer(),
    backupSchedule: backupSchedule(),
    'a container that is null in every optional field': edit(deployment(), [...container, 'command'], null),
    'an item whose key is null, which is the empty one': {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'web' },
      secrets: [{ name: null }],
    },
    'a null argument, which the server takes as empty': edit(
      deployment(),
      [...container, 'args'],
      ['a', null],
    ),
    'a custom object with any time of creation': edit(
      kustomization(),
      ['metadata', 'creationTimestamp'],
      'yesterday',
    ),
    'a claim whose source is empty': {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
      spec: { dataSource: {} },
    },
    'quantities in every notation': edit(deployment(), [...container, 'resources', 'limits'], {
      cpu: 0.5,
      memory: '1e3',
      'ephemeral-storage': '1.5Gi',
      hugepages: '.5M',
    }),
    'a status that lacks what only a status needs': edit(deployment(), ['status'], {
      conditions: [{ type: 'Available', status: 'True' }],
    }),
    'status of a custom object with required fields absent': edit(kustomization(), ['status'], {
      conditions: [{ type: 'Ready' }],
    }),
    'the same port number for two protocols': service(),
    'a custom resource definition with a recursive schema': {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        names: { kind: 'Thing', plural: 'things' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'array', items: { type: 'string', default: 'x', enum: ['x'] } } },
              },
            },
          },
        ],
      },
    },
  };
  for (const [name, object] of Object.entries(accepted)) {
    it(name, () => expect(validate(object)).toEqual([]));
  }
});

interface Fault {
  readonly name: string;
  readonly object: unknown;
  readonly path: readonly (string | number)[];
  readonly code: SchemaErrorCode;
  readonly at?: 'key' | 'value';
  readonly message?: RegExp;
  readonly fix?: RegExp;
}

const faults: readonly Fault[] = [
  // ---- unknown fields ----
  {
    name: 'misspelt field',
    object: edit(deployment(), [...container, 'imagePullPolcy'], 'Always'),
    path: [...container, 'imagePullPolcy'],
    code: 'unknown-field',
    at: 'key',
    message: /^unknown field `imagePullPolcy` in container `web`; did you mean `imagePullPolicy`\?$/,
    fix: /write `imagePullPolicy` instead/,
  },
  {
    name: 'wrong case',
    object: edit(deployment(), [...container, 'imagepullpolicy'], 'Always'),
    path: [...container, 'imagepullpolicy'],
    code: 'unknown-field',
    message: /did you mean `imagePullPolicy`/,
  },
  {
    name: 'field too deep',
    object: edit(deployment(), [...pod, 'replicas'], 2),
    path: [...pod, 'replicas'],
    code: 'unknown-field',
    message: /it is a field of the deployment spec/,
    fix: /move `replicas` out/,
  },
  {
    name: 'field too shallow',
    object: edit(deployment(), [...container, 'runAsNonRoot'], true),
    path: [...container, 'runAsNonRoot'],
    code: 'unknown-field',
    fix: /under `securityContext:`/,
  },
  {
    name: 'field of a list item beside the list',
    object: edit(deployment(), [...pod, 'image'], 'web:1'),
    path: [...pod, 'image'],
    code: 'unknown-field',
    fix: /into an item of `containers:`/,
  },
  {
    name: 'unknown field of metadata',
    object: edit(service(), ['metadata', 'annotation'], { a: 'b' }),
    path: ['metadata', 'annotation'],
    code: 'unknown-field',
    message: /^unknown field `annotation` in the metadata; did you mean `annotations`/,
  },
  {
    name: 'unknown field of a custom object’s metadata',
    object: edit(kustomization(), ['metadata', 'lables'], {}),
    path: ['metadata', 'lables'],
    code: 'unknown-field',
    message: /did you mean `labels`/,
  },
  {
    name: 'unknown top-level field',
    object: edit(configMap(), ['dta'], {}),
    path: ['dta'],
    code: 'unknown-field',
    message: /in the ConfigMap; did you mean `data`/,
  },
  {
    name: 'unknown field of a custom object',
    object: edit(kustomization(), ['spec', 'dependOn'], []),
    path: ['spec', 'dependOn'],
    code: 'unknown-field',
    message: /in `spec`; did you mean `dependsOn`/,
  },
  {
    name: 'unknown field of a struct without fields near it',
    object: edit(service(), ['spec', 'zzz'], 1),
    path: ['spec', 'zzz'],
    code: 'unknown-field',
    fix: /remove `zzz`, or use one of/,
  },
  {
    name: 'unknown field in status',
    object: edit(kustomization(), ['status', 'observedGenration'], 1),
    path: ['status', 'observedGenration'],
    code: 'unknown-field',
  },
  {
    name: 'null in an unknown field of a custom object',
    object: edit(kustomization(), ['spec', 'pruned'], null),
    path: ['spec', 'pruned'],
    code: 'unknown-field',
  },
  {
    name: 'null in an unknown field of a built-in object',
    object: edit(service(), ['spec', 'selectors'], null),
    path: ['spec', 'selectors'],
    code: 'unknown-field',
  },
  // ---- types ----
  {
    name: 'string for an integer',
    object: edit(deployment(), ['spec', 'replicas'], '2'),
    path: ['spec', 'replicas'],
    code: 'type',
    at: 'value',
    message: /`replicas` of the deployment spec is "2", but an integer is wanted/,
    fix: /`replicas: 2` without quotes/,
  },
  {
    name: 'number for a string that lost its digits',
    object: edit(configMap(), ['data', 'commit'], 1.5e39),
    path: ['data', 'commit'],
    code: 'type',
    fix: /in quotes as it is written: `commit: "…"`/,
  },
  {
    name: 'number for a string',
    object: edit(configMap(), ['data', 'port'], 9092),
    path: ['data', 'port'],
    code: 'type',
    fix: /in quotes: `port: "9092"`/,
  },
  {
    name: 'boolean label',
    object: edit(service(), ['metadata', 'labels'], { enabled: true }),
    path: ['metadata', 'labels', 'enabled'],
    code: 'type',
    fix: /`enabled: "true"`/,
  },
  {
    name: 'managed fields, which nobody may apply',
    object: edit(service(), ['metadata', 'managedFields'], []),
    path: ['metadata', 'managedFields'],
    code: 'value',
    at: 'key',
    fix: /remove `managedFields`/,
  },
  {
    name: 'null in a field of a custom object that has no default',
    object: edit(kustomization(), ['spec', 'images'], null),
    path: ['spec', 'images'],
    code: 'type',
  },
  {
    name: 'number in args',
    object: edit(deployment(), [...container, 'args', 1], 8080),
    path: [...container, 'args', 1],
    code: 'type',
    message: /`args\[1\]` of container `web`/,
  },
  {
    name: 'mapping for a list',
    object: edit(deployment(), [...container, 'env'], { A: '1' }),
    path: [...container, 'env'],
    code: 'type',
    fix: /put `- ` before/,
  },
  {
    name: 'list for a mapping',
    object: edit(service(), ['spec', 'selector'], [{ app: 'web' }]),
    path: ['spec', 'selector'],
    code: 'type',
    fix: /remove the leading `- `/,
  },
  {
    name: 'fraction for an integer',
    object: edit(deployment(), ['spec', 'replicas'], 1.5),
    path: ['spec', 'replicas'],
    code: 'type',
  },
  {
    name: 'boolean for int-or-string is one error',
    object: edit(service(), ['spec', 'ports', 0, 'targetPort'], true),
    path: ['spec', 'ports', 0, 'targetPort'],
    code: 'type',
    message: /an integer or a string is wanted/,
  },
  {
    name: 'fraction for int-or-string',
    object: edit(service(), ['spec', 'ports', 0, 'targetPort'], 80.5),
    path: ['spec', 'ports', 0, 'targetPort'],
    code: 'type',
  },
  {
    name: 'string for a boolean',
    object: edit(kustomization(), ['spec', 'prune'], 'yes'),
    path: ['spec', 'prune'],
    code: 'type',
    fix: /`prune: true` without quotes/,
  },
  {
    name: 'null list item of a custom object',
    object: edit(kustomization(), ['spec', 'dependsOn'], [null]),
    path: ['spec', 'dependsOn', 0],
    code: 'type',
  },
  {
    name: 'null list item, an empty struct to the server',
    object: edit(deployment(), [...pod, 'readinessGates'], [null]),
    path: [...pod, 'readinessGates', 0],
    code: 'required',
  },
  {
    name: 'null among items that are told apart by a key',
    object: edit(deployment(), [...pod, 'imagePullSecrets'], [null]),
    path: [...pod, 'imagePullSecrets', 0],
    code: 'type',
  },
  {
    name: 'port number beyond 32 bits',
    object: edit(service(), ['spec', 'ports', 0, 'targetPort'], 3_000_000_000),
    path: ['spec', 'ports', 0, 'targetPort'],
    code: 'range',
  },
  {
    name: 'octal as a string',
    object: edit(deployment(), [...pod, 'volumes', 0], {
      name: 'c',
      configMap: { name: 'c', defaultMode: '0440' },
    }),
    path: [...pod, 'volumes', 0, 'configMap', 'defaultMode'],
    code: 'type',
  },
  { name: 'no object at all', object: 'text', path: [], code: 'type' },
  { name: 'metadata as a list', object: edit(service(), ['metadata'], []), path: ['metadata'], code: 'type' },
  // ---- formats and ranges ----
  {
    name: 'int32 overflow',
    object: edit(deployment(), ['spec', 'replicas'], 2 ** 31),
    path: ['spec', 'replicas'],
    code: 'range',
  },
  {
    name: 'quantity with a byte unit',
    object: edit(deployment(), [...container, 'resources', 'limits', 'memory'], '2GB'),
    path: [...container, 'resources', 'limits', 'memory'],
    code: 'format',
    fix: /no `B`/,
  },
  {
    name: 'boolean quantity is one error',
    object: edit(deployment(), [...container, 'resources', 'limits', 'memory'], true),
    path: [...container, 'resources', 'limits', 'memory'],
    code: 'type',
  },
  {
    name: 'binary data that is not base64',
    object: edit(configMap(), ['binaryData', 'blob'], 'hello'),
    path: ['binaryData', 'blob'],
    code: 'format',
    message: /base64/,
  },
  {
    name: 'creation time that is no time',
    object: edit(service(), ['metadata', 'creationTimestamp'], '2026-02-30T00:00:00Z'),
    path: ['metadata', 'creationTimestamp'],
    code: 'format',
  },
  // ---- required ----
  {
    name: 'no container name',
    object: edit(deployment(), [...container, 'name'], undefined),
    path: container,
    code: 'required',
    at: 'value',
    message: /^item 1 of `containers` has no `name`/,
  },
  {
    name: 'misspelt container name is one error',
    object: edit(edit(deployment(), [...container, 'name'], undefined), [...container, 'nmae'], 'web'),
    path: [...container, 'nmae'],
    code: 'unknown-field',
  },
  {
    name: 'null where a value is required',
    object: edit(storageClass(), ['provisioner'], null),
    path: [],
    code: 'required',
    message: /the StorageClass has no `provisioner`/,
  },
  {
    name: 'no selector',
    object: edit(deployment(), ['spec', 'selector'], undefined),
    path: ['spec'],
    code: 'required',
    at: 'key',
    message: /the deployment spec has no `selector`/,
  },
  {
    name: 'no interval in a Kustomization',
    object: edit(kustomization(), ['spec', 'interval'], undefined),
    path: ['spec'],
    code: 'required',
  },
  {
    name: 'no name',
    object: edit(service(), ['metadata', 'name'], undefined),
    path: ['metadata'],
    code: 'required',
  },
  { name: 'no metadata', object: edit(service(), ['metadata'], undefined), path: [], code: 'required' },
  {
    name: 'generateName cannot be applied',
    object: edit(service(), ['metadata'], { generateName: 'web-' }),
    path: ['metadata'],
    code: 'required',
    message: /generateName/,
  },
  {
    name: 'no kind',
    object: edit(service(), ['kind'], undefined),
    path: [],
    code: 'required',
    message: /`kind`/,
  },
  // ---- enum and pattern ----
  {
    name: 'enum',
    object: edit(kustomization(), ['spec', 'sourceRef', 'kind'], 'GitRepositry'),
    path: ['spec', 'sourceRef', 'kind'],
    code: 'enum',
    fix: /^write "GitRepository"$/,
  },
  {
    name: 'duration without a unit',
    object: edit(kustomization(), ['spec', 'interval'], '60'),
    path: ['spec', 'interval'],
    code: 'pattern',
    fix: /such as 60s/,
  },
  {
    name: 'URL scheme',
    object: edit(gitRepository(), ['spec', 'url'], 'ftp://example.com'),
    path: ['spec', 'url'],
    code: 'pattern',
  },
  {
    name: 'too long a name in a custom object',
    object: edit(kustomization(), ['spec', 'targetNamespace'], 'x'.repeat(64)),
    path: ['spec', 'targetNamespace'],
    code: 'range',
    message: /has 64 characters, but at most 63 characters is wanted/,
  },
  {
    name: 'empty where one character is wanted',
    object: edit(kustomization(), ['spec', 'targetNamespace'], ''),
    path: ['spec', 'targetNamespace'],
    code: 'range',
  },
  // ---- associative lists ----
  {
    name: 'container port twice, once with the default protocol',
    object: edit(deployment(), [...container, 'ports', 1, 'protocol'], 'TCP'),
    path: [...container, 'ports', 1],
    code: 'duplicate-list-key',
    message: /item 2 of `ports` repeats item 1 \(containerPort 8080, protocol "TCP"\) in container `web`/,
  },
  {
    name: 'service port twice',
    object: edit(service(), ['spec', 'ports', 1, 'protocol'], undefined),
    path: ['spec', 'ports', 1],
    code: 'duplicate-list-key',
  },
  {
    name: 'environment variable twice',
    object: edit(
      deployment(),
      [...container, 'env'],
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
        { name: 'A', value: '2' },
      ],
    ),
    path: [...container, 'env', 2],
    code: 'duplicate-list-key',
    message: /item 3 of `env` repeats item 1 \(name "A"\)/,
  },
  {
    name: 'finalizer twice',
    object: edit(service(), ['metadata', 'finalizers'], ['a.example.com/b', 'a.example.com/b']),
    path: ['metadata', 'finalizers', 1],
    code: 'duplicate-list-key',
  },
  // ---- kinds ----
  {
    name: 'kind that is misspelt',
    object: edit(deployment(), ['kind'], 'Deploymnet'),
    path: ['kind'],
    code: 'unknown-kind',
    message: /did you mean Deployment/,
  },
  {
    name: 'kind in a removed API version',
    object: edit(deployment(), ['apiVersion'], 'extensions/v1beta1'),
    path: ['apiVersion'],
    code: 'unknown-kind',
    fix: /apiVersion: apps\/v1/,
  },
  {
    name: 'API that is not served by default',
    object: edit(storageClass(), ['apiVersion'], 'storage.k8s.io/v1beta1'),
    path: ['apiVersion'],
    code: 'unknown-kind',
  },
  {
    name: 'beta API that is not served by default',
    object: { apiVersion: 'resource.k8s.io/v1beta1', kind: 'DeviceClass', metadata: { name: 'x' } },
    path: ['apiVersion'],
    code: 'unknown-kind',
    message: /alpha or beta API/,
    fix: /resource\.k8s\.io\/v1`/,
  },
  {
    name: 'unknown custom resource',
    object: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } },
    path: ['kind'],
    code: 'unknown-kind',
  },
  // ---- CEL ----
  {
    name: 'HelmRelease with chart and chartRef',
    object: edit(helmRelease(), ['spec', 'chartRef'], { kind: 'HelmChart', name: 'web' }),
    path: ['spec'],
    code: 'cel',
    message: /either chart or chartRef must be set/,
  },
  {
    name: 'serviceAccountName without a provider that takes it',
    object: edit(gitRepository(), ['spec', 'serviceAccountName'], 'x'),
    path: ['spec'],
    code: 'cel',
  },
  {
    name: 'Receiver with providers for another type',
    object: {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata: { name: 'x' },
      spec: {
        type: 'generic-oidc',
        resources: [{ kind: 'GitRepository', name: 'x' }],
      },
    },
    path: ['spec'],
    code: 'cel',
    message: /must define at least one oidcProvider/,
  },
  {
    name: 'Bundle without a source',
    object: edit(bundle(), ['spec', 'sources', 0], {}),
    path: ['spec', 'sources', 0],
    code: 'cel',
    message: /exactly one of the fields in \[configMap secret inLine useDefaultCAs\] must be set/,
  },
  {
    name: 'Bundle without a target',
    object: edit(bundle(), ['spec', 'target'], {}),
    path: ['spec', 'target'],
    code: 'cel',
    message: /at least one of the fields in \[configMap secret\]/,
  },
  {
    name: 'BGPPeer with a part of a second',
    object: edit(bgpPeer(), ['spec', 'connectTime'], '1500ms'),
    path: ['spec', 'connectTime'],
    code: 'cel',
    message: /whole number of seconds/,
  },
  {
    name: 'BGPPeer with too long a time',
    object: edit(bgpPeer(), ['spec', 'connectTime'], '65536s'),
    path: ['spec', 'connectTime'],
    code: 'cel',
    message: /between 1 seconds to 65535/,
  },
  // ---- add-ons ----
  {
    name: 'Certificate with an unknown usage',
    object: edit(certificate(), ['spec', 'usages'], ['server auth', 'serverAuth']),
    path: ['spec', 'usages', 1],
    code: 'enum',
    fix: /^write "server auth"$/,
  },
  {
    name: 'Certificate with a misspelt field',
    object: edit(certificate(), ['spec', 'dnsName'], ['kafka']),
    path: ['spec', 'dnsName'],
    code: 'unknown-field',
    fix: /dnsNames/,
  },
  {
    name: 'Certificate without a Secret',
    object: edit(certificate(), ['spec', 'secretName'], undefined),
    path: ['spec'],
    code: 'required',
  },
  {
    name: 'base64 of a custom kind over two lines',
    object: {
      apiVersion: 'cert-manager.io/v1',
      kind: 'CertificateRequest',
      metadata: { name: 'x' },
      spec: { request: 'aGVs\nbG8=', issuerRef: { name: 'x' } },
    },
    path: ['spec', 'request'],
    code: 'format',
    message: /on one line/,
  },
  {
    name: 'IPAddressPool without addresses',
    object: edit(addressPool(), ['spec', 'addresses'], undefined),
    path: ['spec'],
    code: 'required',
  },
  {
    name: 'IPAddressPool with one address that is no list',
    object: edit(addressPool(), ['spec', 'addresses'], '192.0.2.0/28'),
    path: ['spec', 'addresses'],
    code: 'type',
  },
  {
    name: 'Schedule with a time in the wrong place',
    object: edit(backupSchedule(), ['spec', 'schedule'], '0 1 * * *'),
    path: ['spec', 'schedule'],
    code: 'unknown-field',
    message: /it is a field of `archive`, `backup`, `check`, `prune`, `restore`/,
    fix: /^move `schedule` under the one that is meant$/,
  },
  {
    name: 'Schedule with a wrong quantity',
    object: edit(backupSchedule(), ['spec', 'backup', 'resources', 'limits', 'memory'], '1GB'),
    path: ['spec', 'backup', 'resources', 'limits', 'memory'],
    code: 'pattern',
  },
];

describe('refused, with one error', () => {
  it.each(faults)('$name', ({ object, path, code, at, message, fix }) => {
    const errors = validate(object);
    expect(errors.map(({ path, code }) => ({ path, code }))).toEqual([{ path, code }]);
    const [error] = errors;
    if (at !== undefined) expect(error?.at).toBe(at);
    if (message !== undefined) expect(error?.message).toMatch(message);
    if (fix !== undefined) expect(error?.fix).toMatch(fix);
    expect(error?.message).not.toMatch(/undefined|NaN|\[object/);
    expect(error?.fix).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('a null label', () => {
  const object = edit(service(), ['metadata', 'labels'], { enabled: null });

  it('is an empty one to the server', () => expect(validate(object)).toEqual([]));

  it('is refused where Flux applies the object, which would lose all labels', () => {
    const errors = validateObject(schemas, object, { applier: 'flux' });
    expect(errors).toMatchObject([{ path: ['metadata', 'labels', 'enabled'], code: 'type' }]);
    expect(errors[0]?.fix).toMatch(/give it a value/);
  });
});

describe('several faults', () => {
  it('are all reported', () => {
    let object = edit(deployment(), ['spec', 'replicas'], '2');
    object = edit(object, [...container, 'imagePullPolcy'], 'Always');
    object = edit(object, [...container, 'env'], [{ value: 'x' }]);
    const found = validate(object).map(({ code }) => code);
    expect(found.sort()).toEqual(['required', 'type', 'unknown-field']);
  });

  it('leave CEL rules unevaluated', () => {
    let object = edit(helmRelease(), ['spec', 'chartRef'], { kind: 'HelmChart', name: 'web' });
    object = edit(object, ['spec', 'intervall'], '1m');
    expect(validate(object).map(({ code }) => code)).toEqual(['unknown-field']);
  });
});

describe('lookup', () => {
  it('knows scope and plural without reading a schema', () => {
    expect(schemas.lookup('apps/v1', 'Deployment')).toMatchObject({
      scope: 'Namespaced',
      resource: 'deployments',
    });
    expect(schemas.lookup('v1', 'PersistentVolume')).toMatchObject({ scope: 'Cluster' });
    expect(schemas.lookup('kustomize.toolkit.fluxcd.io/v1', 'Kustomization')).toMatchObject({
      scope: 'Namespaced',
    });
    expect(schemas.lookup('apps/v1beta1', 'Deployment')).toBeUndefined();
    expect(schemas.lookup('v1', 'DeploymentList')).toBeUndefined();
  });

  it('refuses a folder without schemas', () => {
    expect(() => loadSchemas('/nonexistent')).toThrow(/npm run schemas/);
  });
});

describe('validation', () => {
  it('does not change the object', () => {
    for (const object of [deployment(), kustomization(), configMap()]) {
      const before = structuredClone(object);
      validate(object);
      expect(object).toEqual(before);
    }
  });
});
