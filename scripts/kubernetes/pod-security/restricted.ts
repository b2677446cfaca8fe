/** The checks that the level restricted adds to baseline's, in the words of k8s.io/pod-security-admission/policy. */
import { badSeccomp, procMount } from './baseline.ts';
import type { PodSecurityCheck } from './check.ts';
import {
  containerList,
  containersOf,
  inUserNamespace,
  isSet,
  isWindows,
  joinQuoted,
  listOf,
  mapOf,
  nameOf,
  type PodToCheck,
  plural,
  security,
  setters,
  sorted,
  textOf,
  type Violation,
} from './pod.ts';

type Check = (pod: PodToCheck) => Violation | undefined;

const notOnWindows =
  (check: Check): Check =>
  (pod) =>
    isWindows(pod.spec) ? undefined : check(pod);

const notInUserNamespace =
  (check: Check): Check =>
  (pod) =>
    inUserNamespace(pod.spec) ? undefined : check(pod);

function allowPrivilegeEscalation({ spec }: PodToCheck): Violation | undefined {
  const containers = containersOf(spec)
    .filter((container) => security(container, 'allowPrivilegeEscalation') !== false)
    .map(nameOf);
  if (containers.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containerList(containers)} must set securityContext.allowPrivilegeEscalation=false`,
    containers,
  };
}

function capabilities({ spec }: PodToCheck): Violation | undefined {
  const added: string[] = [];
  const keeping: string[] = [];
  const adding: string[] = [];
  for (const container of containersOf(spec)) {
    const { drop, add } = mapOf(security(container, 'capabilities'));
    if (!listOf(drop).includes('ALL')) keeping.push(nameOf(container));
    const bad = listOf(add)
      .map(textOf)
      .filter((capability) => capability !== 'NET_BIND_SERVICE');
    if (bad.length > 0) adding.push(nameOf(container));
    added.push(...bad);
  }
  const details = [
    ...(keeping.length > 0
      ? [`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [
          `${containerList(adding)} must not include ${joinQuoted(sorted(added))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  if (details.length === 0) return undefined;
  return {
    reason: 'unrestricted capabilities',
    detail: details.join('; '),
    containers: [...new Set([...keeping, ...adding])],
  };
}

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const otherVolumes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

function restrictedVolumes({ spec }: PodToCheck): Violation | undefined {
  const bad = listOf(spec['volumes'])
    .map(mapOf)
    // A volume without a source becomes an emptyDir.
    .filter(
      (volume) =>
        !allowedVolumes.some((type) => isSet(volume[type])) &&
        Object.keys(volume).some((key) => key !== 'name' && isSet(volume[key])),
    );
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => otherVolumes.find((type) => isSet(volume[type])) ?? 'unknown'));
  const verb = plural('uses', 'use', bad.length);
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', 'volumes', bad.length)} ${joinQuoted(bad.map(nameOf))} ${verb} ${plural('restricted volume type', 'restricted volume types', types.length)} ${joinQuoted(types)}`,
    containers: [],
  };
}

function runAsNonRoot({ spec }: PodToCheck): Violation | undefined {
  const onPod = security(spec, 'runAsNonRoot');
  const own = containersOf(spec).map((container) => ({
    name: nameOf(container),
    value: security(container, 'runAsNonRoot'),
  }));
  const explicit = own.filter(({ value }) => value === false).map(({ name }) => name);
  const who = setters(onPod === false, explicit);
  if (who.length > 0)
    return {
      reason: 'runAsNonRoot != true',
      detail: `${who.join(' and ')} must not set securityContext.runAsNonRoot=false`,
      containers: explicit,
    };
  const implicit = onPod === true ? [] : own.filter(({ value }) => !isSet(value)).map(({ name }) => name);
  if (implicit.length === 0) return undefined;
  return {
    reason: 'runAsNonRoot != true',
    detail: `pod or ${containerList(implicit)} must set securityContext.runAsNonRoot=true`,
    containers: implicit,
  };
}

function runAsUser({ spec }: PodToCheck): Violation | undefined {
  const containers = containersOf(spec)
    .filter((container) => security(container, 'runAsUser') === 0)
    .map(nameOf);
  const who = setters(security(spec, 'runAsUser') === 0, containers);
  if (who.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0`, containers };
}

function seccompProfile(pod: PodToCheck): Violation | undefined {
  const bad = badSeccomp(pod);
  if (bad) return bad;
  if (isSet(security(pod.spec, 'seccompProfile'))) return undefined;
  const containers = containersOf(pod.spec)
    .filter((container) => !isSet(security(container, 'seccompProfile')))
    .map(nameOf);
  if (containers.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containerList(containers)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    containers,
  };
}

const overridesCapabilities = ['capabilities_baseline'];
const overridesSeccomp = ['seccompProfile_baseline'];

export const restrictedChecks: readonly PodSecurityCheck[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, check: allowPrivilegeEscalation },
      { since: 25, check: notOnWindows(allowPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    versions: [
      { since: 22, check: capabilities, overrides: overridesCapabilities },
      { since: 25, check: notOnWindows(capabilities), overrides: overridesCapabilities },
    ],
  },
  {
    id: 'procMount_restricted',
    versions: [{ since: 35, check: procMount, overrides: ['procMount'] }],
  },
  {
    id: 'restrictedVolumes',
    versions: [{ since: 0, check: restrictedVolumes, overrides: ['hostPathVolumes'] }],
  },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, check: runAsNonRoot },
      { since: 35, check: notInUserNamespace(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, check: runAsUser },
      { since: 35, check: notInUserNamespace(runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    versions: [
      { since: 19, check: seccompProfile, overrides: overridesSeccomp },
      { since: 25, check: notOnWindows(seccompProfile), overrides: overridesSeccomp },
    ],
  },
];
