/** ResourceClaims, their templates and DeviceClasses. Mirrors pkg/apis/resource/validation. */
import {
  checked,
  deviceFaults,
  exactlyOne,
  isFullDeviceName,
  tooMany,
  validateConfiguration,
  validateSelectors,
  validateSet,
  validateToleration,
} from './device-parts.ts';
import type { Errors } from './error.ts';
import { type Field, get, isSet, items, number, size, text } from './field.ts';
import { isDnsLabel, isDnsSubdomain } from './formats.ts';
import { validateTemplateMetadata } from './metadata.ts';
import { isExtended } from './resources.ts';

const { fault, missing, oneOf } = deviceFaults;

export function* validateResourceClaim(object: Field): Errors {
  yield* validateDeviceClaim(get(object, 'spec', 'devices'));
}

export function* validateResourceClaimTemplate(object: Field): Errors {
  yield* validateTemplateMetadata(get(object, 'spec', 'metadata'));
  yield* validateDeviceClaim(get(object, 'spec', 'spec', 'devices'));
}

export function* validateDeviceClass(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateSelectors(get(spec, 'selectors'));
  yield* tooMany(get(spec, 'config'), most);
  for (const config of items(get(spec, 'config'))) yield* validateConfiguration(config);
  const name = get(spec, 'extendedResourceName');
  if (isSet(name) && !isExtended(text(name)))
    yield fault(
      name,
      `is \`${text(name)}\`, which is no name of an extended resource`,
      'write a name such as `example.com/gpu`',
    );
}

/** The names of requests, each with those of its alternatives. */
type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

const most = 32;

function* validateDeviceClaim(devices: Field): Errors {
  const requests = get(devices, 'requests');
  const names: RequestNames = new Map(
    items(requests).map((request) => [
      text(get(request, 'name')),
      new Set(items(get(request, 'firstAvailable')).map((one) => text(get(one, 'name')))),
    ]),
  );
  yield* validateSet(requests, most, (item) => get(item, 'name'), validateRequest);
  for (const constraint of items(get(devices, 'constraints'))) {
    yield* validateReferences(get(constraint, 'requests'), names);
    const attributes = ['matchAttribute', 'distinctAttribute'].map((key) => get(constraint, key));
    const attribute = attributes.find(isSet);
    if (attribute === undefined)
      yield missing(get(constraint, 'matchAttribute'), 'a constraint names an attribute');
    else yield* checked(attribute, isFullDeviceName, 'write a name such as `example.com/model`');
  }
  for (const config of items(get(devices, 'config'))) {
    yield* validateReferences(get(config, 'requests'), names);
    yield* validateConfiguration(config);
  }
}

function* validateReferences(list: Field, names: RequestNames): Errors {
  yield* validateSet(
    list,
    most,
    (item) => item,
    function* (item) {
      const [request = '', alternative, ...others] = text(item).split('/');
      const known = names.get(request);
      if (others.length > 0 || known === undefined || (alternative !== undefined && !known.has(alternative)))
        yield fault(
          item,
          `is \`${text(item)}\`, and the claim has no such request`,
          'write the name of a request, or `request/alternative`',
        );
    },
  );
}

/** `validateDeviceRequest`. */
function* validateRequest(request: Field): Errors {
  yield* checked(get(request, 'name'), isDnsLabel, 'rename the request');
  const exactly = get(request, 'exactly');
  const alternatives = get(request, 'firstAvailable');
  const present = [
    ...(isSet(exactly) ? ['exactly'] : []),
    ...(size(alternatives) > 0 ? ['firstAvailable'] : []),
  ];
  yield* exactlyOne(request, present, ['exactly', 'firstAvailable']);
  if (present.length !== 1) return;
  if (isSet(exactly)) return yield* validateWanted(exactly);
  yield* validateSet(
    alternatives,
    8,
    (item) => get(item, 'name'),
    function* (item) {
      yield* checked(get(item, 'name'), isDnsLabel, 'rename the alternative');
      yield* validateWanted(item);
    },
  );
}

/** What a request, or one of its alternatives, asks for. */
function* validateWanted(wanted: Field): Errors {
  const name = get(wanted, 'deviceClassName');
  if (text(name) === '') yield missing(name);
  else yield* checked(name, isDnsSubdomain, 'write the name of a DeviceClass');
  yield* validateSelectors(get(wanted, 'selectors'));
  const mode = get(wanted, 'allocationMode');
  const count = get(wanted, 'count');
  const counted = number(count) ?? 0;
  if (text(mode) === 'All') {
    if (counted !== 0) yield deviceFaults.forbidden(count, 'allocationMode is All');
  } else if (['', 'ExactCount'].includes(text(mode))) {
    // A count of 0 is one that is not there, which is 1.
    if (counted < 0) yield fault(count, `is ${counted}, which is negative`, 'write at least 1');
  } else yield oneOf(mode, ['All', 'ExactCount']);
  for (const toleration of items(get(wanted, 'tolerations'))) yield* validateToleration(toleration);
}
