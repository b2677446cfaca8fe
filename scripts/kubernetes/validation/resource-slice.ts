/** ResourceSlices. Mirrors `ValidateResourceSlice` of pkg/apis/resource/validation. */
import { validateCapacity } from './device-capacity.ts';
import {
  checked,
  deviceFaults,
  exactlyOne,
  isDeviceName,
  tooMany,
  validateSet,
  validateTaint,
} from './device-parts.ts';
import type { Errors } from './error.ts';
import { entries, type Field, get, isSet, isTrue, items, number, size, text, texts } from './field.ts';
import { type Check, isDnsLabel, isDnsSubdomain, isQualifiedName } from './formats.ts';
import { validateNodeSelector } from './scheduling.ts';
import { validateDriverName } from './volume-source.ts';

const { fault, missing, forbidden, duplicate } = deviceFaults;

export function* validateResourceSlice(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateDriverName(get(spec, 'driver'), deviceFaults);
  yield* validatePool(get(spec, 'pool'));
  const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'];
  yield* validateNodes(spec, places);
  const terms = get(spec, 'nodeSelector', 'nodeSelectorTerms');
  if (isSet(get(spec, 'nodeSelector')) && size(terms) !== 1)
    yield fault(terms, `has ${size(terms)} terms, and exactly one is wanted`, 'write one term');
  const devices = get(spec, 'devices');
  const counters = get(spec, 'sharedCounters');
  if (isSet(devices) && isSet(counters))
    yield forbidden(counters, 'devices is set too, and only one of them is allowed');
  const demanding = items(devices).some((device) =>
    ['taints', 'consumesCounters'].some((key) => size(get(device, key)) > 0),
  );
  const perDevice = isTrue(get(spec, 'perDeviceNodeSelection'));
  yield* validateSet(
    devices,
    demanding ? 64 : 128,
    (device) => get(device, 'name'),
    (device) => validateDevice(device, perDevice),
  );
  yield* validateSet(
    counters,
    8,
    (set) => get(set, 'name'),
    (set) => validateCounters(set, 'name'),
  );
}

const isPoolName: Check = (name) => {
  if (name.length > 253) return `has ${name.length} characters, and at most 253 are allowed`;
  return name
    .split('/')
    .map(isDnsSubdomain)
    .find((wrong) => wrong !== undefined);
};

function* validatePool(pool: Field): Errors {
  const name = get(pool, 'name');
  if (text(name) === '') yield missing(name);
  else yield* checked(name, isPoolName, 'rename the pool');
  if ((number(get(pool, 'resourceSliceCount')) ?? 0) < 1)
    yield fault(get(pool, 'resourceSliceCount'), 'is not more than 0', 'write at least 1');
  if ((number(get(pool, 'generation')) ?? 0) < 0)
    yield fault(get(pool, 'generation'), 'is negative', 'write 0 or more');
}

/** The nodes of a slice or of one of its devices: exactly one way to say them. */
function* validateNodes(field: Field, ways: readonly string[]): Errors {
  const present: string[] = [];
  for (const way of ways) {
    const value = get(field, way);
    if (!isSet(value)) continue;
    if (value.value === '' || value.value === false)
      yield fault(value, `is ${JSON.stringify(value.value)}, which says nothing`, `remove \`${way}\``);
    else present.push(way);
  }
  if (text(get(field, 'nodeName')) !== '')
    yield* checked(get(field, 'nodeName'), isDnsSubdomain, 'write the name of a node');
  if (isSet(get(field, 'nodeSelector'))) yield* validateNodeSelector(get(field, 'nodeSelector'));
  yield* exactlyOne(field, present, ways);
}

function* validateDevice(device: Field, perDevice: boolean): Errors {
  yield* checked(get(device, 'name'), isDnsLabel, 'rename the device');
  const attributes = get(device, 'attributes');
  const capacity = get(device, 'capacity');
  const described = size(attributes) + size(capacity);
  if (described > 32)
    yield fault(
      device,
      `has ${described} attributes and capacities, and at most 32 are allowed`,
      'remove some',
    );
  for (const [name, attribute] of entries(attributes)) {
    yield* checkedKey(attribute, name, isDeviceName);
    yield* validateAttribute(attribute);
  }
  const shared = isTrue(get(device, 'allowMultipleAllocations'));
  for (const [name, amount] of entries(capacity)) {
    yield* checkedKey(amount, name, isDeviceName);
    yield* validateCapacity(amount, shared);
  }
  const taints = get(device, 'taints');
  yield* tooMany(taints, 16);
  if (size(taints) <= 16) for (const taint of items(taints)) yield* validateTaint(taint);
  yield* validateSet(
    get(device, 'consumesCounters'),
    2,
    (set) => get(set, 'counterSet'),
    (set) => validateCounters(set, 'counterSet'),
  );
  const ways = ['nodeName', 'nodeSelector', 'allNodes'];
  if (perDevice) yield* validateNodes(device, ways);
  else
    for (const way of ways)
      if (isSet(get(device, way)))
        yield forbidden(get(device, way), 'the slice has no `perDeviceNodeSelection: true`');
  yield* validateBinding(device);
}

function* checkedKey(field: Field, key: string, check: Check): Errors {
  const wrong = check(key);
  if (wrong !== undefined) yield fault(field, wrong, 'rename it');
}

const numeric = '(?:0|[1-9]\\d*)';
const preRelease = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const version = new RegExp(
  `^${numeric}\\.${numeric}\\.${numeric}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);

/** `validateDeviceAttribute`. Lists of values are behind a feature gate that is off: the server drops them. */
function* validateAttribute(attribute: Field): Errors {
  const kinds = ['bool', 'int', 'string', 'version'];
  yield* exactlyOne(
    attribute,
    kinds.filter((kind) => isSet(get(attribute, kind))),
    kinds,
  );
  for (const kind of ['string', 'version'] as const) {
    const value = get(attribute, kind);
    const bytes = Buffer.byteLength(text(value));
    if (bytes > 64) yield fault(value, `has ${bytes} bytes, and at most 64 are allowed`, 'shorten it');
    if (kind === 'version' && isSet(value) && !version.test(text(value)))
      yield fault(value, `is \`${text(value)}\`, which is no semantic version`, 'write one such as 1.2.3');
  }
}

/** Counters that a slice shares out, or that a device takes of them. */
function* validateCounters(set: Field, nameKey: string): Errors {
  const name = get(set, nameKey);
  if (text(name) === '') yield missing(name);
  else yield* checked(name, isDnsLabel, 'rename the set of counters');
  const counters = get(set, 'counters');
  if (size(counters) === 0) yield missing(counters);
  else if (size(counters) > 32) yield* tooMany(counters, 32);
  else for (const [key, counter] of entries(counters)) yield* checkedKey(counter, key, isDnsLabel);
}

/** `validateDeviceBindingParameters`: one list asks for the other, and none is in both. */
function* validateBinding(device: Field): Errors {
  const conditions = get(device, 'bindingConditions');
  const failures = get(device, 'bindingFailureConditions');
  const seen = new Set<string>();
  for (const list of [conditions, failures]) {
    yield* tooMany(list, 4);
    for (const [name, item] of texts(list)) {
      yield* checked(item, isQualifiedName, 'write the type of a condition');
      if (seen.has(name)) yield duplicate(item, name);
      seen.add(name);
    }
  }
  for (const [one, other] of [
    [conditions, failures],
    [failures, conditions],
  ] as const)
    if (size(one) === 0 && size(other) > 0)
      yield missing(one, 'conditions of success and of failure come together');
}
