/** The sources of volumes that pods and PersistentVolumes share. Mirrors the `validate…VolumeSource` functions of pkg/apis/core/validation. */
import { type Errors, type Faults, faultsOf, type ValidationCode } from './error.ts';
import { entries, type Field, get, isSet, isTrue, number, size, text } from './field.ts';
import { hasNoBacksteps, isDnsLabel, isDnsSubdomain } from './formats.ts';

export type SourceValidator = (source: Field, context: SourceContext) => Errors;

/** Where a source stands. Some want a namespace beside a Secret's name only in a PersistentVolume. */
export interface SourceContext {
  readonly faults: Faults;
  readonly persistent: boolean;
  /** Name of the volume, or of the PersistentVolume. */
  readonly name: string;
}

export const sourceContext = (code: ValidationCode, persistent: boolean, name: string): SourceContext => ({
  faults: faultsOf(code),
  persistent,
  name,
});

/** A source that only needs some fields to be there. */
const requires = (...fields: readonly string[]): SourceValidator =>
  function* (source, { faults }) {
    for (const field of fields) if (isEmpty(get(source, field))) yield faults.missing(get(source, field));
  };

const isEmpty = (field: Field): boolean => text(field) === '' && size(field) === 0;

/** Fields that are not there have the zero value, and so do those that are: a partition of 0 is none. */
function* inRange(field: Field, low: number, high: number, { faults }: SourceContext): Errors {
  const value = number(field) ?? 0;
  if (value < low || value > high)
    yield faults.fault(
      field,
      `is ${value}, which is not between ${low} and ${high}`,
      `write a number from ${low} to ${high}`,
    );
}

const disk = (name: string): SourceValidator =>
  function* (source, context) {
    yield* requires(name)(source, context);
    yield* inRange(get(source, 'partition'), 0, 255, context);
  };

const hostPath: SourceValidator = function* (source, context) {
  yield* requires('path')(source, context);
  yield* noBacksteps(get(source, 'path'), context);
  const type = get(source, 'type');
  const types = [
    'DirectoryOrCreate',
    'Directory',
    'FileOrCreate',
    'File',
    'Socket',
    'CharDevice',
    'BlockDevice',
  ];
  if (text(type) !== '' && !types.includes(text(type))) yield context.faults.oneOf(type, types);
};

function* noBacksteps(path: Field, { faults }: SourceContext): Errors {
  const wrong = hasNoBacksteps(text(path));
  if (wrong !== undefined) yield faults.fault(path, wrong, 'write the path without `..`');
}

const nfs: SourceValidator = function* (source, context) {
  yield* requires('server', 'path')(source, context);
  const path = get(source, 'path');
  if (text(path) !== '' && !text(path).startsWith('/'))
    yield context.faults.fault(
      path,
      `is \`${text(path)}\`, and only an absolute path is allowed`,
      `write \`/${text(path)}\``,
    );
};

const iscsiNames: readonly (readonly [string, RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
];

function* iscsiName(field: Field, { faults }: SourceContext): Errors {
  const known = iscsiNames.find(([prefix]) => text(field).startsWith(prefix));
  if (known?.[1].test(text(field)) !== true)
    yield faults.fault(
      field,
      `is \`${text(field)}\`, which is no iSCSI name`,
      'write a name such as `iqn.2015-02.example.com:storage`',
    );
}

const iscsi: SourceValidator = function* (source, context) {
  yield* requires('targetPortal', 'iqn')(source, context);
  const iqn = get(source, 'iqn');
  if (text(iqn) !== '') yield* iscsiName(iqn, context);
  yield* inRange(get(source, 'lun'), 0, 255, context);
  const secret = get(source, 'secretRef');
  if ((isTrue(get(source, 'chapAuthDiscovery')) || isTrue(get(source, 'chapAuthSession'))) && !isSet(secret))
    yield context.faults.missing(secret, 'CHAP needs a Secret');
  if (context.persistent && isSet(secret)) yield* requires('name')(secret, context);
  const initiator = get(source, 'initiatorName');
  if (!isSet(initiator)) return;
  yield* iscsiName(initiator, context);
  if (`${context.name}:${text(get(source, 'targetPortal'))}`.length > 64)
    yield context.faults.fault(
      initiator,
      'makes the name of the interface longer than 64 characters',
      'shorten the name of the volume',
    );
};

const fibreChannel: SourceValidator = function* (source, context) {
  const names = get(source, 'targetWWNs');
  const identifiers = get(source, 'wwids');
  if (size(names) === 0 && size(identifiers) === 0)
    yield context.faults.missing(names, 'either targetWWNs or wwids is needed');
  if (size(names) > 0 && size(identifiers) > 0)
    yield context.faults.forbidden(names, 'wwids is set too, and only one of them is allowed');
  if (size(names) === 0) return;
  const lun = get(source, 'lun');
  if (!isSet(lun)) yield context.faults.missing(lun, 'it is needed with targetWWNs');
  else yield* inRange(lun, 0, 255, context);
};

const quobyte: SourceValidator = function* (source, context) {
  yield* requires('registry', 'volume')(source, context);
  const registry = get(source, 'registry');
  if (text(registry) === '') return;
  if (text(get(source, 'tenant')).length > 64)
    yield context.faults.fault(get(source, 'tenant'), 'is longer than 64 characters', 'shorten it');
  else if (
    !text(registry)
      .split(',')
      .every((pair) => /^(?:\[[^\][]*\]|[^:\][]*):[^:\][]*$/.test(pair))
  )
    yield context.faults.fault(
      registry,
      `is \`${text(registry)}\`, which is no list of host:port`,
      'write host:port, separated by commas',
    );
};

const glusterfs: SourceValidator = function* (source, context) {
  yield* requires('endpoints', 'path')(source, context);
  const namespace = get(source, 'endpointsNamespace');
  if (!context.persistent || !isSet(namespace)) return;
  const wrong = isDnsLabel(text(namespace));
  if (wrong !== undefined) yield context.faults.fault(namespace, wrong, 'write the name of a namespace');
};

const flocker: SourceValidator = function* (source, { faults }) {
  const name = get(source, 'datasetName');
  const uuid = text(get(source, 'datasetUUID'));
  if (text(name) === '' && uuid === '')
    yield faults.missing(name, 'either datasetName or datasetUUID is needed');
  if (text(name) !== '' && uuid !== '') yield faults.forbidden(name, 'datasetUUID is set too');
  if (text(name).includes('/')) yield faults.fault(name, 'has a `/` in it', 'write a name without `/`');
};

const cinder: SourceValidator = function* (source, context) {
  yield* requires('volumeID')(source, context);
  yield* secretReference(get(source, 'secretRef'), context);
};

function* secretReference(secret: Field, context: SourceContext): Errors {
  if (isSet(secret))
    yield* requires(...(context.persistent ? ['name', 'namespace'] : ['name']))(secret, context);
}

const flexVolume: SourceValidator = function* (source, context) {
  yield* requires('driver')(source, context);
  for (const [key, field] of entries(get(source, 'options'))) {
    const domain = `.${key.split('/')[0]?.toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
      yield context.faults.fault(field, 'uses a reserved domain', 'use a domain of your own');
  }
};

const azureFile: SourceValidator = function* (source, context) {
  yield* requires('secretName', 'shareName')(source, context);
  const namespace = get(source, 'secretNamespace');
  if (context.persistent && isSet(namespace) && text(namespace) === '')
    yield context.faults.missing(namespace);
};

const azureDisk: SourceValidator = function* (source, context) {
  yield* requires('diskName', 'diskURI')(source, context);
  const caching = get(source, 'cachingMode');
  const kind = get(source, 'kind');
  const uri = get(source, 'diskURI');
  const cachingModes = ['None', 'ReadOnly', 'ReadWrite'];
  const kinds = ['Shared', 'Dedicated', 'Managed'];
  if (isSet(caching) && !cachingModes.includes(text(caching)))
    yield context.faults.oneOf(caching, cachingModes);
  if (isSet(kind) && !kinds.includes(text(kind))) yield context.faults.oneOf(kind, kinds);
  const prefix = text(kind) === 'Managed' ? '/subscriptions/' : 'https://';
  if (text(uri) !== '' && !text(uri).startsWith(prefix))
    yield context.faults.fault(
      uri,
      `does not begin with \`${prefix}\``,
      `write a URI that begins with \`${prefix}\``,
    );
};

const storageOS: SourceValidator = function* (source, context) {
  yield* requires('volumeName')(source, context);
  for (const key of ['volumeName', 'volumeNamespace'] as const) {
    const field = get(source, key);
    const wrong = text(field) === '' ? undefined : isDnsLabel(text(field));
    if (wrong !== undefined) yield context.faults.fault(field, wrong, 'rename it');
  }
  yield* secretReference(get(source, 'secretRef'), context);
};

/** `ValidateCSIDriverName`. */
export function* validateDriverName(field: Field, faults: Faults): Errors {
  const name = text(field);
  if (name === '') yield faults.missing(field);
  else if (name.length > 63) yield faults.fault(field, 'is longer than 63 characters', 'shorten it');
  const wrong = name === '' ? undefined : isDnsSubdomain(name.toLowerCase());
  if (wrong !== undefined) yield faults.fault(field, wrong, 'write the name of a CSI driver');
}

const csi: SourceValidator = function* (source, context) {
  yield* validateDriverName(get(source, 'driver'), context.faults);
  if (context.persistent) yield* requires('volumeHandle')(source, context);
  const references = context.persistent
    ? [
        'controllerPublishSecretRef',
        'controllerExpandSecretRef',
        'nodePublishSecretRef',
        'nodeExpandSecretRef',
      ]
    : ['nodePublishSecretRef'];
  for (const key of references) {
    const reference = get(source, key);
    yield* secretReference(reference, context);
    for (const [part, check] of [
      ['name', isDnsSubdomain],
      ['namespace', isDnsLabel],
    ] as const) {
      const field = get(reference, part);
      const wrong = text(field) === '' ? undefined : check(text(field));
      if (wrong !== undefined) yield context.faults.fault(field, wrong, 'name a Secret');
    }
  }
};

const local: SourceValidator = function* (source, context) {
  yield* requires('path')(source, context);
  yield* noBacksteps(get(source, 'path'), context);
};

/** The sources that both a pod's volume and a PersistentVolume may have. */
export const sharedSources: Readonly<Record<string, SourceValidator>> = {
  hostPath,
  gcePersistentDisk: disk('pdName'),
  awsElasticBlockStore: disk('volumeID'),
  nfs,
  iscsi,
  glusterfs,
  flocker,
  rbd: requires('monitors', 'image'),
  cinder,
  cephfs: requires('monitors'),
  quobyte,
  fc: fibreChannel,
  flexVolume,
  azureFile,
  vsphereVolume: requires('volumePath'),
  photonPersistentDisk: requires('pdID'),
  portworxVolume: requires('volumeID'),
  azureDisk,
  scaleIO: requires('gateway', 'system', 'volumeName'),
  storageos: storageOS,
  csi,
};

/** The sources of PersistentVolumes. */
export const persistentSources: Readonly<Record<string, SourceValidator>> = { ...sharedSources, local };
