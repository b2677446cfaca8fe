/** The checks of the level baseline, in the words of k8s.io/pod-security-admission/policy. */
import type { PodSecurityCheck } from './check.ts';
import {
  containerList,
  containersOf,
  inUserNamespace,
  isSet,
  type JsonMap,
  joinQuoted,
  listOf,
  mapOf,
  nameOf,
  type PodToCheck,
  plural,
  quoted,
  security,
  setters,
  sorted,
  textOf,
  type Violation,
} from './pod.ts';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function appArmorProfile({ spec, annotations }: PodToCheck): Violation | undefined {
  const values: string[] = [];
  const isBad = (owner: JsonMap): boolean => {
    const profile = security(owner, 'appArmorProfile');
    if (!isSet(profile)) return false;
    const type = textOf(mapOf(profile)['type']);
    if (type === 'RuntimeDefault' || type === 'Localhost') return false;
    values.push(type);
    return true;
  };
  const pod = isBad(spec);
  const containers = containersOf(spec).filter(isBad).map(nameOf);
  const forbidden = Object.entries(annotations)
    .filter(
      ([key, value]) =>
        key.startsWith(appArmorPrefix) &&
        !(value === '' || value === 'runtime/default' || value.startsWith('localhost/')),
    )
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .sort();
  const who = [
    ...setters(pod, containers),
    ...(forbidden.length > 0 ? [plural('annotation', 'annotations', forbidden.length)] : []),
  ];
  if (who.length === 0) return undefined;
  const bad = [...sorted(values), ...forbidden];
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', bad.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${joinQuoted(bad)}`,
    containers,
  };
}

const defaultCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

function capabilities({ spec }: PodToCheck): Violation | undefined {
  const added: string[] = [];
  const containers = containersOf(spec)
    .filter((container) => {
      const bad = listOf(mapOf(security(container, 'capabilities'))['add'])
        .map(textOf)
        .filter((capability) => !defaultCapabilities.has(capability));
      added.push(...bad);
      return bad.length > 0;
    })
    .map(nameOf);
  if (containers.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail: `${containerList(containers)} must not include ${joinQuoted(sorted(added))} in securityContext.capabilities.add`,
    containers,
  };
}

function hostNamespaces({ spec }: PodToCheck): Violation | undefined {
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return {
    reason: 'host namespaces',
    detail: shared.map((field) => `${field}=true`).join(', '),
    containers: [],
  };
}

function hostPathVolumes({ spec }: PodToCheck): Violation | undefined {
  const volumes = listOf(spec['volumes']).map(mapOf);
  const bad = volumes.filter((volume) => isSet(volume['hostPath'])).map(nameOf);
  if (bad.length === 0) return undefined;
  return {
    reason: 'hostPath volumes',
    detail: `${plural('volume', 'volumes', bad.length)} ${joinQuoted(bad)}`,
    containers: [],
  };
}

function hostPorts({ spec }: PodToCheck): Violation | undefined {
  const ports: string[] = [];
  const containers = containersOf(spec)
    .filter((container) => {
      const bad = listOf(container['ports'])
        .map((port) => mapOf(port)['hostPort'])
        .filter((port) => isSet(port) && port !== 0);
      ports.push(...bad.map(String));
      return bad.length > 0;
    })
    .map(nameOf);
  if (containers.length === 0) return undefined;
  const numbers = sorted(ports);
  const verb = plural('uses', 'use', containers.length);
  return {
    reason: 'hostPort',
    detail: `${containerList(containers)} ${verb} ${plural('hostPort', 'hostPorts', numbers.length)} ${numbers.join(', ')}`,
    containers,
  };
}

function hostProbes({ spec }: PodToCheck): Violation | undefined {
  const hosts: string[] = [];
  const hostsOf = (handler: unknown): string[] =>
    ['httpGet', 'tcpSocket']
      .map((action) => textOf(mapOf(mapOf(handler)[action])['host']))
      .filter((host) => host !== '');
  const containers = sorted(
    containersOf(spec)
      .filter((container) => {
        const lifecycle = mapOf(container['lifecycle']);
        const bad = [
          container['livenessProbe'],
          container['readinessProbe'],
          container['startupProbe'],
          lifecycle['postStart'],
          lifecycle['preStop'],
        ].flatMap(hostsOf);
        hosts.push(...bad);
        return bad.length > 0;
      })
      .map(nameOf),
  );
  if (containers.length === 0) return undefined;
  const bad = sorted(hosts);
  const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', bad.length);
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerList(containers)} ${plural('uses', 'use', containers.length)} ${what} ${joinQuoted(bad)}`,
    containers,
  };
}

function privileged({ spec }: PodToCheck): Violation | undefined {
  const containers = containersOf(spec)
    .filter((container) => security(container, 'privileged') === true)
    .map(nameOf);
  if (containers.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containerList(containers)} must not set securityContext.privileged=true`,
    containers,
  };
}

/** Also the restricted level's, which has no exception for user namespaces. */
export function procMount({ spec }: PodToCheck): Violation | undefined {
  const types: string[] = [];
  const containers = containersOf(spec)
    .filter((container) => {
      const type = security(container, 'procMount');
      if (!isSet(type) || type === 'Default') return false;
      types.push(textOf(type));
      return true;
    })
    .map(nameOf);
  if (containers.length === 0) return undefined;
  return {
    reason: 'procMount',
    detail: `${containerList(containers)} must not set securityContext.procMount to ${joinQuoted(sorted(types))}`,
    containers,
  };
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const seLinuxOptions =
  (allowed: ReadonlySet<string>) =>
  ({ spec }: PodToCheck): Violation | undefined => {
    const types: string[] = [];
    let user = false;
    let role = false;
    const isBad = (owner: JsonMap): boolean => {
      const options = security(owner, 'seLinuxOptions');
      if (!isSet(options)) return false;
      const { type, user: ownUser, role: ownRole } = mapOf(options);
      const badType = !allowed.has(textOf(type));
      if (badType) types.push(textOf(type));
      user ||= textOf(ownUser) !== '';
      role ||= textOf(ownRole) !== '';
      return badType || textOf(ownUser) !== '' || textOf(ownRole) !== '';
    };
    const pod = isBad(spec);
    const containers = containersOf(spec).filter(isBad).map(nameOf);
    if (!pod && containers.length === 0) return undefined;
    const bad = sorted(types);
    const data = [
      ...(bad.length > 0 ? [`${plural('type', 'types', bad.length)} ${joinQuoted(bad)}`] : []),
      ...(user ? ['user may not be set'] : []),
      ...(role ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${setters(pod, containers).join(' and ')} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
      containers,
    };
  };

const validSeccomp = (type: string): boolean => type === 'Localhost' || type === 'RuntimeDefault';

/** Profiles that are set, but to something that is not allowed. */
export function badSeccomp({ spec }: PodToCheck): Violation | undefined {
  const values: string[] = [];
  const isBad = (owner: JsonMap): boolean => {
    const profile = security(owner, 'seccompProfile');
    if (!isSet(profile)) return false;
    const type = textOf(mapOf(profile)['type']);
    if (validSeccomp(type)) return false;
    values.push(type);
    return true;
  };
  const pod = isBad(spec);
  const containers = containersOf(spec).filter(isBad).map(nameOf);
  if (!pod && containers.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `${setters(pod, containers).join(' and ')} must not set securityContext.seccompProfile.type to ${joinQuoted(sorted(values))}`,
    containers,
  };
}

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 the profile was an annotation. */
function seccompAnnotations({ spec, annotations }: PodToCheck): Violation | undefined {
  const valid = (value: string): boolean =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const keys = [seccompPod, ...containersOf(spec).map((container) => seccompContainer + nameOf(container))];
  const forbidden = sorted(
    keys.flatMap((key) => {
      const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      return value === undefined || valid(value) ? [] : [`${key}=${quoted(value)}`];
    }),
  );
  if (forbidden.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', 'annotations', forbidden.length)} ${forbidden.join(', ')}`,
    containers: [],
  };
}

const sysctls1 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctls27 = [...sysctls1, 'net.ipv4.ip_local_reserved_ports'];
const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const sysctls =
  (allowed: readonly string[]) =>
  ({ spec }: PodToCheck): Violation | undefined => {
    const bad = listOf(security(spec, 'sysctls'))
      .map((sysctl) => textOf(mapOf(sysctl)['name']))
      .filter((name) => !allowed.includes(name));
    if (bad.length === 0) return undefined;
    return { reason: 'forbidden sysctls', detail: bad.join(', '), containers: [] };
  };

function windowsHostProcess({ spec }: PodToCheck): Violation | undefined {
  const isBad = (owner: JsonMap): boolean => mapOf(security(owner, 'windowsOptions'))['hostProcess'] === true;
  const containers = containersOf(spec).filter(isBad).map(nameOf);
  const who = setters(isBad(spec), containers);
  if (who.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`,
    containers,
  };
}

export const baselineChecks: readonly PodSecurityCheck[] = [
  { id: 'appArmorProfile', versions: [{ since: 0, check: appArmorProfile }] },
  { id: 'capabilities_baseline', versions: [{ since: 0, check: capabilities }] },
  { id: 'hostNamespaces', versions: [{ since: 0, check: hostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ since: 0, check: hostPathVolumes }] },
  { id: 'hostPorts', versions: [{ since: 0, check: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, check: hostProbes }] },
  { id: 'privileged', versions: [{ since: 0, check: privileged }] },
  {
    id: 'procMount',
    versions: [
      { since: 0, check: procMount },
      { since: 35, check: (pod) => (inUserNamespace(pod.spec) ? undefined : procMount(pod)) },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, check: seLinuxOptions(new Set(seLinuxTypes)) },
      { since: 31, check: seLinuxOptions(new Set([...seLinuxTypes, 'container_engine_t'])) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { since: 0, check: seccompAnnotations },
      { since: 19, check: badSeccomp },
    ],
  },
  {
    id: 'sysctls',
    versions: [
      { since: 0, check: sysctls(sysctls1) },
      { since: 27, check: sysctls(sysctls27) },
      { since: 29, check: sysctls(sysctls29) },
      { since: 32, check: sysctls(sysctls32) },
    ],
  },
  { id: 'windowsHostProcess', versions: [{ since: 0, check: windowsHostProcess }] },
];
