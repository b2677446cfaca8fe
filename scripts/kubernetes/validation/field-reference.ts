/** References to a pod's own fields and resources. Mirrors `validateObjectFieldSelector` and `validateContainerResourceFieldSelector`. */
import { canonicalQuantity } from '../exact-quantity.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, text } from './field.ts';
import { isQualifiedName } from './formats.ts';
import { quantity, trimQuantity } from './quantity.ts';

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
  // The server compares the text that it would write itself.
  const written = canonicalQuantity(trimQuantity(String(divisor.value)));
  const allowed = name.endsWith('.cpu') ? cpuDivisors : byteDivisors;
  if (written !== undefined && !allowed.includes(written))
    yield fault(
      divisor,
      `is ${String(divisor.value)}, which is no unit of ${name}`,
      name.endsWith('.cpu') ? 'write 1m or 1' : 'write a unit such as 1Mi',
    );
}

const cpuDivisors = ['1m', '1'];
const byteDivisors = ['1', ...'kMGTPE', ...['K', 'M', 'G', 'T', 'P', 'E'].map((unit) => `${unit}i`)].map(
  (unit) => (unit === '1' ? unit : `1${unit}`),
);
