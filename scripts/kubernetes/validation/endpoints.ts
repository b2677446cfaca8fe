/** Endpoints and EndpointSlices. Mirrors `ValidateEndpoints` and pkg/apis/discovery/validation. */
import { isCanonicalAddress, isEndpointAddress, parseAddress } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, number, size, text } from './field.ts';
import {
  type Check,
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isPortNumber,
  isQualifiedName,
} from './formats.ts';
import { protocols } from './port.ts';

const { fault, missing, oneOf, duplicate } = faultsOf('endpoints');

function* checked(field: Field, check: Check): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, 'correct it');
}

function* validateProtocol(field: Field): Errors {
  if (isSet(field) && !protocols.includes(text(field))) yield oneOf(field, protocols);
}

/** `ValidateEndpoints`. */
export function* validateEndpoints(object: Field): Errors {
  for (const subset of items(get(object, 'subsets'))) {
    const addresses = [...items(get(subset, 'addresses')), ...items(get(subset, 'notReadyAddresses'))];
    if (addresses.length === 0)
      yield missing(get(subset, 'addresses'), 'addresses or notReadyAddresses are needed');
    for (const address of addresses) {
      yield* checked(get(address, 'ip'), isEndpointAddress);
      if (text(get(address, 'hostname')) !== '') yield* checked(get(address, 'hostname'), isDnsLabel);
      if (isSet(get(address, 'nodeName'))) yield* checked(get(address, 'nodeName'), isDnsSubdomain);
    }
    const ports = items(get(subset, 'ports'));
    for (const port of ports) {
      const name = get(port, 'name');
      if (text(name) !== '') yield* checked(name, isDnsLabel);
      else if (ports.length > 1) yield missing(name, 'each of several ports needs a name');
      const value = number(get(port, 'port')) ?? 0;
      if (!isPortNumber(value))
        yield fault(
          get(port, 'port'),
          `is ${value}, which is not between 1 and 65535`,
          'write a port number',
        );
      // An empty protocol becomes TCP here, and not in slices.
      if (text(get(port, 'protocol')) !== '') yield* validateProtocol(get(port, 'protocol'));
      if (isSet(get(port, 'appProtocol'))) yield* checked(get(port, 'appProtocol'), isQualifiedName);
    }
  }
}

const families = ['IPv4', 'IPv6', 'FQDN'];

/** `ValidateEndpointSlice`. */
export function* validateEndpointSlice(object: Field): Errors {
  const type = get(object, 'addressType');
  if (!families.includes(text(type))) yield oneOf(type, families);
  const names = new Set<string>();
  for (const port of items(get(object, 'ports'))) {
    const name = get(port, 'name');
    if (text(name) !== '') yield* checked(name, isDnsLabel);
    if (names.has(text(name))) yield duplicate(name, text(name));
    names.add(text(name));
    yield* validateProtocol(get(port, 'protocol'));
    if (isSet(get(port, 'appProtocol'))) yield* checked(get(port, 'appProtocol'), isQualifiedName);
  }
  const endpoints = get(object, 'endpoints');
  if (size(endpoints) > 1000) return yield fault(endpoints, 'has more than 1000 entries', 'split the slice');
  for (const endpoint of items(endpoints)) yield* validateEndpoint(endpoint, text(type));
}

function* validateEndpoint(endpoint: Field, type: string): Errors {
  const addresses = get(endpoint, 'addresses');
  if (size(addresses) === 0) yield missing(addresses, 'at least one address is needed');
  if (size(addresses) > 100) yield fault(addresses, 'has more than 100 addresses', 'split them');
  for (const address of items(addresses)) {
    if (type === 'FQDN') yield* checked(address, isFullDomainName);
    else if (type === 'IPv4' || type === 'IPv6') {
      yield* checked(address, (value) => isEndpointAddress(value) ?? isCanonicalAddress(value));
      const found = parseAddress(text(address))?.family;
      if (found !== undefined && found !== type)
        yield fault(address, `is an address of ${found}, and addressType is ${type}`, 'make them agree');
    }
  }
  if (isSet(get(endpoint, 'nodeName'))) yield* checked(get(endpoint, 'nodeName'), isDnsSubdomain);
  if (isSet(get(endpoint, 'hostname'))) yield* checked(get(endpoint, 'hostname'), isDnsLabel);
  for (const [list, check] of [
    ['forZones', isLabelValue],
    ['forNodes', isDnsSubdomain],
  ] as const) {
    const hints = get(endpoint, 'hints', list);
    if (size(hints) > 8) yield fault(hints, 'has more than 8 entries', 'remove some');
    const seen = new Set<string>();
    for (const hint of items(hints)) {
      const name = get(hint, 'name');
      if (seen.has(text(name))) yield duplicate(name, text(name));
      seen.add(text(name));
      yield* checked(name, check);
    }
  }
}

const isFullDomainName: Check = (name) => {
  const bare = name.replace(/\.$/, '');
  return (
    isDnsSubdomain(bare) ??
    (bare.split('.').length < 2 || bare.split('.').some((part) => isDnsLabel(part) !== undefined)
      ? `is \`${name}\`, which is no full domain name`
      : undefined)
  );
};
