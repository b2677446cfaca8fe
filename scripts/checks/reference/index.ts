import type { Repository } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { admissionPolicy } from './admission-policy.ts';
import { anonymousPath } from './anonymous-path.ts';
import { availability } from './availability.ts';
import { bindingSubject } from './binding-subject.ts';
import { blockedDrain } from './blocked-drain.ts';
import { claimWithoutVolume } from './claim-without-volume.ts';
import { configMap } from './config-map.ts';
import { configMapKey } from './config-map-key.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { indexEnvironment, type ReferenceSubject } from './index-objects.ts';
import { ingressBackend } from './ingress-backend.ts';
import { ingressClass } from './ingress-class.ts';
import { monitorSelector } from './monitor-selector.ts';
import { namespace } from './namespace.ts';
import { ownClass } from './own-class.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { plainAddress } from './plain-address.ts';
import { plainPath } from './plain-path.ts';
import { priorityClass } from './priority-class.ts';
import { probePort } from './probe-port.ts';
import { roleReference } from './role-reference.ts';
import { scaleTarget } from './scale-target.ts';
import { secret } from './secret.ts';
import { secretKey } from './secret-key.ts';
import { selectorTemplate } from './selector-template.ts';
import { serviceAccount } from './service-account.ts';
import { serviceAddress } from './service-address.ts';
import { serviceSelector } from './service-selector.ts';
import { serviceTargetPort } from './service-target-port.ts';
import { sharedClaim } from './shared-claim.ts';
import { sharedHostPath } from './shared-host-path.ts';
import { statefulSetService } from './stateful-set-service.ts';
import { storageClass } from './storage-class.ts';
import { subPathKey } from './sub-path-key.ts';
import { traefikAnnotation } from './traefik-annotation.ts';
import { traefikRoute } from './traefik-route.ts';
import { unusedVolume } from './unused-volume.ts';
import { volumeClaim } from './volume-claim.ts';
import { volumeMount } from './volume-mount.ts';
import { withoutCertificate } from './without-certificate.ts';

/** Whether everything that an object names is there: one subject for each environment. */
export const referenceStage: StageDefinition<ReferenceSubject> = {
  stage: 'reference',
  rules: [
    admissionPolicy,
    anonymousPath,
    availability,
    bindingSubject,
    blockedDrain,
    claimWithoutVolume,
    configMapKey,
    configMap,
    disruptionBudget,
    ingressBackend,
    ingressClass,
    monitorSelector,
    namespace,
    ownClass,
    persistentVolumeClaim,
    plainAddress,
    plainPath,
    priorityClass,
    roleReference,
    scaleTarget,
    secretKey,
    secret,
    selectorTemplate,
    serviceAccount,
    serviceAddress,
    serviceSelector,
    serviceTargetPort,
    probePort,
    sharedClaim,
    sharedHostPath,
    statefulSetService,
    storageClass,
    subPathKey,
    traefikAnnotation,
    traefikRoute,
    unusedVolume,
    volumeClaim,
    volumeMount,
    withoutCertificate,
  ],
  *subjects(repository: Repository) {
    for (const environment of repository.environments)
      yield { subject: indexEnvironment(repository, environment), environment: environment.name };
  },
};
