/** Pods and pod templates. Mirrors `ValidatePodSpec`, `ValidatePodCreate` and `ValidatePodTemplateSpec`. */
import { isAddress } from './address.ts';
import { gracePeriodOf, type PodContext, validateAllContainers } from './container.ts';
import { type Errors, faultsOf, type ValidationError } from './error.ts';
import { entries, type Field, get, isSet, isTrue, items, number, size, text, texts } from './field.ts';
import { type Check, isDnsLabel, isDnsSearchPath, isDnsSubdomain, isQualifiedName } from './formats.ts';
import { validateAnnotations, validateLabels } from './metadata.ts';
import { amountOf, toMilli } from './quantity.ts';
import {
  containerResourceNameFault,
  isHugePages,
  podResourceNameFault,
  validateResourceRequirements,
} from './resources.ts';
import { validateScheduling } from './scheduling.ts';
import { validatePodSecurityContext, validateProfileAnnotations } from './security-context.ts';
import { validateVolumes, volumesOf } from './volume.ts';

const { fault, missing, forbidden, duplicate, oneOf } = faultsOf('pod');

/** A Pod of its own. */
export function* validatePod(pod: Field): Errors {
  const spec = get(pod, 'spec');
  yield* validatePodSpec(spec, { podName: text(get(pod, 'metadata', 'name')), isPod: true });
  yield* validatePodAnnotations(get(pod, 'metadata', 'annotations'), spec);
  if (size(get(spec, 'ephemeralContainers')) > 0)
    yield forbidden(get(spec, 'ephemeralContainers'), 'they are added to a pod that runs');
  if (text(get(spec, 'nodeName')) !== '' && size(get(spec, 'schedulingGates')) > 0)
    yield forbidden(get(spec, 'nodeName'), 'the pod has scheduling gates');
  const overhead = get(spec, 'overhead');
  // The admission plugin RuntimeClass compares it with the class, and without a class there is none.
  if (isSet(overhead) && text(get(spec, 'runtimeClassName')) === '')
    yield forbidden(overhead, 'it comes from the RuntimeClass, and the pod names none');
}

/** A template of a workload. `claimTemplates` are the volumes that a StatefulSet adds. */
export function* validatePodTemplate(template: Field, claimTemplates: readonly string[] = []): Errors {
  const spec = get(template, 'spec');
  yield* validateLabels(get(template, 'metadata', 'labels'));
  yield* validateAnnotations(get(template, 'metadata', 'annotations'));
  yield* validatePodAnnotations(get(template, 'metadata', 'annotations'), spec);
  yield* validatePodSpec(spec, { podName: '', isPod: false, claimTemplates });
  if (size(get(spec, 'ephemeralContainers')) > 0)
    yield forbidden(get(spec, 'ephemeralContainers'), 'they are added to a pod that runs, not to a template');
}

/** `ValidatePodSpecificAnnotations`. */
function* validatePodAnnotations(annotations: Field, spec: Field): Errors {
  if (isSet(get(annotations, 'kubernetes.io/config.mirror')) && text(get(spec, 'nodeName')) === '')
    yield fault(
      get(annotations, 'kubernetes.io/config.mirror'),
      'is for pods with spec.nodeName',
      'remove the annotation',
    );
  const cost = get(annotations, 'controller.kubernetes.io/pod-deletion-cost');
  if (cost.value !== undefined && !isInt32(text(cost)))
    yield fault(cost, `is \`${text(cost)}\`, which is no 32-bit number`, 'write a number in quotes');
  const tolerations = get(annotations, 'scheduler.alpha.kubernetes.io/tolerations');
  if (text(tolerations) !== '' && !isJsonList(text(tolerations)))
    yield fault(tolerations, 'is no list of tolerations in JSON', 'use `spec.tolerations`');
  yield* validateProfileAnnotations(annotations, spec);
}

function isJsonList(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed === null || (Array.isArray(parsed) && parsed.every((item) => typeof item === 'object'));
  } catch {
    return false;
  }
}

const isInt32 = (value: string): boolean =>
  /^(?:0|[1-9][0-9]*|-[1-9][0-9]*)$/.test(value) && Math.abs(Number(value)) < 2 ** 31;

interface Options {
  readonly podName: string;
  readonly isPod: boolean;
  readonly claimTemplates?: readonly string[];
}

/** `ValidatePodSpec`. */
function* validatePodSpec(spec: Field, { podName, isPod, claimTemplates = [] }: Options): Errors {
  const volumes = volumesOf(get(spec, 'volumes'));
  for (const name of claimTemplates) volumes.set(name, 'persistentVolumeClaim');
  const claims = new Set(items(get(spec, 'resourceClaims')).map((claim) => text(get(claim, 'name'))));
  const context: PodContext = {
    volumes,
    claims,
    gracePeriod: gracePeriodOf(spec),
    restartPolicy: text(get(spec, 'restartPolicy')) || 'Always',
    hostUsers: get(spec, 'hostUsers').value !== false,
    isPod,
    hostNetwork: isTrue(get(spec, 'hostNetwork')),
  };
  // A StatefulSet's own template replaces a volume of the same name, which is then not looked at.
  yield* validateVolumes(
    { ...get(spec, 'volumes'), value: withoutNames(get(spec, 'volumes').value, claimTemplates) },
    podName,
    isPod,
  );
  yield* validateResourceClaims(get(spec, 'resourceClaims'));
  yield* validateAllContainers(spec, context);
  yield* validatePodResources(spec, claims, isPod);
  yield* validateHost(spec);
  yield* validateChoices(spec);
  yield* validateNames(spec);
  yield* validatePodSecurityContext(spec);
  yield* validateScheduling(spec);
  yield* validateDns(spec);
  yield* validateHostUsers(spec);
  yield* validateOs(spec);
  yield* validateHostProcess(spec);
}

/** Volumes keep their indices, so that faults are blamed on the right one. */
const withoutNames = (volumes: unknown, names: readonly string[]): unknown =>
  names.length === 0 || !Array.isArray(volumes)
    ? volumes
    : volumes.map((volume: unknown, index) =>
        names.includes(text(get({ value: volume, path: [] }, 'name')))
          ? { name: `replaced-${index}` }
          : volume,
      );

/** `validatePodResourceClaim`. */
function* validateResourceClaims(claims: Field): Errors {
  const seen = new Set<string>();
  for (const claim of items(claims)) {
    const name = get(claim, 'name');
    if (text(name) === '') yield missing(name);
    else if (seen.has(text(name))) yield duplicate(name, text(name));
    else yield* checked(name, isDnsLabel);
    seen.add(text(name));
    const sources = ['resourceClaimName', 'resourceClaimTemplateName']
      .map((key) => get(claim, key))
      .filter(isSet);
    if (sources.length !== 1)
      yield fault(
        claim,
        sources.length === 0 ? 'names no claim' : 'names two claims',
        'write one of resourceClaimName and resourceClaimTemplateName',
      );
    for (const source of sources) yield* checked(source, isDnsSubdomain);
  }
}

function* checked(field: Field, check: Check): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, `correct \`${String(field.path.at(-1))}\``);
}

/** `validatePodResources`: resources of the pod as a whole, beside those of its containers. */
function* validatePodResources(spec: Field, claims: ReadonlySet<string>, isPod: boolean): Errors {
  const resources = get(spec, 'resources');
  const overhead = get(spec, 'overhead');
  if (isSet(overhead))
    yield* validateResourceRequirements(
      { value: { limits: overhead.value }, path: overhead.path },
      containerResourceNameFault,
      claims,
    );
  if (!isSet(resources)) return;
  if (text(get(spec, 'os', 'name')) === 'windows')
    return yield forbidden(resources, 'a Windows pod cannot have it');
  if (isSet(get(resources, 'claims')))
    yield forbidden(get(resources, 'claims'), 'claims belong to containers');
  yield* validateResourceRequirements(resources, podResourceNameFault, claims);
  yield* validateSums(spec, resources, isPod);
}

/** `validatePodResourceConsistency`: a pod cannot have less than its containers together. */
function* validateSums(spec: Field, resources: Field, isPod: boolean): Errors {
  for (const [name, request] of entries(get(resources, 'requests'))) {
    const whole = amountOf(request);
    const sum = aggregate(spec, 'requests', name, isPod);
    if (whole !== undefined && sum > toMilli(whole))
      yield fault(
        request,
        `is ${String(request.value)}, and the containers together ask for more`,
        'raise it, or lower theirs',
      );
  }
  for (const [name, limit] of entries(get(resources, 'limits'))) {
    const whole = amountOf(limit);
    if (whole === undefined) continue;
    // What the containers ask for together is what the pod asks for, where it says nothing itself.
    const unsaid = isPod && !isHugePages(name) && !isSet(get(resources, 'requests', name));
    if (unsaid && aggregate(spec, 'requests', name, isPod) > toMilli(whole))
      yield fault(
        limit,
        `is ${String(limit.value)}, and the containers together ask for more`,
        'raise it, or lower their requests',
      );
    if (isHugePages(name) && aggregate(spec, 'limits', name, isPod) > toMilli(whole))
      yield fault(
        limit,
        `is ${String(limit.value)}, and the containers together may use more`,
        'raise it, or lower theirs',
      );
    for (const container of items(get(spec, 'containers'))) {
      const own = get(container, 'resources', 'limits', name);
      const most = amountOf(own);
      if (most !== undefined && toMilli(most) > toMilli(whole))
        yield fault(
          own,
          `is ${String(own.value)}, which is more than the pod's limit of ${String(limit.value)}`,
          'lower it',
        );
    }
  }
}

/** Thousandths: containers and sidecars add up, each other init container needs its own beside the sidecars before it. */
function aggregate(spec: Field, list: 'requests' | 'limits', name: string, isPod: boolean): bigint {
  const of = (container: Field): bigint => {
    const own = amountOf(get(container, 'resources', list, name));
    // In a pod, not in a template, a limit without a request is one.
    const other =
      isPod && list === 'requests' ? amountOf(get(container, 'resources', 'limits', name)) : undefined;
    return toMilli(own ?? other ?? 0n);
  };
  let sidecars = 0n;
  let most = 0n;
  for (const container of items(get(spec, 'initContainers'))) {
    if (text(get(container, 'restartPolicy')) === 'Always') {
      sidecars += of(container);
      if (sidecars > most) most = sidecars;
    } else if (sidecars + of(container) > most) most = sidecars + of(container);
  }
  const running = items(get(spec, 'containers')).reduce((sum, container) => sum + of(container), sidecars);
  return running > most ? running : most;
}

/** `validatePodHostNetworkDeps` and `validatePodHostName`. */
function* validateHost(spec: Field): Errors {
  const hostNetwork = isTrue(get(spec, 'hostNetwork'));
  if (hostNetwork)
    for (const container of items(get(spec, 'containers')))
      for (const port of items(get(container, 'ports'))) {
        const host = number(get(port, 'hostPort')) ?? 0;
        const own = number(get(port, 'containerPort'));
        if (host !== 0 && host !== own)
          yield fault(
            get(port, 'hostPort'),
            `is ${host}, and has to be the containerPort ${own} with \`hostNetwork: true\``,
            `write ${own}, or leave it out`,
          );
      }
  const override = get(spec, 'hostnameOverride');
  if (!isSet(override)) return;
  if (isTrue(get(spec, 'setHostnameAsFQDN'))) yield forbidden(override, 'setHostnameAsFQDN is true');
  if (hostNetwork) yield forbidden(override, 'hostNetwork is true');
  if (text(override).length > 64) yield fault(override, 'is longer than 64 characters', 'shorten it');
  else yield* checked(override, isDnsSubdomain);
}

/** Fields with a few fixed values, and numbers. */
function* validateChoices(spec: Field): Errors {
  for (const [key, allowed] of [
    ['restartPolicy', ['Always', 'OnFailure', 'Never']],
    ['dnsPolicy', ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']],
  ] as const) {
    const field = get(spec, key);
    if (text(field) !== '' && !(allowed as readonly string[]).includes(text(field)))
      yield oneOf(field, allowed);
  }
  const deadline = get(spec, 'activeDeadlineSeconds');
  const seconds = number(deadline);
  if (seconds !== undefined && (seconds < 1 || seconds > 2 ** 31 - 1))
    yield fault(deadline, `is ${seconds}, which is not between 1 and 2147483647`, 'write at least 1');
}

function* validateNames(spec: Field): Errors {
  for (const [key, check] of [
    [text(get(spec, 'serviceAccountName')) === '' ? 'serviceAccount' : 'serviceAccountName', isDnsSubdomain],
    ['hostname', isDnsLabel],
    ['subdomain', isDnsLabel],
  ] as const)
    if (text(get(spec, key)) !== '') yield* checked(get(spec, key), check);
  if (isSet(get(spec, 'runtimeClassName'))) yield* checked(get(spec, 'runtimeClassName'), isDnsSubdomain);
  for (const gate of items(get(spec, 'readinessGates')))
    yield* checked(get(gate, 'conditionType'), isQualifiedName);
}

/** `validatePodDNSConfig` and `ValidateHostAliases`. */
function* validateDns(spec: Field): Errors {
  for (const alias of items(get(spec, 'hostAliases'))) {
    yield* checked(get(alias, 'ip'), isAddress);
    for (const name of items(get(alias, 'hostnames'))) yield* checked(name, isDnsSubdomain);
  }
  const config = get(spec, 'dnsConfig');
  const servers = get(config, 'nameservers');
  if (text(get(spec, 'dnsPolicy')) === 'None' && size(servers) === 0)
    yield missing(servers, '`dnsPolicy: None` leaves the pod without a name server');
  if (size(servers) > 3)
    yield fault(servers, `has ${size(servers)} servers, and at most 3 are allowed`, 'remove some');
  for (const server of items(servers)) yield* checked(server, isAddress);
  const searches = texts(get(config, 'searches'));
  if (searches.length > 32 || searches.map(([name]) => name).join(' ').length > 2048)
    yield fault(get(config, 'searches'), 'has more than 32 entries or 2048 characters', 'remove some');
  for (const [name, item] of searches)
    if (name !== '.') yield* checked({ ...item, value: name.replace(/\.$/, '') }, isDnsSearchPath);
  for (const option of items(get(config, 'options')))
    if (text(get(option, 'name')) === '') yield missing(get(option, 'name'));
}

/** `validateHostUsers`. */
function* validateHostUsers(spec: Field): Errors {
  if (get(spec, 'hostUsers').value !== false) return;
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (isTrue(get(spec, key))) yield forbidden(get(spec, key), '`hostUsers` is false');
  for (const container of allContainers(spec))
    if (size(get(container, 'volumeDevices')) > 0)
      yield forbidden(get(container, 'volumeDevices'), '`hostUsers` is false');
}

const allContainers = (spec: Field): readonly Field[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => items(get(spec, list)));

const notOnWindows = {
  spec: ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'],
  pod: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'seLinuxChangePolicy',
  ],
  container: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ],
} as const;

/** `validateOS`, `validateLinux` and `validateWindows`. */
function* validateOs(spec: Field): Errors {
  const os = get(spec, 'os');
  if (!isSet(os)) return;
  const name = text(get(os, 'name'));
  if (name !== 'linux' && name !== 'windows') return yield oneOf(get(os, 'name'), ['linux', 'windows']);
  const pod = get(spec, 'securityContext');
  const contexts = allContainers(spec).map((container) => get(container, 'securityContext'));
  function* refuse(owner: Field, keys: readonly string[], os: string): Generator<ValidationError> {
    for (const key of keys) {
      const field = get(owner, key);
      // Plain booleans that are false, and empty lists of parameters, are as good as absent.
      const empty =
        (field.value === false && (key === 'hostPID' || key === 'hostIPC')) ||
        (key === 'sysctls' && size(field) === 0);
      if (isSet(field) && !empty) yield forbidden(field, `the pod is for ${os}`);
    }
  }
  if (name === 'linux') {
    for (const owner of [pod, ...contexts]) yield* refuse(owner, ['windowsOptions'], 'Linux');
    return;
  }
  yield* refuse(spec, notOnWindows.spec, 'Windows');
  yield* refuse(pod, notOnWindows.pod, 'Windows');
  for (const context of contexts) yield* refuse(context, notOnWindows.container, 'Windows');
}

/** `validateWindowsHostProcessPod`. */
function* validateHostProcess(spec: Field): Errors {
  const pod = get(spec, 'securityContext', 'windowsOptions', 'hostProcess');
  const containers = allContainers(spec).map((container) =>
    get(container, 'securityContext', 'windowsOptions', 'hostProcess'),
  );
  for (const own of containers)
    if (isSet(pod) && isSet(own) && pod.value !== own.value)
      yield fault(own, 'is not what the pod says', 'write the same in both, or only in one');
  const count = containers.filter((own) => isTrue(isSet(own) ? own : pod)).length;
  if (count === 0) return;
  if (count !== containers.length)
    yield fault(
      get(spec, 'containers'),
      'are partly host processes',
      'make all containers host processes, or none',
    );
  if (!isTrue(get(spec, 'hostNetwork')))
    yield missing(get(spec, 'hostNetwork'), 'host processes need `hostNetwork: true`');
}
