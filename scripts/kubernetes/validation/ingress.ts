/** Ingresses and their classes. Mirrors `ValidateIngressCreate` and `ValidateIngressClass`. */
import { parseAddress } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import {
  type Check,
  isDnsLabel,
  isDnsSubdomain,
  isDomainPrefixedPath,
  isPathSegment,
  isPortName,
  isPortNumber,
  isWildcardName,
} from './formats.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('ingress');

function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

export function* validateIngress(object: Field): Errors {
  const spec = get(object, 'spec');
  const backend = get(spec, 'defaultBackend');
  const rules = get(spec, 'rules');
  if (size(rules) === 0 && !isSet(backend)) yield missing(rules, 'either rules or defaultBackend is needed');
  if (isSet(backend)) yield* validateBackend(backend);
  for (const rule of items(rules)) yield* validateRule(rule);
  for (const tls of items(get(spec, 'tls'))) {
    for (const [host, item] of texts(get(tls, 'hosts')))
      yield* checked(item, host.includes('*') ? isWildcardName : isDnsSubdomain, 'write a host name');
    const secret = get(tls, 'secretName');
    if (text(secret) !== '') yield* checked(secret, isDnsSubdomain, 'write the name of a Secret');
  }
  const className = get(spec, 'ingressClassName');
  if (!isSet(className)) return;
  yield* checked(className, isDnsSubdomain, 'write the name of an IngressClass');
  const annotation = get(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  if (isSet(annotation) && text(annotation) !== text(className))
    yield fault(
      annotation,
      `is \`${text(annotation)}\`, and ingressClassName is \`${text(className)}\``,
      'remove the annotation',
    );
}

function* validateRule(rule: Field): Errors {
  const host = get(rule, 'host');
  if (text(host) !== '') {
    if (parseAddress(text(host)) !== undefined || isDottedQuad(text(host)))
      yield fault(
        host,
        `is ${text(host)}, an address, and only names are allowed`,
        'write a host name, or leave it out for every host',
      );
    else
      yield* checked(host, text(host).includes('*') ? isWildcardName : isDnsSubdomain, 'write a host name');
  }
  const http = get(rule, 'http');
  if (!isSet(http)) return;
  if (size(get(http, 'paths')) === 0) yield missing(get(http, 'paths'), 'at least one path is needed');
  for (const path of items(get(http, 'paths'))) yield* validatePath(path);
}

/** Addresses with leading zeros are addresses here. */
const isDottedQuad = (host: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) && host.split('.').every((part) => Number(part) < 256);

const types = ['Exact', 'Prefix', 'ImplementationSpecific'];
const notInside = ['//', '/./', '/../', '%2f', '%2F'];

/** `validateHTTPIngressPath`. */
function* validatePath(entry: Field): Errors {
  const type = get(entry, 'pathType');
  if (!isSet(type)) return yield missing(type, `one of ${types.join(', ')} is needed`);
  const path = get(entry, 'path');
  const value = text(path);
  if (!types.includes(text(type))) yield oneOf(type, types);
  else if (
    text(type) === 'ImplementationSpecific' ? value !== '' && !value.startsWith('/') : !value.startsWith('/')
  )
    yield fault(
      path,
      value === '' ? 'is missing' : `is \`${value}\`, which does not begin with a slash`,
      `write \`/${value}\``,
    );
  if (text(type) === 'Exact' || text(type) === 'Prefix') {
    const inside = notInside.find((sequence) => value.includes(sequence));
    const last = ['/..', '/.'].find((suffix) => value.endsWith(suffix));
    if (inside !== undefined)
      yield fault(path, `is \`${value}\`, which has \`${inside}\` in it`, 'write the path in its plain form');
    else if (last !== undefined)
      yield fault(path, `is \`${value}\`, which ends with \`${last}\``, 'write the path in its plain form');
  }
  yield* validateBackend(get(entry, 'backend'));
}

/** `validateIngressBackend`. */
function* validateBackend(backend: Field): Errors {
  const resource = get(backend, 'resource');
  const service = get(backend, 'service');
  if (isSet(resource) && isSet(service)) return yield forbidden(resource, 'the backend is a service already');
  if (isSet(resource)) return yield* validateReference(resource);
  if (!isSet(service)) return yield missing(service, 'a backend is a service or a resource');
  const name = get(service, 'name');
  if (text(name) === '') yield missing(name);
  else yield* checked(name, isDnsLabel, 'write the name of a Service');
  const port = get(service, 'port');
  const portName = get(port, 'name');
  const portNumber = number(get(port, 'number')) ?? 0;
  if (text(portName) !== '' && portNumber !== 0)
    yield fault(port, 'has both a name and a number', 'write one of them');
  else if (text(portName) !== '')
    yield* checked(portName, isPortName, 'write the name of a port of the Service');
  else if (portNumber === 0) yield missing(port, 'the name or the number of a port is needed');
  else if (!isPortNumber(portNumber))
    yield fault(
      get(port, 'number'),
      `is ${portNumber}, which is not between 1 and 65535`,
      'write a port number',
    );
}

/** `validateIngressTypedLocalObjectReference`. */
function* validateReference(reference: Field): Errors {
  const group = get(reference, 'apiGroup');
  if (isSet(group)) yield* checked(group, isDnsSubdomain, 'write the name of an API group');
  for (const key of ['kind', 'name'])
    if (text(get(reference, key)) === '') yield missing(get(reference, key));
    else yield* checked(get(reference, key), isPathSegment, `correct \`${key}\``);
}

export function* validateIngressClass(object: Field): Errors {
  const controller = get(object, 'spec', 'controller');
  if (text(controller).length > 250) yield fault(controller, 'is longer than 250 characters', 'shorten it');
  yield* checked(
    controller,
    isDomainPrefixedPath,
    'write the name of the controller, such as `traefik.io/ingress-controller`',
  );
  const parameters = get(object, 'spec', 'parameters');
  if (!isSet(parameters)) return;
  yield* validateReference(parameters);
  const scope = get(parameters, 'scope');
  const namespace = get(parameters, 'namespace');
  // Cluster is the default.
  const where = text(scope) || 'Cluster';
  if (isSet(scope) && !['Cluster', 'Namespace'].includes(text(scope)))
    return yield oneOf(scope, ['Cluster', 'Namespace']);
  if (where === 'Cluster') {
    if (isSet(namespace)) yield forbidden(namespace, 'the scope is Cluster');
  } else if (!isSet(namespace)) yield missing(namespace, 'the scope is Namespace');
  else yield* checked(namespace, isDnsLabel, 'write the name of a namespace');
}
