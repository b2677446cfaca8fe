/** What the API server checks on creation beyond the OpenAPI schema, for built-in kinds and for the metadata of all. */
import { isBuiltInGroup } from '../cluster-builtins.ts';
import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
} from './access-control.ts';
import {
  validateAdmissionPolicy,
  validateAdmissionPolicyBinding,
  validateMutatingPolicy,
  validateMutatingPolicyBinding,
  validateWebhookConfiguration,
} from './admission.ts';
import { validateApiService } from './api-service.ts';
import { validateHorizontalPodAutoscaler } from './autoscaling.ts';
import { validateCertificateSigningRequest } from './certificate.ts';
import { validatePriorityClass, validateRuntimeClass } from './class.ts';
import { validateConfigMap, validateSecret } from './config-data.ts';
import { validateCronJob } from './cron-job.ts';
import { validateCustomResourceDefinition } from './custom-resource-definition.ts';
import { validateDeviceClass, validateResourceClaim, validateResourceClaimTemplate } from './device-claim.ts';
import { validatePodDisruptionBudget } from './disruption-budget.ts';
import { validateEndpointSlice, validateEndpoints } from './endpoints.ts';
import type { Errors, ValidationError } from './error.ts';
import { validateCoreEvent, validateEvent } from './event.ts';
import { type Field, get, rootOf, text } from './field.ts';
import { validateFlowSchema, validatePriorityLevel } from './flow-control.ts';
import { validateIngress, validateIngressClass } from './ingress.ts';
import { validateJob } from './job.ts';
import { validateLease } from './lease.ts';
import { validateLimitRange, validateResourceQuota } from './limits.ts';
import { validateObjectMeta } from './metadata.ts';
import { validateNamespace } from './namespace.ts';
import { validateNetworkPolicy } from './network-policy.ts';
import { validateNode } from './node.ts';
import { validatePod, validatePodTemplate } from './pod.ts';
import { validateResourceSlice } from './resource-slice.ts';
import { validateService } from './service.ts';
import { validateIpAddress, validateServiceCidr } from './service-address.ts';
import {
  validateCsiDriver,
  validateCsiNode,
  validateCsiStorageCapacity,
  validatePersistentVolume,
  validatePersistentVolumeClaim,
  validateStorageClass,
  validateVolumeAttachment,
  validateVolumeAttributesClass,
} from './storage.ts';
import {
  validateControllerRevision,
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateReplicationController,
  validateStatefulSet,
} from './workload.ts';

export { type ValidationCode, type ValidationError, validationCodes } from './error.ts';

type Validator = (object: Field) => Errors;

/** By group and kind: all served versions of these kinds have the same fields, or fewer. */
const validators: Readonly<Record<string, Validator>> = {
  '/ConfigMap': validateConfigMap,
  '/Endpoints': validateEndpoints,
  '/Event': validateCoreEvent,
  '/LimitRange': validateLimitRange,
  '/Namespace': validateNamespace,
  '/Node': validateNode,
  '/PersistentVolume': validatePersistentVolume,
  '/PersistentVolumeClaim': validatePersistentVolumeClaim,
  '/Pod': validatePod,
  '/PodTemplate': (object) => validatePodTemplate(get(object, 'template')),
  '/ReplicationController': validateReplicationController,
  '/ResourceQuota': validateResourceQuota,
  '/Secret': validateSecret,
  '/Service': validateService,
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': validateMutatingPolicy,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': validateMutatingPolicyBinding,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': validateWebhookConfiguration,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': validateAdmissionPolicy,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': validateAdmissionPolicyBinding,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': validateWebhookConfiguration,
  'apiextensions.k8s.io/CustomResourceDefinition': validateCustomResourceDefinition,
  'apiregistration.k8s.io/APIService': validateApiService,
  'apps/ControllerRevision': validateControllerRevision,
  'apps/DaemonSet': validateDaemonSet,
  'apps/Deployment': validateDeployment,
  'apps/ReplicaSet': validateReplicaSet,
  'apps/StatefulSet': validateStatefulSet,
  'autoscaling/HorizontalPodAutoscaler': validateHorizontalPodAutoscaler,
  'batch/CronJob': validateCronJob,
  'batch/Job': validateJob,
  'certificates.k8s.io/CertificateSigningRequest': validateCertificateSigningRequest,
  'coordination.k8s.io/Lease': validateLease,
  'discovery.k8s.io/EndpointSlice': validateEndpointSlice,
  'events.k8s.io/Event': validateEvent,
  'flowcontrol.apiserver.k8s.io/FlowSchema': validateFlowSchema,
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': validatePriorityLevel,
  'networking.k8s.io/IPAddress': validateIpAddress,
  'networking.k8s.io/Ingress': validateIngress,
  'networking.k8s.io/IngressClass': validateIngressClass,
  'networking.k8s.io/NetworkPolicy': validateNetworkPolicy,
  'networking.k8s.io/ServiceCIDR': validateServiceCidr,
  'node.k8s.io/RuntimeClass': validateRuntimeClass,
  'policy/PodDisruptionBudget': validatePodDisruptionBudget,
  'rbac.authorization.k8s.io/ClusterRole': validateClusterRole,
  'rbac.authorization.k8s.io/ClusterRoleBinding': validateClusterRoleBinding,
  'rbac.authorization.k8s.io/Role': validateRole,
  'rbac.authorization.k8s.io/RoleBinding': validateRoleBinding,
  'resource.k8s.io/DeviceClass': validateDeviceClass,
  'resource.k8s.io/ResourceClaim': validateResourceClaim,
  'resource.k8s.io/ResourceClaimTemplate': validateResourceClaimTemplate,
  'resource.k8s.io/ResourceSlice': validateResourceSlice,
  'scheduling.k8s.io/PriorityClass': validatePriorityClass,
  'storage.k8s.io/CSIDriver': validateCsiDriver,
  'storage.k8s.io/CSINode': validateCsiNode,
  'storage.k8s.io/CSIStorageCapacity': validateCsiStorageCapacity,
  'storage.k8s.io/StorageClass': validateStorageClass,
  'storage.k8s.io/VolumeAttachment': validateVolumeAttachment,
  'storage.k8s.io/VolumeAttributesClass': validateVolumeAttributesClass,
};

/**
 * Every reason, beyond its schema, why the server would refuse to create an object by server-side apply. Any JSON can be
 * given: what has the wrong type counts as absent, since the schema stage reports it.
 */
export function validateBeyondSchema(value: unknown): readonly ValidationError[] {
  const object = rootOf(value);
  const apiVersion = text(get(object, 'apiVersion'));
  const kind = text(get(object, 'kind'));
  if (apiVersion === '' || kind === '') return [];
  const slash = apiVersion.indexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  const errors = [
    ...validateObjectMeta(get(object, 'metadata'), group, kind, isBuiltInGroup(group)),
    ...(validators[`${group}/${kind}`]?.(object) ?? []),
  ];
  return unique(errors);
}

/** Two ways to the same fault are one. */
function unique(errors: readonly ValidationError[]): readonly ValidationError[] {
  const seen = new Set<string>();
  return errors.filter(({ path, message }) => {
    const key = JSON.stringify([path, message]);
    return seen.size < seen.add(key).size;
  });
}
