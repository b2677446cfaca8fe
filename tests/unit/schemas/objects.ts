/** Small valid objects that the fault tables start from. */

export type Json = Record<string, unknown>;

export const deployment = (): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, creationTimestamp: null },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            imagePullPolicy: 'IfNotPresent',
            args: ['--port', '8080'],
            env: [{ name: 'A', value: '1' }],
            ports: [{ containerPort: 8080 }, { containerPort: 8080, protocol: 'UDP' }],
            resources: { requests: { cpu: 1, memory: '512Mi' }, limits: { cpu: '1500m' } },
            readinessProbe: { httpGet: { path: '/', port: 'http', httpHeaders: [{ name: 'X' }] } },
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
  status: {},
});

export const service = (): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: {
    selector: { app: 'web' },
    ports: [
      { name: 'dns', port: 53 },
      { name: 'dns-udp', port: 53, protocol: 'UDP', targetPort: 'dns' },
    ],
  },
});

export const configMap = (): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { level: 'info', empty: null },
  binaryData: { blob: 'aGVsbG8=' },
});

export const roleBinding = (): Json => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'read', namespace: 'shop' },
  roleRef: { kind: 'Role', name: 'read' },
  subjects: [{ kind: 'ServiceAccount', name: 'web' }],
});

export const kustomization = (): Json => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'web', namespace: 'flux-system', annotations: { note: 'x' } },
  spec: {
    interval: '10m',
    path: './web',
    prune: true,
    sourceRef: { kind: 'GitRepository', name: 'flux-system' },
    dependsOn: [{ name: 'namespace' }],
  },
  status: { observedGeneration: -1 },
});

export const gitRepository = (): Json => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'web', namespace: 'flux-system' },
  spec: { interval: '1m', url: 'https://example.com/web.git', ref: { branch: 'main' }, timeout: null },
});

export const helmRelease = (): Json => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    interval: '10m',
    chart: {
      spec: { chart: 'web', version: '1.2.3', sourceRef: { kind: 'HelmRepository', name: 'charts' } },
    },
    values: { anything: [{ goes: 1 }] },
  },
});

export const storageClass = (): Json => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'local' },
  provisioner: 'kubernetes.io/no-provisioner',
  allowVolumeExpansion: false,
});

export const certificate = (): Json => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    secretName: 'web-tls',
    dnsNames: ['web', '*.web-headless.shop.svc.cluster.local'],
    usages: ['server auth', 'client auth'],
    privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS8', rotationPolicy: 'Always' },
    additionalOutputFormats: [{ type: 'CombinedPEM' }],
    issuerRef: { name: 'internal', kind: 'ClusterIssuer', group: 'cert-manager.io' },
  },
});

export const bundle = (): Json => ({
  apiVersion: 'trust.cert-manager.io/v1alpha1',
  kind: 'Bundle',
  metadata: { name: 'internal' },
  spec: {
    sources: [{ secret: { name: 'root', key: 'ca.crt' } }],
    target: { configMap: { key: 'ca.crt' }, namespaceSelector: { matchLabels: { trust: 'internal' } } },
  },
});

export const addressPool = (): Json => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { name: 'public', namespace: 'metallb-system' },
  spec: { addresses: ['192.0.2.10-192.0.2.20', '2001:db8::/124'] },
});

export const bgpPeer = (): Json => ({
  apiVersion: 'metallb.io/v1beta2',
  kind: 'BGPPeer',
  metadata: { name: 'router', namespace: 'metallb-system' },
  spec: { myASN: 64_512, peerASN: 64_513, peerAddress: '192.0.2.1', connectTime: '10s' },
});

export const backupSchedule = (): Json => ({
  apiVersion: 'k8up.io/v1',
  kind: 'Schedule',
  metadata: { name: 'nightly', namespace: 'shop' },
  spec: {
    backend: { repoPasswordSecretRef: { name: 'backup', key: 'password' }, s3: { bucket: 'shop' } },
    backup: { schedule: '@daily-random', resources: { limits: { memory: '1Gi' } } },
    prune: { schedule: '0 4 * * 0', retention: { keepDaily: 14 } },
  },
});

/** Sets the value at a path of a copy; `undefined` removes it. */
export function edit(object: Json, path: readonly (string | number)[], value: unknown): Json {
  const copy = structuredClone(object);
  let at: Json = copy;
  for (const segment of path.slice(0, -1)) at = at[segment] as Json;
  const last = path.at(-1) as string;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
