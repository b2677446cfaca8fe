/** Security contexts of pods and containers. Mirrors `ValidateSecurityContext` and `validatePodSpecSecurityContext`. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, isTrue, items, number, text, texts } from './field.ts';
import { isDescendingPath, isDnsSubdomain } from './formats.ts';

const { fault, missing, forbidden, duplicate, oneOf } = faultsOf('security-context');

const largestId = 2 ** 31 - 1;

function* validateId(field: Field): Errors {
  const value = number(field);
  if (value !== undefined && (value < 0 || value > largestId))
    yield fault(
      field,
      `is ${value}, which is not between 0 and ${largestId}`,
      'write the number of a user or group',
    );
}

/** `validateSeccompProfileField`. */
function* validateSeccomp(profile: Field): Errors {
  if (!isSet(profile)) return;
  const type = get(profile, 'type');
  const local = get(profile, 'localhostProfile');
  const types = ['RuntimeDefault', 'Localhost', 'Unconfined'];
  if (!types.includes(text(type))) yield oneOf(type, types);
  if (text(type) !== 'Localhost') {
    if (isSet(local)) yield forbidden(local, `the type is ${text(type) || 'missing'}, not Localhost`);
  } else if (!isSet(local)) yield missing(local, 'the type Localhost needs it');
  else {
    const wrong = isDescendingPath(text(local));
    if (wrong !== undefined)
      yield fault(local, wrong, "write a path relative to the kubelet's profile directory");
  }
}

/** `ValidateAppArmorProfileField`. */
function* validateAppArmor(profile: Field): Errors {
  if (!isSet(profile)) return;
  const type = get(profile, 'type');
  const local = get(profile, 'localhostProfile');
  const types = ['RuntimeDefault', 'Localhost', 'Unconfined'];
  if (!types.includes(text(type))) yield oneOf(type, types);
  else if (text(type) !== 'Localhost') {
    if (isSet(local)) yield forbidden(local, `the type is ${text(type)}, not Localhost`);
  } else if (text(local).trim() === '') yield missing(local, 'the type Localhost needs it');
  else if (text(local) !== text(local).trim())
    yield fault(local, 'begins or ends with white space', 'remove the white space');
  else if (text(local).length > 4095) yield fault(local, 'is longer than 4095 characters', 'shorten it');
}

/** `ValidateSecurityContext` of a container. */
export function* validateSecurityContext(context: Field, hostUsers: boolean): Errors {
  if (!isSet(context)) return;
  yield* validateId(get(context, 'runAsUser'));
  yield* validateId(get(context, 'runAsGroup'));
  const proc = get(context, 'procMount');
  if (isSet(proc) && !['Default', 'Unmasked'].includes(text(proc)))
    yield oneOf(proc, ['Default', 'Unmasked']);
  if (text(proc) === 'Unmasked' && hostUsers)
    yield fault(
      proc,
      'is Unmasked, which needs `hostUsers: false` in the pod',
      'write Default, or set `hostUsers: false`',
    );
  yield* validateSeccomp(get(context, 'seccompProfile'));
  yield* validateAppArmor(get(context, 'appArmorProfile'));
  yield* validateWindowsOptions(get(context, 'windowsOptions'));
  const escalation = get(context, 'allowPrivilegeEscalation');
  if (escalation.value !== false) return;
  if (isTrue(get(context, 'privileged')))
    yield fault(
      escalation,
      'is false, and `privileged` is true',
      'remove `privileged: true`, or allow the escalation',
    );
  for (const [name, item] of texts(get(context, 'capabilities', 'add')))
    if (name === 'CAP_SYS_ADMIN')
      yield fault(item, 'is CAP_SYS_ADMIN, and `allowPrivilegeEscalation` is false', 'remove one of them');
}

const sysctlName = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const ipcSysctls: ReadonlySet<string> = new Set([
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.shm',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.msg',
]);

/** `validatePodSpecSecurityContext`; the host's namespaces stand in the pod's spec. */
export function* validatePodSecurityContext(spec: Field): Errors {
  const context = get(spec, 'securityContext');
  if (isTrue(get(spec, 'shareProcessNamespace')) && isTrue(get(spec, 'hostPID')))
    yield fault(
      get(spec, 'shareProcessNamespace'),
      'and `hostPID` cannot both be true',
      'remove one of them',
    );
  if (!isSet(context)) return;
  for (const key of ['fsGroup', 'runAsUser', 'runAsGroup']) yield* validateId(get(context, key));
  for (const group of items(get(context, 'supplementalGroups'))) yield* validateId(group);
  for (const [key, allowed] of [
    ['fsGroupChangePolicy', ['Always', 'OnRootMismatch']],
    ['supplementalGroupsPolicy', ['Merge', 'Strict']],
    // MountOption is behind the feature gate SELinuxMount, which is off.
    ['seLinuxChangePolicy', ['Recursive']],
  ] as const) {
    const field = get(context, key);
    if (isSet(field) && !(allowed as readonly string[]).includes(text(field))) yield oneOf(field, allowed);
  }
  yield* validateSysctls(get(context, 'sysctls'), spec);
  yield* validateSeccomp(get(context, 'seccompProfile'));
  yield* validateAppArmor(get(context, 'appArmorProfile'));
  yield* validateWindowsOptions(get(context, 'windowsOptions'));
}

/** `validateSysctls`. */
function* validateSysctls(sysctls: Field, spec: Field): Errors {
  const seen = new Set<string>();
  for (const sysctl of items(sysctls)) {
    const field = get(sysctl, 'name');
    const name = text(field);
    if (name === '') yield missing(field);
    else if (name.length > 253 || !sysctlName.test(name))
      yield fault(
        field,
        `is \`${name}\`, which is no name of a kernel parameter`,
        'write a name such as `net.core.somaxconn`',
      );
    else if (seen.has(name)) yield duplicate(field, name);
    seen.add(name);
    const dotted = dottedSysctl(name);
    if (dotted.startsWith('net.') && isTrue(get(spec, 'hostNetwork')))
      yield fault(
        field,
        `is \`${name}\`, which belongs to the host with \`hostNetwork\``,
        'remove it, or `hostNetwork`',
      );
    if ((ipcSysctls.has(dotted) || dotted.startsWith('fs.mqueue.')) && isTrue(get(spec, 'hostIPC')))
      yield fault(
        field,
        `is \`${name}\`, which belongs to the host with \`hostIPC\``,
        'remove it, or `hostIPC`',
      );
  }
}

/** `NormalizeName`: where a slash comes first, slashes and dots change places. */
function dottedSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== '/') return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** `validateWindowsSecurityContextOptions`. */
function* validateWindowsOptions(options: Field): Errors {
  if (!isSet(options)) return;
  const name = get(options, 'gmsaCredentialSpecName');
  const wrong = isSet(name) ? isDnsSubdomain(text(name)) : undefined;
  if (wrong !== undefined) yield fault(name, wrong, 'write the name of a GMSACredentialSpec');
  const spec = get(options, 'gmsaCredentialSpec');
  if (isSet(spec) && text(spec) === '') yield missing(spec);
  else if (text(spec).length > 65_536) yield fault(spec, 'is longer than 64 KiB', 'shorten it');
  const user = get(options, 'runAsUserName');
  if (isSet(user) && !isWindowsUser(text(user)))
    yield fault(user, `is \`${text(user)}\`, which is no Windows user`, 'write `DOMAIN\\user` or `user`');
}

function isWindowsUser(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (name === '' || /[\u0000-\u001f\u007f]/.test(name)) return false;
  const parts = name.split('\\');
  const user = parts.at(-1) ?? '';
  if (parts.length > 2 || user === '' || user.length > 104 || /^[. ]+$/.test(user)) return false;
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) return false;
  const domain = parts.length === 2 ? parts[0] : undefined;
  if (domain === undefined) return true;
  const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
  return (
    domain.length > 0 &&
    domain.length < 256 &&
    (/^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/.test(domain) ||
      new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`).test(domain))
  );
}

/** Annotations that said the same before there were fields have to agree with them. `validateSeccompAnnotationsAndFields`. */
export function* validateProfileAnnotations(annotations: Field, spec: Field): Errors {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    items(get(spec, list)),
  );
  const names = new Set(containers.map((container) => text(get(container, 'name'))));
  for (const [key, field] of entries(annotations)) {
    const value = text(field);
    if (key === seccompPod || key.startsWith(seccompContainer)) {
      const ok = ['runtime/default', 'docker/default', 'unconfined'].includes(value) || isLocalSeccomp(value);
      if (!ok)
        yield fault(
          field,
          `is \`${value}\`, which is no seccomp profile`,
          'use `securityContext.seccompProfile` instead',
        );
    }
    if (key.startsWith(appArmor)) {
      if (!names.has(key.slice(appArmor.length)))
        yield fault(field, 'names a container that the pod does not have', 'remove the annotation');
      if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith('localhost/'))
        yield fault(
          field,
          `is \`${value}\`, which is no AppArmor profile`,
          'use `securityContext.appArmorProfile` instead',
        );
    }
  }
  const pod = get(spec, 'securityContext');
  yield* mustAgree(get(pod, 'seccompProfile'), get(annotations, seccompPod));
  for (const container of containers) {
    const name = text(get(container, 'name'));
    const context = get(container, 'securityContext');
    yield* mustAgree(get(context, 'seccompProfile'), get(annotations, `${seccompContainer}${name}`));
    const own = get(context, 'appArmorProfile');
    if (text(get(spec, 'os', 'name')) !== 'windows')
      yield* mustAgree(
        isSet(own) ? own : get(pod, 'appArmorProfile'),
        get(annotations, `${appArmor}${name}`),
      );
  }
}

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

const isLocalSeccomp = (value: string): boolean =>
  value.startsWith('localhost/') && isDescendingPath(value.slice('localhost/'.length)) === undefined;

function* mustAgree(profile: Field, annotation: Field): Errors {
  if (!isSet(profile) || annotation.value === undefined) return;
  const value = text(annotation);
  const agrees =
    {
      Unconfined: value === 'unconfined',
      RuntimeDefault:
        value === 'runtime/default' ||
        (value === 'docker/default' && !profile.path.includes('appArmorProfile')),
      Localhost: value === `localhost/${text(get(profile, 'localhostProfile'))}`,
    }[text(get(profile, 'type'))] ?? true;
  if (!agrees)
    yield fault(
      annotation,
      `is \`${value}\`, and the field of the same meaning says something else`,
      'remove the annotation',
    );
}
