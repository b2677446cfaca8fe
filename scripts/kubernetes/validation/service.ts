/** Services. Mirrors `ValidateServiceCreate` and what the registry checks while it allocates addresses and ports. */
import { isAddress, isEndpointAddress, isRange, parseAddress } from './address.ts';
import { type Errors, faultsOf, type ValidationError } from './error.ts';
import { type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import { type Check, isDnsLabel, isDnsSubdomain, isPortNumber, isQualifiedName } from './formats.ts';
import { validateLabels } from './metadata.ts';
import { portFault, protocols } from './port.ts';

const faults = faultsOf('service');
const { fault, missing, forbidden, oneOf, duplicate } = faults;

const types = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'];

export function* validateService(object: Field): Errors {
  const spec = get(object, 'spec');
  const type = text(get(spec, 'type')) || 'ClusterIP';
  if (!types.includes(type)) yield oneOf(get(spec, 'type'), types);
  const headless = isHeadless(spec);
  const ports = get(spec, 'ports');
  if (size(ports) === 0 && !headless && type !== 'ExternalName')
    yield missing(ports, 'only headless Services and those of type ExternalName may do without');
  if (headless && (type === 'LoadBalancer' || type === 'NodePort'))
    yield fault(
      get(spec, 'clusterIP'),
      `is None, and a Service of type ${type} needs an address`,
      'remove `clusterIP: None`, or write `type: ClusterIP`',
    );
  if (type === 'ExternalName') yield* validateExternalName(spec);
  else yield* validateAddresses(spec, headless);
  yield* validatePorts(ports, type);
  yield* validateLabels(get(spec, 'selector'));
  yield* validateAffinity(spec);
  for (const address of items(get(spec, 'externalIPs'))) yield* checked(address, isEndpointAddress);
  yield* validateLoadBalancer(spec, type);
  yield* validateTraffic(spec, type);
  yield* validateAnnotationPairs(get(object, 'metadata', 'annotations'), spec, type);
}

function* checked(field: Field, check: Check): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, 'correct it');
}

const isHeadless = (spec: Field): boolean => {
  const all = texts(get(spec, 'clusterIPs'));
  return all.length > 0
    ? all.length === 1 && all[0]?.[0] === 'None'
    : text(get(spec, 'clusterIP')) === 'None';
};

function* validateExternalName(spec: Field): Errors {
  for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    const field = get(spec, key);
    if (text(field) !== '' || size(field) > 0 || (key === 'ipFamilyPolicy' && isSet(field)))
      yield forbidden(field, 'the type is ExternalName');
  }
  const name = get(spec, 'externalName');
  const bare = text(name).replace(/\.$/, '');
  if (bare === '') yield missing(name, 'the type is ExternalName');
  else yield* checked({ ...name, value: bare }, isDnsSubdomain);
}

/** `ValidateServiceClusterIPsRelatedFields`. Which families the cluster has is not known here. */
function* validateAddresses(spec: Field, headless: boolean): Errors {
  const single = get(spec, 'clusterIP');
  const all = get(spec, 'clusterIPs');
  const addresses = size(all) > 0 ? items(all) : text(single) === '' ? [] : [single];
  if (size(all) > 0 && text(single) === '') yield missing(single, 'it is the first of clusterIPs');
  else if (size(all) > 0 && text(get(all, 0)) !== text(single))
    yield fault(
      single,
      'is not the first of clusterIPs',
      'write the same address in both, or leave clusterIPs out',
    );
  const families = get(spec, 'ipFamilies');
  const seen = new Set<string>();
  for (const [family, item] of texts(families)) {
    if (!['IPv4', 'IPv6'].includes(family)) yield oneOf(item, ['IPv4', 'IPv6']);
    if (seen.has(family)) yield duplicate(item, family);
    seen.add(family);
  }
  const policy = get(spec, 'ipFamilyPolicy');
  const policies = ['SingleStack', 'PreferDualStack', 'RequireDualStack'];
  if (isSet(policy) && !policies.includes(text(policy))) yield oneOf(policy, policies);
  for (const [index, address] of addresses.entries()) {
    if (text(address) === 'None' && index === 0) {
      if (addresses.length > 1) yield fault(address, 'is None, beside other addresses', 'write None alone');
    } else yield* checked(address, isAddress);
  }
  if (addresses.length > 2)
    yield fault(all, `has ${addresses.length} addresses, and at most two are allowed`, 'remove some');
  const found = addresses.map((address) => parseAddress(text(address))?.family);
  if (found.length === 2 && found[0] !== undefined && found[0] === found[1])
    yield fault(all, `has two addresses of ${found[0]}`, 'write one of each family');
  for (const [index, [family]] of texts(families).entries())
    if (found[index] !== undefined && ['IPv4', 'IPv6'].includes(family) && found[index] !== family)
      yield fault(
        addresses[index] ?? all,
        `is an address of ${found[index]}, and ipFamilies says ${family}`,
        'make them agree',
      );
  // Without selector a headless Service has no addresses to hand out, and none of this matters.
  if (headless && size(get(spec, 'selector')) === 0 && !isSet(policy)) return;
  if ((text(policy) || 'SingleStack') === 'SingleStack' && Math.max(addresses.length, size(families)) === 2)
    yield fault(
      isSet(policy) ? policy : families,
      'wants two families, which SingleStack, the default of ipFamilyPolicy, does not allow',
      'write `ipFamilyPolicy: PreferDualStack`, or one family',
    );
}

const lowest = 30_000;
const highest = 32_767;

/** A warning, since a cluster may have another range, and a dry run looks at none. */
const outOfRange = (field: Field, port: number): ValidationError => ({
  ...fault(
    field,
    `is ${port}, which is not between ${lowest} and ${highest}, the range that API servers hand out by default`,
    'write a port of that range, or leave it out',
  ),
  severity: 'warning',
});

/** Each port, and what is unique among them. */
function* validatePorts(ports: Field, type: string): Errors {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const port of items(ports)) {
    const name = get(port, 'name');
    if (text(name) === '') {
      if (size(ports) > 1) yield missing(name, 'each of several ports needs a name');
    } else {
      yield* checked(name, isDnsLabel);
      if (names.has(text(name))) yield duplicate(name, text(name));
      names.add(text(name));
    }
    const value = number(get(port, 'port')) ?? 0;
    if (!isPortNumber(value))
      yield fault(get(port, 'port'), `is ${value}, which is not between 1 and 65535`, 'write a port number');
    const protocol = get(port, 'protocol');
    if (text(protocol) !== '' && !protocols.includes(text(protocol))) yield oneOf(protocol, protocols);
    const key = `${text(protocol) || 'TCP'} ${value}`;
    if (numbers.has(key)) yield duplicate(get(port, 'port'), key);
    numbers.add(key);
    const target = get(port, 'targetPort');
    if (isSet(target) && target.value !== 0 && target.value !== '') {
      const wrong = portFault(target.value);
      if (wrong !== undefined)
        yield fault(target, wrong, 'write the number or the name of a port of the pods');
    }
    if (isSet(get(port, 'appProtocol'))) yield* checked(get(port, 'appProtocol'), isQualifiedName);
    yield* validateNodePort(get(port, 'nodePort'), type, text(protocol) || 'TCP', nodePorts);
  }
}

function* validateNodePort(field: Field, type: string, protocol: string, taken: Set<string>): Errors {
  const value = number(field) ?? 0;
  if (value === 0) return;
  if (type === 'ClusterIP') return yield forbidden(field, 'the type is ClusterIP');
  const key = `${protocol} ${value}`;
  if (taken.has(key)) yield duplicate(field, value);
  taken.add(key);
  if ((type === 'NodePort' || type === 'LoadBalancer') && (value < lowest || value > highest))
    yield outOfRange(field, value);
}

function* validateAffinity(spec: Field): Errors {
  const affinity = get(spec, 'sessionAffinity');
  if (text(affinity) !== '' && !['ClientIP', 'None'].includes(text(affinity)))
    return yield oneOf(affinity, ['ClientIP', 'None']);
  if (text(affinity) !== 'ClientIP') return;
  const timeout = get(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds');
  const seconds = number(timeout);
  if (seconds !== undefined && (seconds < 1 || seconds > 86_400))
    yield fault(timeout, `is ${seconds}, which is not between 1 and 86400`, 'write at most a day');
}

function* validateLoadBalancer(spec: Field, type: string): Errors {
  const ranges = get(spec, 'loadBalancerSourceRanges');
  for (const range of items(ranges)) yield* checked({ ...range, value: text(range).trim() }, isRange);
  const isLoadBalancer = type === 'LoadBalancer';
  for (const key of ['loadBalancerSourceRanges', 'allocateLoadBalancerNodePorts', 'loadBalancerClass']) {
    const field = get(spec, key);
    const present = key === 'loadBalancerSourceRanges' ? size(field) > 0 : isSet(field);
    if (present && !isLoadBalancer) yield forbidden(field, `the type is ${type}, not LoadBalancer`);
  }
  const name = get(spec, 'loadBalancerClass');
  if (isSet(name) && isLoadBalancer) yield* checked(name, isQualifiedName);
}

/** `validateServiceExternalTrafficPolicy` and its neighbours. */
function* validateTraffic(spec: Field, type: string): Errors {
  const external = get(spec, 'externalTrafficPolicy');
  const reachable =
    type === 'LoadBalancer' ||
    type === 'NodePort' ||
    (type === 'ClusterIP' && size(get(spec, 'externalIPs')) > 0);
  if (text(external) !== '' && !reachable)
    yield forbidden(external, `a Service of type ${type} is not reached from outside`);
  else if (text(external) !== '' && !['Cluster', 'Local'].includes(text(external)))
    yield oneOf(external, ['Cluster', 'Local']);
  const health = get(spec, 'healthCheckNodePort');
  const port = number(health) ?? 0;
  if (port !== 0) {
    if (type !== 'LoadBalancer' || text(external) !== 'Local')
      yield forbidden(health, 'it is for the type LoadBalancer with `externalTrafficPolicy: Local`');
    else if (!isPortNumber(port))
      yield fault(health, `is ${port}, which is not between 1 and 65535`, 'write a port number');
    else if (port < lowest || port > highest) yield outOfRange(health, port);
  }
  const internal = get(spec, 'internalTrafficPolicy');
  if (isSet(internal) && !['Cluster', 'Local'].includes(text(internal)))
    yield oneOf(internal, ['Cluster', 'Local']);
  const distribution = get(spec, 'trafficDistribution');
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (isSet(distribution) && !distributions.includes(text(distribution)))
    yield oneOf(distribution, distributions);
}

function* validateAnnotationPairs(annotations: Field, spec: Field, type: string): Errors {
  const hints = get(annotations, 'service.kubernetes.io/topology-aware-hints');
  const mode = get(annotations, 'service.kubernetes.io/topology-mode');
  if (isSet(hints) && isSet(mode) && text(hints) !== text(mode))
    yield fault(mode, 'is not what the annotation topology-aware-hints says', 'keep one of them');
  const ranges = get(annotations, 'service.beta.kubernetes.io/load-balancer-source-ranges');
  if (!isSet(ranges) || size(get(spec, 'loadBalancerSourceRanges')) > 0) return;
  if (type !== 'LoadBalancer') yield forbidden(ranges, `the type is ${type}, not LoadBalancer`);
  if (text(ranges).trim() === '') return;
  for (const range of text(ranges).split(',')) yield* checked({ ...ranges, value: range.trim() }, isRange);
}
