/** Volumes of pods and what containers mount. Mirrors `ValidateVolumes` and `ValidateVolumeMounts`. */

import { didYouMean } from '../../text/nearest.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, items, number, text } from './field.ts';
import { validateFieldReference, validateResourceFieldReference } from './field-reference.ts';
import {
  hasNoBacksteps,
  isDescendingPath,
  isDnsLabel,
  isDnsSubdomain,
  isNonReservedPath,
} from './formats.ts';
import { validateTemplateMetadata } from './metadata.ts';
import { validateClaimSpec } from './persistent-volume-claim.ts';
import { quantity } from './quantity.ts';
import { type SourceValidator, sharedSources, sourceContext } from './volume-source.ts';

const { fault, missing, forbidden, duplicate, oneOf } = faultsOf('volume');
const mounts = faultsOf('volume-mount');

/** What a container may mount: the names of the volumes, each with the kind of its source. */
export type Volumes = ReadonlyMap<string, string>;

function* validateMode(mode: Field): Errors {
  const value = number(mode);
  if (value !== undefined && (value < 0 || value > 0o777))
    yield fault(
      mode,
      `is ${value}, which is not between 0 and 511 (0777)`,
      'write a mode such as 420 (0644)',
    );
}

/** `validateKeyToPath`. */
function* validateKeys(keys: Field): Errors {
  for (const item of items(keys)) {
    if (text(get(item, 'key')) === '') yield missing(get(item, 'key'));
    yield* validateFilePath(get(item, 'path'));
    yield* validateMode(get(item, 'mode'));
  }
}

function* validateFilePath(path: Field): Errors {
  if (text(path) === '') return yield missing(path);
  const wrong = isNonReservedPath(text(path));
  if (wrong !== undefined) yield fault(path, wrong, 'write a relative path without `..`');
}

const keyed = (nameField: string): SourceValidator =>
  function* (source) {
    if (text(get(source, nameField)) === '') yield missing(get(source, nameField));
    yield* validateMode(get(source, 'defaultMode'));
    yield* validateKeys(get(source, 'items'));
  };

/** `validateDownwardAPIVolumeFile`. */
function* validateDownwardFile(file: Field): Errors {
  yield* validateFilePath(get(file, 'path'));
  const field = get(file, 'fieldRef');
  const resource = get(file, 'resourceFieldRef');
  if (isSet(field)) {
    yield* validateFieldReference(field, 'volume');
    if (isSet(resource)) yield forbidden(resource, 'fieldRef is set too, and only one of them is allowed');
  } else if (isSet(resource)) yield* validateResourceFieldReference(resource, 'volume');
  else yield missing(field, 'either fieldRef or resourceFieldRef is needed');
  yield* validateMode(get(file, 'mode'));
}

const downwardAPI: SourceValidator = function* (source) {
  yield* validateMode(get(source, 'defaultMode'));
  for (const file of items(get(source, 'items'))) yield* validateDownwardFile(file);
};

/** `validateProjectionSources`. */
const projected: SourceValidator = function* (source) {
  yield* validateMode(get(source, 'defaultMode'));
  const paths = new Set<string>();
  function* claim(path: Field): Errors {
    if (text(path) === '') return;
    if (paths.has(text(path))) yield duplicate(path, text(path));
    paths.add(text(path));
  }
  for (const projection of items(get(source, 'sources'))) {
    const present = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'].filter((kind) =>
      isSet(get(projection, kind)),
    );
    if (present.length > 1)
      yield fault(
        projection,
        `has ${present.join(' and ')}, and only one is allowed`,
        'write one source in each entry',
      );
    for (const kind of ['secret', 'configMap'] as const) {
      if (!present.includes(kind)) continue;
      const from = get(projection, kind);
      if (text(get(from, 'name')) === '') yield missing(get(from, 'name'));
      yield* validateKeys(get(from, 'items'));
      for (const item of items(get(from, 'items'))) yield* claim(get(item, 'path'));
    }
    for (const file of items(get(projection, 'downwardAPI', 'items'))) {
      yield* validateDownwardFile(file);
      yield* claim(get(file, 'path'));
    }
    if (present.includes('serviceAccountToken')) yield* validateToken(get(projection, 'serviceAccountToken'));
  }
};

function* validateToken(token: Field): Errors {
  const seconds = number(get(token, 'expirationSeconds'));
  if (seconds !== undefined && (seconds < 600 || seconds > 2 ** 32))
    yield fault(
      get(token, 'expirationSeconds'),
      `is ${seconds}, which is not between 600 and 4294967296`,
      'write at least 600',
    );
  yield* validateFilePath(get(token, 'path'));
}

const emptyDir: SourceValidator = function* (source) {
  const limit = get(source, 'sizeLimit');
  if ((quantity(limit) ?? 0n) < 0n) yield fault(limit, 'is negative', 'write a positive size or none');
};

const gitRepo: SourceValidator = function* (source) {
  if (text(get(source, 'repository')) === '') yield missing(get(source, 'repository'));
  const directory = get(source, 'directory');
  const wrong = isDescendingPath(text(directory));
  if (wrong !== undefined) yield fault(directory, wrong, 'write a relative path without `..`');
};

const ephemeral: SourceValidator = function* (source) {
  const template = get(source, 'volumeClaimTemplate');
  if (!isSet(template)) return yield missing(template);
  yield* validateTemplateMetadata(get(template, 'metadata'));
  yield* validateClaimSpec(get(template, 'spec'));
};

const persistentVolumeClaim: SourceValidator = function* (source) {
  if (text(get(source, 'claimName')) === '') yield missing(get(source, 'claimName'));
};

const image: SourceValidator = function* (source) {
  const policy = get(source, 'pullPolicy');
  const policies = ['Always', 'IfNotPresent', 'Never'];
  if (text(policy) !== '' && !policies.includes(text(policy))) yield oneOf(policy, policies);
};

const podSources: Readonly<Record<string, SourceValidator>> = {
  ...sharedSources,
  emptyDir,
  gitRepo,
  secret: keyed('secretName'),
  configMap: keyed('name'),
  persistentVolumeClaim,
  downwardAPI,
  projected,
  ephemeral,
  image,
};

/** Kinds of volumes by name; those at fault count too, so that one fault is not told twice. */
export function volumesOf(volumes: Field): Map<string, string> {
  const result = new Map<string, string>();
  for (const volume of items(volumes)) {
    const kinds = Object.keys(podSources).filter((kind) => isSet(get(volume, kind)));
    if (text(get(volume, 'name')) !== '') result.set(text(get(volume, 'name')), kinds[0] ?? 'emptyDir');
  }
  return result;
}

/** `ValidateVolumes`. `podName` is empty in a template. */
export function* validateVolumes(volumes: Field, podName: string, isPod: boolean): Errors {
  const seen = new Set<string>();
  const made = new Set<string>();
  for (const volume of items(volumes))
    if (isSet(get(volume, 'ephemeral'))) made.add(`${podName}-${text(get(volume, 'name'))}`);
  for (const volume of items(volumes)) {
    const name = get(volume, 'name');
    if (text(name) === '') yield missing(name);
    else {
      const wrong = isDnsLabel(text(name));
      if (wrong !== undefined) yield fault(name, wrong, 'rename the volume');
      if (seen.has(text(name))) yield duplicate(name, text(name));
      seen.add(text(name));
    }
    yield* validateSource(volume, podName, isPod);
    const claim = get(volume, 'persistentVolumeClaim', 'claimName');
    if (podName !== '' && made.has(text(claim)))
      yield fault(
        claim,
        `is \`${text(claim)}\`, which is made for an ephemeral volume of the pod`,
        'name another claim',
      );
  }
}

function* validateSource(volume: Field, podName: string, isPod: boolean): Errors {
  // A volume without any source is an emptyDir: the server fills it in.
  const present = Object.keys(podSources).filter((kind) => isSet(get(volume, kind)));
  if (present.length > 1)
    yield fault(
      volume,
      `has ${present.join(' and ')}, and only one source is allowed`,
      'write one source for each volume',
    );
  const name = text(get(volume, 'name'));
  for (const kind of present)
    yield* podSources[kind]?.(get(volume, kind), sourceContext('volume', false, name)) ?? [];
  if (isPod && present.includes('image') && text(get(volume, 'image', 'reference')) === '')
    yield missing(get(volume, 'image', 'reference'));
  if (present.includes('ephemeral') && podName !== '' && name !== '') {
    const wrong = isDnsSubdomain(`${podName}-${name}`);
    if (wrong !== undefined)
      yield fault(
        get(volume, 'name'),
        `makes the claim \`${podName}-${name}\`, whose name ${wrong}`,
        'rename the volume',
      );
  }
}

/** `ValidateVolumeMounts` and `ValidateVolumeDevices` of one container. */
export function* validateMounts(container: Field, volumes: Volumes): Errors {
  const devices = new Map(
    items(get(container, 'volumeDevices')).map((item) => [
      text(get(item, 'name')),
      text(get(item, 'devicePath')),
    ]),
  );
  const paths = new Set<string>();
  for (const mount of items(get(container, 'volumeMounts'))) {
    yield* validateVolumeName(get(mount, 'name'), volumes);
    const path = get(mount, 'mountPath');
    if (text(path) === '') yield mounts.missing(path);
    else if (paths.has(text(path))) yield mounts.duplicate(path, text(path));
    paths.add(text(path));
    if (devices.has(text(get(mount, 'name'))))
      yield mounts.fault(
        get(mount, 'name'),
        'is a volume that the container has as a device too',
        'use it as one or the other',
      );
    if ([...devices.values()].includes(text(path)))
      yield mounts.fault(
        path,
        `is \`${text(path)}\`, where the container has a device`,
        'mount each volume at its own path',
      );
    yield* validateMountOptions(mount, container);
  }
  yield* validateDevices(container, volumes);
}

function* validateVolumeName(name: Field, volumes: Volumes): Errors {
  if (text(name) === '') yield mounts.missing(name);
  else if (!volumes.has(text(name)))
    yield mounts.fault(
      name,
      `is \`${text(name)}\`, and the pod has no such volume${didYouMean(text(name), volumes.keys())}`,
      `add the volume \`${text(name)}\`, or name ${volumes.size === 0 ? 'one that is there' : `one of ${[...volumes.keys()].join(', ')}`}`,
    );
}

function* validateMountOptions(mount: Field, container: Field): Errors {
  for (const key of ['subPath', 'subPathExpr'] as const) {
    const field = get(mount, key);
    const wrong = isDescendingPath(text(field));
    if (text(field) !== '' && wrong !== undefined)
      yield mounts.fault(field, wrong, 'write a relative path without `..`');
  }
  if (text(get(mount, 'subPath')) !== '' && text(get(mount, 'subPathExpr')) !== '')
    yield mounts.forbidden(get(mount, 'subPathExpr'), 'subPath is set too, and only one of them is allowed');
  const propagation = get(mount, 'mountPropagation');
  const propagations = ['None', 'HostToContainer', 'Bidirectional'];
  if (isSet(propagation) && !propagations.includes(text(propagation)))
    yield mounts.oneOf(propagation, propagations);
  if (text(propagation) === 'Bidirectional' && !isTrue(get(container, 'securityContext', 'privileged')))
    yield mounts.fault(
      propagation,
      'is Bidirectional, which only a privileged container may have',
      'write HostToContainer or None',
    );
  const recursive = get(mount, 'recursiveReadOnly');
  if (!isSet(recursive) || text(recursive) === 'Disabled') return;
  const values = ['Disabled', 'IfPossible', 'Enabled'];
  if (!values.includes(text(recursive))) return yield mounts.oneOf(recursive, values);
  if (!isTrue(get(mount, 'readOnly'))) yield mounts.forbidden(recursive, 'the mount is not readOnly');
  if (isSet(propagation) && text(propagation) !== 'None')
    yield mounts.forbidden(recursive, 'mountPropagation is not None');
}

function* validateDevices(container: Field, volumes: Volumes): Errors {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const device of items(get(container, 'volumeDevices'))) {
    const name = get(device, 'name');
    const path = get(device, 'devicePath');
    yield* validateVolumeName(name, volumes);
    const kind = volumes.get(text(name));
    if (kind !== undefined && kind !== 'persistentVolumeClaim' && kind !== 'ephemeral')
      yield mounts.fault(
        name,
        `is a volume of the kind ${kind}, and only claims can be block devices`,
        'use `volumeMounts`',
      );
    if (names.has(text(name))) yield mounts.duplicate(name, text(name));
    names.add(text(name));
    if (text(path) === '') yield mounts.missing(path);
    else if (paths.has(text(path))) yield mounts.duplicate(path, text(path));
    paths.add(text(path));
    const wrong = hasNoBacksteps(text(path));
    if (wrong !== undefined) yield mounts.fault(path, wrong, 'write the path without `..`');
  }
}

/** `validateFileKeyRefVolumes`: variables that are read from files want an emptyDir. */
export function* validateFileVolumes(container: Field, volumes: Volumes): Errors {
  for (const variable of items(get(container, 'env'))) {
    const volume = get(variable, 'valueFrom', 'fileKeyRef', 'volumeName');
    if (text(volume) === '') continue;
    const kind = volumes.get(text(volume));
    if (kind === undefined) yield* validateVolumeName(volume, volumes);
    else if (kind !== 'emptyDir')
      yield mounts.fault(
        volume,
        `is a volume of the kind ${kind}, and has to be an emptyDir`,
        'name an emptyDir',
      );
  }
}
