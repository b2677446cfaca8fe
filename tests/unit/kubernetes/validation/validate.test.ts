import { describe, expect, test } from 'vitest';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

const messages = (value: unknown): string[] =>
  validateBeyondSchema(value).map(({ path, message }) => `${path.join('.')}: ${message}`);

const deployment = (spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:1' }], ...pod },
    },
    ...spec,
  },
});

test('a plain Deployment is fine', () => {
  expect(messages(deployment())).toEqual([]);
});

test('every validator takes any JSON without throwing', () => {
  const kinds = [
    'v1 Pod',
    'v1 Service',
    'v1 PersistentVolume',
    'v1 Secret',
    'v1 Node',
    'v1 LimitRange',
    'apps/v1 Deployment',
    'apps/v1 StatefulSet',
    'batch/v1 CronJob',
    'batch/v1 Job',
    'networking.k8s.io/v1 Ingress',
    'networking.k8s.io/v1 NetworkPolicy',
    'autoscaling/v2 HorizontalPodAutoscaler',
    'rbac.authorization.k8s.io/v1 ClusterRole',
    'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    'flowcontrol.apiserver.k8s.io/v1 FlowSchema',
    'example.com/v1 Widget',
  ];
  const odd = [null, 1, 'x', true, [], [null], [1, [2]], {}, { spec: null }, { name: 5, items: {} }];
  for (const id of kinds)
    for (const part of odd) {
      const [apiVersion, kind] = id.split(' ');
      const value = { apiVersion, kind, metadata: part, spec: part, data: part, rules: part, template: part };
      expect(() => validateBeyondSchema(value), `${id} ${JSON.stringify(part)}`).not.toThrow();
      const nested = {
        ...value,
        spec: { template: { spec: part }, versions: part, containers: part, ports: part },
      };
      expect(() => validateBeyondSchema(nested), `${id} ${JSON.stringify(part)}`).not.toThrow();
    }
  for (const value of odd) expect(validateBeyondSchema(value)).toEqual([]);
});

test('custom resources are judged by their metadata', () => {
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'A', finalizers: ['x'] } };
  expect(messages(widget)).toEqual([expect.stringContaining('metadata.name: ')]);
});

describe('null', () => {
  test('a field that is null is absent', () => {
    expect(messages(deployment({ strategy: null, replicas: null }, { volumes: null }))).toEqual([]);
  });

  test('an amount that is null is 0', () => {
    const resources = { requests: { cpu: '1' }, limits: { cpu: null } };
    const found = messages(deployment({}, { containers: [{ name: 'main', image: 'web:1', resources }] }));
    expect(found).toEqual([expect.stringContaining('more than the limit')]);
  });
});

describe('quantities are compared exactly', () => {
  const found = (request: string, limit: string): number => {
    const resources = { requests: { memory: request }, limits: { memory: limit } };
    return messages(deployment({}, { containers: [{ name: 'main', image: 'web:1', resources }] })).length;
  };

  test.each([
    ['1024Mi', '1Gi'],
    ['1e3', '1k'],
    ['1k', '1Ki'],
    ['9007199254740992', '9007199254740993'],
    [' 1Gi ', '1Gi'],
    ['Gi', '1'],
  ])('%s fits %s', (request, limit) => {
    expect(found(request, limit)).toBe(0);
  });

  test.each([
    ['1Ki', '1k'],
    ['1001m', '1'],
    ['9007199254740993', '9007199254740992'],
    [' 2Gi', '1Gi'],
    ['1', 'Gi'],
  ])('%s does not fit %s', (request, limit) => {
    expect(found(request, limit)).toBe(1);
  });
});

describe('what is counted is looked at in thousandths of 64 bits', () => {
  const found = (amount: string): number => {
    const resources = { limits: { 'example.com/gpu': amount } };
    return messages(deployment({}, { containers: [{ name: 'main', image: 'web:1', resources }] })).length;
  };

  test.each(['1', '1000m', '8Pi', '10E', '9223372036854775807'])('%s is whole', (amount) => {
    expect(found(amount)).toBe(0);
  });

  test.each(['1500m', '0.1', '9Pi', '1Ei'])('%s is not', (amount) => {
    expect(found(amount)).toBe(1);
  });
});

test('a claim template without a name is mounted by none', () => {
  const claim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
  const set = deployment({ volumeClaimTemplates: [claim] }) as Record<string, unknown>;
  expect(messages({ ...set, kind: 'StatefulSet' })).toEqual([
    expect.stringContaining('mount it by its name'),
  ]);
});

describe('units of a resource', () => {
  const found = (resource: string, divisor: string): string[] => {
    const env = [{ name: 'A', valueFrom: { resourceFieldRef: { resource, divisor } } }];
    return messages(deployment({}, { containers: [{ name: 'main', image: 'web:1', env }] }));
  };

  test.each([
    ['limits.memory', '1Mi'],
    ['limits.memory', ' 1024Ki'],
    ['limits.memory', '1000'],
    ['limits.memory', '0'],
    ['limits.cpu', '1m'],
    ['limits.cpu', '1000m'],
  ])('%s in %s', (resource, divisor) => {
    expect(found(resource, divisor)).toEqual([]);
  });

  test.each([
    ['limits.memory', '2Mi'],
    ['limits.memory', '1E+3'],
    ['limits.memory', '1e3'],
    ['limits.memory', '1m'],
    ['limits.cpu', '1k'],
  ])('%s not in %s', (resource, divisor) => {
    expect(found(resource, divisor)).toEqual([expect.stringContaining('no unit')]);
  });
});

describe('what the server fills in or drops before it looks', () => {
  test('a pod gets the service account that its token is of', () => {
    const volumes = [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }];
    const spec = { containers: [{ name: 'main', image: 'web:1' }], volumes };
    expect(messages({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec })).toEqual([]);
  });

  test('a claim loses a data source in another namespace, an ephemeral volume keeps it', () => {
    const claim = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      dataSourceRef: { kind: 'ConfigMap', name: 'web', namespace: 'other' },
    };
    const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'web' } };
    expect(messages({ ...object, spec: claim })).toEqual([]);
    const { namespace: _, ...here } = claim.dataSourceRef;
    expect(messages({ ...object, spec: { ...claim, dataSourceRef: here } })).toHaveLength(1);
    const volumes = [{ name: 'data', ephemeral: { volumeClaimTemplate: { spec: claim } } }];
    expect(messages(deployment({}, { volumes }))).toEqual([expect.stringContaining('no apiGroup')]);
  });

  test('a Job that says nothing of how many pods is for one, also when it counts them', () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1' }] } };
    const job = (spec: Record<string, unknown>): string[] =>
      messages({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'web' },
        spec: { template, ...spec },
      });
    expect(job({ completionMode: 'Indexed' })).toEqual([]);
    expect(job({ completionMode: 'Indexed', parallelism: 1 })).toEqual([
      expect.stringContaining('spec.completions'),
    ]);
    const jobTemplate = { spec: { template, completionMode: 'Indexed' } };
    const spec = { schedule: '@daily', jobTemplate };
    expect(
      messages({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'web' }, spec }),
    ).toHaveLength(1);
  });

  test('a pod asks for what its containers ask for, where it says nothing itself', () => {
    const pod = (resources: object, memory = '2Gi'): string[] =>
      messages({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web' },
        spec: {
          containers: [{ name: 'main', image: 'web:1', resources: { requests: { memory } } }],
          resources,
        },
      });
    expect(pod({ limits: { memory: '1Gi' } })).toEqual([expect.stringContaining('ask for more')]);
    expect(pod({ limits: { memory: '2Gi' } })).toEqual([]);
    expect(pod({ limits: { cpu: '1' } })).toEqual([]);
  });

  test('the owners of a template are nothing to it', () => {
    const template = {
      metadata: { labels: { app: 'web' }, ownerReferences: [{}] },
      spec: { containers: [{ name: 'main', image: 'web:1' }] },
    };
    expect(messages(deployment({ template }))).toEqual([]);
  });

  test('of a selector, what is missing is asked for where the selector is read', () => {
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{}] };
    expect(messages(deployment({ selector })).length).toBeGreaterThan(0);
    const metrics = [
      {
        type: 'Pods',
        pods: {
          metric: { name: 'requests', selector: { matchExpressions: [{}] } },
          target: { type: 'AverageValue', averageValue: '1' },
        },
      },
    ];
    const spec = {
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics,
    };
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
    };
    expect(messages({ ...scaler, spec })).toEqual([]);
  });
});

describe('node ports', () => {
  const service = (nodePort: number): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
  });

  test('one outside the usual range is a warning, since the range can be set', () => {
    expect(validateBeyondSchema(service(8080))).toEqual([expect.objectContaining({ severity: 'warning' })]);
    expect(validateBeyondSchema(service(30_080))).toEqual([]);
  });
});

describe('sums of a pod', () => {
  const pod = (cpu: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      resources: { requests: { cpu } },
      initContainers: [
        { name: 'proxy', image: 'x', restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } },
        { name: 'setup', image: 'x', resources: { requests: { cpu: '700m' } } },
      ],
      containers: [
        { name: 'a', image: 'x', resources: { requests: { cpu: '300m' } } },
        { name: 'b', image: 'x', resources: { requests: { cpu: '200m' } } },
      ],
    },
  });

  test('sidecars count beside the larger of the init containers and the containers', () => {
    expect(messages(pod('800m'))).toEqual([]);
    expect(messages(pod('799m'))).toEqual([expect.stringContaining('ask for more')]);
  });
});
