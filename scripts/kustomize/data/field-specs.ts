/**
 * Where kustomize's built-in transformers write. The facts are those of the default configuration of kustomize 5.8.1
 * (`internal/konfig/builtinpluginconsts` of sigs.k8s.io/kustomize/api v0.21.1).
 */

/** A field of the objects of some kinds; absent parts of the kind match everything. */
export interface FieldSpec {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  /** Separated by `/`; `\/` is a slash within a key, `name[]` a list that is never made. */
  readonly path: string;
  /** Makes the field, and what lies above it, where it is missing. */
  readonly create?: boolean;
}

const templateMetadata = (field: 'labels' | 'annotations'): FieldSpec[] => [
  { path: `spec/template/metadata/${field}`, create: true, version: 'v1', kind: 'ReplicationController' },
  { path: `spec/template/metadata/${field}`, create: true, kind: 'Deployment' },
  { path: `spec/template/metadata/${field}`, create: true, kind: 'ReplicaSet' },
  { path: `spec/template/metadata/${field}`, create: true, kind: 'DaemonSet' },
  { path: `spec/template/metadata/${field}`, create: true, group: 'batch', kind: 'Job' },
  { path: `spec/jobTemplate/metadata/${field}`, create: true, group: 'batch', kind: 'CronJob' },
  { path: `spec/jobTemplate/spec/template/metadata/${field}`, create: true, group: 'batch', kind: 'CronJob' },
];

export const annotationFields: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  { path: 'spec/template/metadata/annotations', create: true, kind: 'StatefulSet' },
  ...templateMetadata('annotations'),
];

/** `labels` with `includeTemplates`. */
export const templateLabelFields: readonly FieldSpec[] = [
  { path: 'metadata/labels', create: true },
  { path: 'spec/template/metadata/labels', create: true, group: 'apps', kind: 'StatefulSet' },
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', create: true, group: 'apps', kind: 'StatefulSet' },
  ...templateMetadata('labels'),
];

const podSelectors = (kind: string): FieldSpec[] =>
  [
    'affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
    'affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
    'affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
    'affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
    'topologySpreadConstraints/labelSelector/matchLabels',
  ].map((path) => ({ path: `spec/template/spec/${path}`, group: 'apps', kind }));

/** `commonLabels`, and `labels` with `includeSelectors`. */
export const commonLabelFields: readonly FieldSpec[] = [
  { path: 'spec/selector', create: true, version: 'v1', kind: 'Service' },
  { path: 'spec/selector', create: true, version: 'v1', kind: 'ReplicationController' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'Deployment' },
  ...podSelectors('Deployment'),
  { path: 'spec/selector/matchLabels', create: true, kind: 'ReplicaSet' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'DaemonSet' },
  { path: 'spec/selector/matchLabels', create: true, group: 'apps', kind: 'StatefulSet' },
  ...podSelectors('StatefulSet'),
  { path: 'spec/selector/matchLabels', group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', group: 'batch', kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', group: 'policy', kind: 'PodDisruptionBudget' },
  { path: 'spec/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { path: 'spec/ingress/from/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { path: 'spec/egress/to/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  ...templateLabelFields,
];

/** Besides `metadata.namespace` and the subjects of role bindings, which have rules of their own. */
export const namespaceFields: readonly FieldSpec[] = [
  { path: 'metadata/name', create: true, kind: 'Namespace' },
  { path: 'spec/service/namespace', create: true, group: 'apiregistration.k8s.io', kind: 'APIService' },
  {
    path: 'spec/conversion/webhook/clientConfig/service/namespace',
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
  },
];

/** Besides every `containers` and `initContainers` list wherever it stands. */
export const imageFields: readonly FieldSpec[] = [
  'spec/containers[]/image',
  'spec/initContainers[]/image',
  'spec/volumes[]/image/reference',
  'spec/template/spec/containers[]/image',
  'spec/template/spec/initContainers[]/image',
  'spec/template/spec/volumes[]/image/reference',
].map((path) => ({ path, create: true }));

export const replicaFields: readonly FieldSpec[] = [
  { path: 'spec/replicas', create: true, kind: 'Deployment' },
  { path: 'spec/replicas', create: true, kind: 'ReplicationController' },
  { path: 'spec/replicas', create: true, kind: 'ReplicaSet' },
  { path: 'spec/replicas', create: true, kind: 'StatefulSet' },
];

/** Kinds that `namePrefix` and `nameSuffix` leave alone. */
export const fixedNames: readonly Omit<FieldSpec, 'path'>[] = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
];
