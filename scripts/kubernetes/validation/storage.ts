/** PersistentVolumes, their classes and drivers. Mirrors `ValidatePersistentVolumeSpec` and pkg/apis/storage/validation. */
import { posix } from 'node:path';
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import { isDnsSubdomain, isQualifiedName } from './formats.ts';
import {
  validateAccessModes,
  validateClaimSpec,
  validateClassName,
  validateVolumeMode,
} from './persistent-volume-claim.ts';
import { quantity, unitValue } from './quantity.ts';
import { validateNodeSelector } from './scheduling.ts';
import { validateLabelSelector } from './selector.ts';
import { persistentSources, sourceContext, validateDriverName } from './volume-source.ts';

const faults = faultsOf('storage');
const { fault, missing, forbidden, oneOf, duplicate } = faults;

export function* validatePersistentVolumeClaim(object: Field): Errors {
  yield* validateClaimSpec(get(object, 'spec'), true);
}

export function* validatePersistentVolume(object: Field): Errors {
  yield* validateVolumeSpec(get(object, 'spec'), text(get(object, 'metadata', 'name')));
}

function* validateVolumeSpec(spec: Field, name: string): Errors {
  yield* validateAccessModes(get(spec, 'accessModes'));
  yield* validateCapacity(get(spec, 'capacity'));
  const reclaim = get(spec, 'persistentVolumeReclaimPolicy');
  const policies = ['Delete', 'Recycle', 'Retain'];
  if (text(reclaim) !== '' && !policies.includes(text(reclaim))) yield oneOf(reclaim, policies);
  const affinity = get(spec, 'nodeAffinity');
  if (isSet(affinity)) {
    const required = get(affinity, 'required');
    if (isSet(required)) yield* validateNodeSelector(required);
    else yield missing(required, 'a nodeAffinity says which nodes');
  }
  const present = Object.keys(persistentSources).filter((kind) => isSet(get(spec, kind)));
  if (present.length === 0)
    yield fault(spec, 'has no source', 'write one, such as hostPath, local, nfs or csi');
  // Upstream does not count flexVolume with the sources that it looks at before.
  const counted = present.filter(
    (kind) => kind !== 'flexVolume' || present.some((other) => afterFlexVolume.includes(other)),
  );
  if (counted.length > 1)
    yield fault(spec, `has ${present.join(' and ')}, and only one source is allowed`, 'write one source');
  for (const kind of present)
    yield* persistentSources[kind]?.(get(spec, kind), sourceContext('storage', true, name)) ?? [];
  if (present.includes('local') && !isSet(affinity)) yield missing(affinity, 'a local volume is on one node');
  const path = text(get(spec, 'hostPath', 'path'));
  if (path !== '' && posix.normalize(path).replace(/(.)\/$/, '$1') === '/' && text(reclaim) === 'Recycle')
    yield fault(reclaim, 'is Recycle for the path `/`, which would erase the node', 'write Retain');
  yield* validateClassName(get(spec, 'storageClassName'));
  yield* validateVolumeMode(get(spec, 'volumeMode'));
  const attributes = get(spec, 'volumeAttributesClassName');
  if (!isSet(attributes)) return;
  if (text(attributes) === '') yield missing(attributes);
  yield* validateClassName(attributes);
  if (!present.includes('csi'))
    yield missing(get(spec, 'csi'), 'volumeAttributesClassName is for CSI volumes');
}

const afterFlexVolume = [
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
];

function* validateCapacity(capacity: Field): Errors {
  const all = entries(capacity);
  if (!isSet(get(capacity, 'storage'))) yield missing(get(capacity, 'storage'), 'a volume has a size');
  for (const [name, field] of all) {
    if (name !== 'storage') yield forbidden(field, 'a volume has storage and nothing else');
    if ((quantity(field) ?? 1n) <= 0n || (unitValue(field.value) ?? 0n) < 0n)
      yield fault(field, `is ${String(field.value)}, which is not more than 0`, 'write a size such as 10Gi');
  }
}

function* validateProvisioner(field: Field): Errors {
  if (text(field) === '') return yield missing(field);
  const wrong = isQualifiedName(text(field).toLowerCase());
  if (wrong !== undefined)
    yield fault(field, wrong, 'write the name of a provisioner, such as `kubernetes.io/no-provisioner`');
}

function* validateParameters(field: Field): Errors {
  const all = entries(field);
  if (all.length > 512) return yield fault(field, 'has more than 512 entries', 'remove some');
  const bytes = all.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text(value)),
    0,
  );
  if (bytes > 256 * 1024)
    yield fault(field, `has ${bytes} bytes, and at most 262144 are allowed`, 'shorten it');
  for (const [key, value] of all) if (key === '') yield fault(value, 'has an empty name', 'write a name');
}

export function* validateStorageClass(object: Field): Errors {
  yield* validateProvisioner(get(object, 'provisioner'));
  yield* validateParameters(get(object, 'parameters'));
  const reclaim = get(object, 'reclaimPolicy');
  if (text(reclaim) !== '' && !['Delete', 'Retain'].includes(text(reclaim)))
    yield oneOf(reclaim, ['Delete', 'Retain']);
  const mode = get(object, 'volumeBindingMode');
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (isSet(mode) && !modes.includes(text(mode))) yield oneOf(mode, modes);
  const seen = new Set<string>();
  for (const term of items(get(object, 'allowedTopologies'))) {
    const keys = new Set<string>();
    for (const expression of items(get(term, 'matchLabelExpressions'))) {
      const key = get(expression, 'key');
      const values = texts(get(expression, 'values'));
      if (values.length === 0) yield missing(get(expression, 'values'));
      for (const [index, [value, item]] of values.entries())
        if (values.findIndex(([other]) => other === value) !== index) yield duplicate(item, value);
      const wrong = isQualifiedName(text(key));
      if (wrong !== undefined) yield fault(key, wrong, 'write the key of a node label');
      if (keys.has(text(key))) yield duplicate(key, text(key));
      keys.add(text(key));
    }
    if (keys.size === 0)
      yield missing(get(term, 'matchLabelExpressions'), 'a topology names at least one label');
    const whole = JSON.stringify(
      items(get(term, 'matchLabelExpressions'))
        .map((item) => [
          text(get(item, 'key')),
          texts(get(item, 'values'))
            .map(([value]) => value)
            .sort(),
        ])
        .sort(),
    );
    if (seen.has(whole)) yield duplicate(term, 'the same topology');
    seen.add(whole);
  }
}

export function* validateVolumeAttributesClass(object: Field): Errors {
  yield* validateProvisioner(get(object, 'driverName'));
  yield* validateParameters(get(object, 'parameters'));
  if (size(get(object, 'parameters')) === 0)
    yield missing(get(object, 'parameters'), 'at least one is needed');
}

export function* validateCsiDriver(object: Field): Errors {
  const spec = get(object, 'spec');
  const policy = get(spec, 'fsGroupPolicy');
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  if (isSet(policy) && !policies.includes(text(policy))) yield oneOf(policy, policies);
  for (const [mode, item] of texts(get(spec, 'volumeLifecycleModes')))
    if (!['Persistent', 'Ephemeral'].includes(mode)) yield oneOf(item, ['Persistent', 'Ephemeral']);
  const requests = get(spec, 'tokenRequests');
  const seen = new Set<string>();
  for (const request of items(requests)) {
    const audience = text(get(request, 'audience'));
    if (seen.has(audience)) yield duplicate(get(request, 'audience'), audience);
    seen.add(audience);
    const expiration = get(request, 'expirationSeconds');
    const seconds = number(expiration);
    if (seconds !== undefined && (seconds < 600 || seconds > 2 ** 32))
      yield fault(expiration, `is ${seconds}, which is not between 600 and 4294967296`, 'write at least 600');
  }
  const period = get(spec, 'nodeAllocatableUpdatePeriodSeconds');
  if ((number(period) ?? 10) < 10)
    yield fault(period, `is ${number(period)}, which is less than 10`, 'write at least 10');
  const inSecrets = get(spec, 'serviceAccountTokenInSecrets');
  if (isSet(inSecrets) && size(requests) === 0) yield forbidden(inSecrets, 'there are no tokenRequests');
}

export function* validateCsiNode(object: Field): Errors {
  const names = new Set<string>();
  for (const driver of items(get(object, 'spec', 'drivers'))) {
    const name = get(driver, 'name');
    yield* validateDriverName(name, faults);
    if (names.has(text(name))) yield duplicate(name, text(name));
    names.add(text(name));
    const node = get(driver, 'nodeID');
    if (text(node) === '') yield missing(node);
    if (text(node).length > 256) yield fault(node, 'is longer than 256 characters', 'shorten it');
    const count = get(driver, 'allocatable', 'count');
    if ((number(count) ?? 0) < 0) yield fault(count, 'is negative', 'write 0 or more');
    const keys = new Set<string>();
    for (const [key, item] of texts(get(driver, 'topologyKeys'))) {
      if (keys.has(key)) yield duplicate(item, key);
      keys.add(key);
      const wrong = isQualifiedName(key);
      if (wrong !== undefined) yield fault(item, wrong, 'write the key of a node label');
    }
  }
}

export function* validateCsiStorageCapacity(object: Field): Errors {
  yield* validateLabelSelector(get(object, 'nodeTopology'));
  const name = get(object, 'storageClassName');
  const wrong = isDnsSubdomain(text(name));
  if (wrong !== undefined) yield fault(name, wrong, 'write the name of a StorageClass');
  if ((quantity(get(object, 'capacity')) ?? 0n) < 0n)
    yield fault(get(object, 'capacity'), 'is negative', 'write 0 or more');
}

export function* validateVolumeAttachment(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateDriverName(get(spec, 'attacher'), faults);
  const node = isDnsSubdomain(text(get(spec, 'nodeName')));
  if (node !== undefined) yield fault(get(spec, 'nodeName'), node, 'write the name of a node');
  const name = get(spec, 'source', 'persistentVolumeName');
  const inline = get(spec, 'source', 'inlineVolumeSpec');
  if (isSet(name) === isSet(inline))
    yield fault(
      get(spec, 'source'),
      'has not exactly one of persistentVolumeName and inlineVolumeSpec',
      'write one of them',
    );
  const wrong = isSet(name) ? isDnsSubdomain(text(name)) : undefined;
  if (wrong !== undefined) yield fault(name, wrong, 'write the name of a PersistentVolume');
}
