/** What is in every cluster before Flux applies anything, and which of Kubernetes' kinds have no namespace. */

import { groupOf } from '../render/object.ts';

// `kubectl api-resources --namespaced=false` of Kubernetes 1.36, by group.
const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume', 'ComponentStatus'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'internal.apiserver.k8s.io': ['StorageVersion'],
  'networking.k8s.io': ['IngressClass', 'IPAddress', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storagemigration.k8s.io': ['StorageVersionMigration'],
};

/** Whether one of Kubernetes' own kinds lies outside namespaces; undefined for kinds that are not Kubernetes' own. */
export function isClusterScoped(apiVersion: string, kind: string): boolean | undefined {
  const group = groupOf(apiVersion);
  if (clusterScoped[group]?.includes(kind)) return true;
  return isBuiltInGroup(group) ? false : undefined;
}

const plainGroups: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'policy']);
const extensionGroups: ReadonlySet<string> = new Set([
  ...Object.keys(clusterScoped),
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
]);

/** Whether an API group is served by Kubernetes itself. Groups such as `gateway.networking.k8s.io` are CRDs. */
export const isBuiltInGroup = (group: string): boolean =>
  plainGroups.has(group) || extensionGroups.has(group);

/** Namespaces that a cluster has from the start. */
export const builtInNamespaces: ReadonlySet<string> = new Set([
  'default',
  'kube-node-lease',
  'kube-public',
  'kube-system',
]);

/** The user-facing cluster roles; the others begin with `system:`. */
export const isBuiltInClusterRole = (name: string): boolean =>
  name.startsWith('system:') || ['admin', 'cluster-admin', 'edit', 'view'].includes(name);

export const builtInPriorityClasses: ReadonlySet<string> = new Set([
  'system-cluster-critical',
  'system-node-critical',
]);

/** The ConfigMap that every namespace gets, and its key. */
export const rootCertificates = { name: 'kube-root-ca.crt', keys: new Set(['ca.crt']) } as const;

/** The ServiceAccounts that `flux bootstrap` makes beside `default`. */
export const fluxServiceAccounts: ReadonlySet<string> = new Set([
  'helm-controller',
  'image-automation-controller',
  'image-reflector-controller',
  'kustomize-controller',
  'notification-controller',
  'source-controller',
  'source-watcher',
]);

/** The ClusterRoles that `flux bootstrap` makes. */
export const fluxClusterRoles: ReadonlySet<string> = new Set([
  'crd-controller-flux-system',
  'flux-edit-flux-system',
  'flux-view-flux-system',
]);
