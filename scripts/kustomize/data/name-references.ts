import type { FieldSpec } from './field-specs.ts';

/** The fields that hold the name of an object of some kind, and so follow when it is renamed. */
export interface NameReference {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly referrers: readonly FieldSpec[];
}

const podSpecs: Readonly<Record<string, string>> = {
  Pod: 'spec',
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
};
const configured = [
  'Pod',
  'PodTemplate',
  'Deployment',
  'ReplicaSet',
  'DaemonSet',
  'StatefulSet',
  'Job',
  'CronJob',
];
const workloads = [
  'Pod',
  'StatefulSet',
  'Deployment',
  'ReplicationController',
  'CronJob',
  'Job',
  'DaemonSet',
];

const inPods = (kinds: readonly string[], paths: readonly string[]): FieldSpec[] =>
  kinds.flatMap((kind) =>
    paths.map((path) => ({
      path: `${podSpecs[kind]}/${path}`,
      kind,
      ...(kind === 'Pod' && kinds === configured ? { version: 'v1' } : {}),
    })),
  );

const inKind = (kind: string, paths: readonly string[], more: Omit<FieldSpec, 'path'> = {}): FieldSpec[] =>
  paths.map((path) => ({ path, kind, ...more }));

const scaled = inKind('HorizontalPodAutoscaler', ['spec/scaleTargetRef/name']);
const resourceNames = [
  ...inKind('Role', ['rules/resourceNames']),
  ...inKind('ClusterRole', ['rules/resourceNames']),
];
const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

/**
 * The default `nameReference` configuration of kustomize 5.8.1 (`internal/konfig/builtinpluginconsts` of
 * sigs.k8s.io/kustomize/api v0.21.1). The group `networking.k8s.io/v1` of IngressClass is upstream's own slip: it
 * matches nothing, so an Ingress never follows a renamed class.
 */
export const nameReferences: readonly NameReference[] = [
  { kind: 'Deployment', referrers: scaled },
  { kind: 'ReplicationController', referrers: scaled },
  { kind: 'ReplicaSet', referrers: scaled },
  { kind: 'StatefulSet', referrers: scaled },
  {
    kind: 'ConfigMap',
    version: 'v1',
    referrers: [
      ...inPods(configured, [
        'volumes/configMap/name',
        'containers/env/valueFrom/configMapKeyRef/name',
        'initContainers/env/valueFrom/configMapKeyRef/name',
        'containers/envFrom/configMapRef/name',
        'initContainers/envFrom/configMapRef/name',
        'volumes/projected/sources/configMap/name',
      ]),
      ...inKind('Node', ['spec/configSource/configMap']),
      ...resourceNames,
      ...inKind('Ingress', ['metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap']),
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    referrers: [
      ...inPods(configured, [
        'volumes/secret/secretName',
        'containers/env/valueFrom/secretKeyRef/name',
        'initContainers/env/valueFrom/secretKeyRef/name',
        'containers/envFrom/secretRef/name',
        'initContainers/envFrom/secretRef/name',
        'imagePullSecrets/name',
        'volumes/projected/sources/secret/name',
      ]),
      ...inKind('Ingress', [
        'spec/tls/secretName',
        'metadata/annotations/ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ]),
      ...inKind('ServiceAccount', ['imagePullSecrets/name']),
      ...inKind('StorageClass', [
        'parameters/secretName',
        'parameters/adminSecretName',
        'parameters/userSecretName',
        'parameters/secretRef',
      ]),
      ...resourceNames,
      ...inKind('Service', ['spec/template/spec/containers/env/valueFrom/secretKeyRef/name'], {
        group: 'serving.knative.dev',
        version: 'v1',
      }),
      ...inKind('PersistentVolume', ['spec/azureFile/secretName']),
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    referrers: [
      ...inKind('StatefulSet', ['spec/serviceName'], { group: 'apps' }),
      ...inKind('Ingress', [
        'spec/rules/http/paths/backend/serviceName',
        'spec/backend/serviceName',
        'spec/rules/http/paths/backend/service/name',
        'spec/defaultBackend/service/name',
      ]),
      ...inKind('APIService', ['spec/service/name'], { group: 'apiregistration.k8s.io' }),
      ...inKind('ValidatingWebhookConfiguration', ['webhooks/clientConfig/service'], { group: admission }),
      ...inKind('MutatingWebhookConfiguration', ['webhooks/clientConfig/service'], { group: admission }),
    ],
  },
  { kind: 'Role', group: rbac, referrers: inKind('RoleBinding', ['roleRef/name'], { group: rbac }) },
  {
    kind: 'ClusterRole',
    group: rbac,
    referrers: [
      ...inKind('RoleBinding', ['roleRef/name'], { group: rbac }),
      ...inKind('ClusterRoleBinding', ['roleRef/name'], { group: rbac }),
    ],
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    referrers: [
      ...inKind('RoleBinding', ['subjects'], { group: rbac }),
      ...inKind('ClusterRoleBinding', ['subjects'], { group: rbac }),
      ...inPods(workloads, ['serviceAccountName']),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    version: 'v1',
    referrers: inPods(workloads, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    referrers: [
      ...inKind('PersistentVolumeClaim', ['spec/volumeName']),
      ...inKind('ClusterRole', ['rules/resourceNames']),
    ],
  },
  {
    kind: 'StorageClass',
    group: 'storage.k8s.io',
    version: 'v1',
    referrers: [
      ...inKind('PersistentVolume', ['spec/storageClassName']),
      ...inKind('PersistentVolumeClaim', ['spec/storageClassName']),
      ...inKind('StatefulSet', ['spec/volumeClaimTemplates/spec/storageClassName']),
    ],
  },
  {
    kind: 'PriorityClass',
    group: 'scheduling.k8s.io',
    version: 'v1',
    referrers: inPods(workloads, ['priorityClassName']),
  },
  {
    kind: 'IngressClass',
    group: 'networking.k8s.io/v1',
    version: 'v1',
    referrers: inKind('Ingress', ['spec/ingressClassName']),
  },
  {
    kind: 'ValidatingAdmissionPolicy',
    group: admission,
    referrers: inKind('ValidatingAdmissionPolicyBinding', ['spec/policyName'], { group: admission }),
  },
];
