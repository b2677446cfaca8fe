import type { Build, Environment, Repository } from '../../../scripts/render/environment.ts';
import { type RenderedObject, renderedObject } from '../../../scripts/render/object.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

/** Rendered objects from YAML. */
export const objectsOf = (component: string, yaml: string): readonly RenderedObject[] =>
  parseYaml(`${component}.yaml`, yaml).documents.flatMap(({ node }) =>
    node?.type === 'map' ? [renderedObject(node, { environment: 'prototype', component })] : [],
  );

const build = (component: string, yaml: string, dependsOn: readonly string[]): Build => ({
  environment: 'prototype',
  component,
  path: `overlays/prototype/${component}`,
  kustomization: objectsOf(
    'flux-system',
    JSON.stringify({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: component, namespace: 'flux-system' },
      spec: { dependsOn: dependsOn.map((name) => ({ name })) },
    }),
  )[0]!,
  objects: objectsOf(component, yaml),
  failures: [],
  notices: [],
  reads: new Set(),
});

const namespace = `
apiVersion: v1
kind: Namespace
metadata:
  name: infometis
  labels: {pod-security.kubernetes.io/enforce: privileged}
`;

const storage = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local-storage}
provisioner: kubernetes.io/no-provisioner
`;

const policies = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: infometis-pods}
`;

const traefik = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: edge}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: traefik-config, namespace: infometis}
data:
  traefik.yml: |
    entryPoints:
      web: {address: ":8000", asDefault: true}
      websecure: {address: ":8443", http: {tls: {}}}
      admin: {address: ":9000"}
      hidden: {address: ":9999"}
    providers:
      kubernetesIngress: {}
  middlewares.yml: |
    http:
      middlewares:
        to-https: {redirectScheme: {scheme: https}}
        strip: {stripPrefix: {prefixes: [/grafana]}}
  dashboard.yml: |
    http:
      routers:
        dashboard:
          entryPoints: [admin]
          rule: PathPrefix(\`/dashboard/\`) || PathPrefix(\`/api/\`)
          service: api@internal
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: infometis}
spec:
  template:
    spec:
      containers:
        - name: traefik
          ports:
            - {name: web, containerPort: 8000, hostPort: 80}
            - {name: websecure, containerPort: 8443, hostPort: 8443}
            - {name: admin, containerPort: 9000, hostPort: 8082}
            - {name: hidden, containerPort: 9999}
          resources: {requests: {cpu: 100m, memory: 128Mi}}
`;

const ingress = (name: string, path: string, annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'infometis',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [
          `traefik.ingress.kubernetes.io/router.${key}`,
          value,
        ]),
      ),
    },
    spec: { ingressClassName: 'edge', rules: [{ http: { paths: [{ path, pathType: 'Prefix' }] } }] },
  });

const kafka = `
apiVersion: v1
kind: Service
metadata: {name: kafka-service, namespace: infometis}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka, namespace: infometis}
spec:
  replicas: 3
  template:
    spec:
      initContainers:
        - name: owner
          resources: {requests: {cpu: "2", memory: 64Mi}}
      containers:
        - name: kafka
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: local-storage}
`;

const grafana = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, namespace: infometis}
spec:
  template:
    spec:
      initContainers:
        - name: sidecar
          restartPolicy: Always
          resources: {requests: {cpu: 50m, memory: 32Mi}}
      containers:
        - name: grafana
          env:
            - {name: KAFKA, value: "kafka-service:9092"}
          resources: {limits: {cpu: 250m, memory: 256Mi}}
---
${ingress('grafana', '/grafana', { entrypoints: 'web', middlewares: 'strip@file' })}
`;

const nifi = `
apiVersion: batch/v1
kind: Job
metadata: {name: setup, namespace: infometis}
spec:
  template:
    spec:
      containers: [{name: setup, resources: {requests: {cpu: "9", memory: 9Gi}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: nifi, namespace: infometis}
spec:
  template:
    spec:
      containers: [{name: nifi, resources: {requests: {cpu: "1", memory: 1Gi}}}]
---
${ingress('nifi', '/nifi', { entrypoints: 'websecure' })}
---
${ingress('nifi-redirect', '/nifi', { entrypoints: 'web', middlewares: 'to-https@file' })}
---
${ingress('nifi-default', '/nifi-docs', {})}
---
${ingress('nifi-hidden', '/hidden', { entrypoints: 'hidden' })}
`;

export const secretsYaml = `prototype:
  - name: nifi-credentials
    namespace: infometis
    consumers: [nifi]
    keys:
      - {name: username, purpose: Login name., generator: fixed, value: admin}
      - {name: password, purpose: Login., generator: alphanumeric, length: 24}
      - {name: sensitive.key, purpose: Encrypts., generator: alphanumeric, length: 32}
  - name: grafana-credentials
    namespace: infometis
    consumers: [grafana]
    keys:
      - {name: admin-password, purpose: Login., generator: alphanumeric, length: 24}
`;

export const files: Readonly<Record<string, string>> = {
  'secrets.yaml': secretsYaml,
  'versions.yaml': 'kubernetes: v1.36.3\nflux: v2.9.5\n',
  'overlays/prototype/environment/environment.yaml':
    'kind: ConfigMap\ndata: {publicHost: data.infometis.io, bindAddress: 127.0.0.1, nodeCount: "2"}\n',
  'flux/prototype/flux-system/kustomization.yaml':
    'patches:\n  - {path: kc.yaml, target: {kind: Deployment, name: kustomize-controller}}\n',
  'flux/prototype/flux-system/kc.yaml':
    '- {op: add, path: /spec/template/spec/containers/0/args/-, value: --concurrent=20}\n',
};

/** A small platform with every shape that bootstrap looks at. */
export function fixture(changes: Readonly<Record<string, string>> = {}): Repository {
  const flux: Build = {
    environment: 'prototype',
    component: 'flux-system',
    path: 'flux/prototype',
    objects: objectsOf(
      'flux-system',
      `
apiVersion: apps/v1
kind: Deployment
metadata: {name: source-controller, namespace: flux-system}
spec: {template: {spec: {containers: [{name: manager, resources: {requests: {cpu: "50", memory: 50Gi}}}]}}}
`,
    ),
    failures: [],
    notices: [],
    reads: new Set(),
  };
  const builds = [
    flux,
    build('namespace', namespace, []),
    build('storage', storage, []),
    build('policies', policies, []),
    build('traefik', traefik, ['namespace', 'policies']),
    build('kafka', kafka, ['namespace', 'policies']),
    build('grafana', grafana, ['namespace', 'policies']),
    build('nifi', nifi, ['namespace', 'policies']),
  ];
  const environment: Environment = {
    name: 'prototype',
    path: 'flux/prototype',
    builds,
    objects: builds.flatMap(({ objects }) => objects),
  };
  return {
    sources: openSources(openMemory({ ...files, ...changes })),
    paths: [],
    environments: [environment],
  };
}
