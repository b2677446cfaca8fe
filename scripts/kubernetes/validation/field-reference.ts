/** References to a pod's own fields and resources. Mirrors `validateObjectFieldSelector` and `validateContainerResourceFieldSelector`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, text } from './field.ts';
import { isQualifiedName } from './formats.ts';
import { quantity } from './quantity.ts';

type Place = 'environment-variable' | 'volume';

const fieldPaths: Readonly<Record<Place, readonly string[]>> = {
  'environment-variable': [
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    'spec.nodeName',
    'spec.serviceAccountName',
    'status.hostIP',
    'status.hostIPs',
    'status.podIP',
    'status.podIPs',
  ],
  volume: ['metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.annotations', 'metadata.uid'],
};

const resources = ['limits', 'requests'].flatMap((list) =>
  ['cpu', 'memory', 'ephemeral-storage'].map((name) => `${list}.${name}`),
);
const hugePages = /^(?:limits|requests)\.hugepages-/;

export function* validateFieldReference(reference: Field, place: Place): Errors {
  const { fault, missing, oneOf } = faultsOf(place);
  const version = get(reference, 'apiVersion');
  const path = get(reference, 'fieldPath');
  if (text(path) === '') return yield missing(path);
  if (text(version) !== '' && text(version) !== 'v1') return yield oneOf(version, ['v1']);
  const subscript = /^(.+?)\['(.*)'\]$/s.exec(text(path));
  if (subscript !== null) {
    const [, list = '', key = ''] = subscript;
    if (list !== 'metadata.annotations' && list !== 'metadata.labels')
      return yield fault(
        path,
        `is \`${text(path)}\`, and only labels and annotations have keys`,
        "write `metadata.labels['<key>']`",
      );
    const wrong = isQualifiedName(list === 'metadata.annotations' ? key.toLowerCase() : key);
    if (wrong !== undefined)
      yield fault(path, `has a key that ${wrong}`, 'write the key of a label or annotation');
    return;
  }
  // spec.host is an old name of spec.nodeName.
  const allowed = fieldPaths[place];
  const name = text(path) === 'spec.host' ? 'spec.nodeName' : text(path);
  if (!allowed.includes(name)) yield oneOf(path, allowed);
}

export function* validateResourceFieldReference(reference: Field, place: Place): Errors {
  const { fault, missing, oneOf } = faultsOf(place);
  const resource = get(reference, 'resource');
  const name = text(resource);
  if (place === 'volume' && text(get(reference, 'containerName')) === '')
    yield missing(get(reference, 'containerName'));
  else if (name === '') yield missing(resource);
  else if (!resources.includes(name) && !hugePages.test(name)) yield oneOf(resource, resources);
  const divisor = get(reference, 'divisor');
  const nano = quantity(divisor);
  if (nano === undefined || nano === 0n || (!resources.includes(name) && !hugePages.test(name))) return;
  const written = String(divisor.value);
  const allowed = name.endsWith('.cpu') ? cpuDivisors : written.endsWith('i') ? binaryDivisors : byteDivisors;
  if (!allowed.has(nano) || /[eE]\d/.test(written))
    yield fault(
      divisor,
      `is ${String(divisor.value)}, which is no unit of ${name}`,
      name.endsWith('.cpu') ? 'write 1m or 1' : 'write a unit such as 1Mi',
    );
}

const unit = 1_000_000_000n;
const cpuDivisors: ReadonlySet<bigint> = new Set([unit, unit / 1000n]);
const powers = (base: bigint): ReadonlySet<bigint> =>
  new Set([0n, 1n, 2n, 3n, 4n, 5n, 6n].map((power) => unit * base ** power));
const byteDivisors = powers(1000n);
const binaryDivisors = powers(1024n);
