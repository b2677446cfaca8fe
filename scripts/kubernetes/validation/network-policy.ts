/** NetworkPolicies. Mirrors `ValidateNetworkPolicySpec`. */
import { isRange, isStrictSubset, parseRange } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, number, size, text, texts } from './field.ts';
import { isPortNumber } from './formats.ts';
import { portFault, protocols } from './port.ts';
import { validateLabelSelector } from './selector.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('network-policy');

export function* validateNetworkPolicy(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateLabelSelector(get(spec, 'podSelector'));
  for (const [rules, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const rule of items(get(spec, rules))) {
      for (const port of items(get(rule, 'ports'))) yield* validatePort(port);
      for (const peer of items(get(rule, peers))) yield* validatePeer(peer);
    }
  const types = get(spec, 'policyTypes');
  if (size(types) > 2)
    return yield fault(
      types,
      `has ${size(types)} entries, and at most two are allowed`,
      'write Ingress, Egress or both',
    );
  for (const [type, item] of texts(types))
    if (!['Ingress', 'Egress'].includes(type)) yield oneOf(item, ['Ingress', 'Egress']);
}

/** `ValidateNetworkPolicyPort`. */
function* validatePort(entry: Field): Errors {
  const protocol = get(entry, 'protocol');
  if (isSet(protocol) && !protocols.includes(text(protocol))) yield oneOf(protocol, protocols);
  const port = get(entry, 'port');
  const end = get(entry, 'endPort');
  if (!isSet(port)) {
    if (isSet(end)) yield forbidden(end, '`port` is missing, where the range begins');
    return;
  }
  const wrong = portFault(port.value);
  if (wrong !== undefined) yield fault(port, wrong, 'write the number or the name of a port');
  if (!isSet(end)) return;
  if (typeof port.value === 'string')
    return yield forbidden(end, '`port` is a name, and a range needs numbers');
  const last = number(end) ?? 0;
  if (last < (number(port) ?? 0))
    yield fault(
      end,
      `is ${last}, which is less than the port ${String(port.value)}`,
      'write the larger number',
    );
  else if (!isPortNumber(last))
    yield fault(end, `is ${last}, which is not between 1 and 65535`, 'write a port number');
}

/** `ValidateNetworkPolicyPeer`. */
function* validatePeer(peer: Field): Errors {
  const block = get(peer, 'ipBlock');
  const selectors = ['podSelector', 'namespaceSelector'].map((key) => get(peer, key)).filter(isSet);
  for (const selector of selectors) yield* validateLabelSelector(selector);
  if (isSet(block)) {
    if (selectors.length > 0) yield forbidden(block, 'a peer is either a range of addresses or pods');
    yield* validateBlock(block);
  } else if (selectors.length === 0)
    yield fault(peer, 'names no peer', 'write one of podSelector, namespaceSelector and ipBlock');
}

/** `ValidateIPBlock`. */
function* validateBlock(block: Field): Errors {
  const cidr = get(block, 'cidr');
  if (text(cidr) === '') return yield missing(cidr);
  const wrong = isRange(text(cidr));
  if (wrong !== undefined) yield fault(cidr, wrong, 'write a range such as 10.0.0.0/8');
  const outer = parseRange(text(cidr));
  for (const [except, item] of texts(get(block, 'except'))) {
    const wrongExcept = isRange(except);
    const inner = parseRange(except);
    if (wrongExcept !== undefined) yield fault(item, wrongExcept, 'write a range such as 10.1.0.0/16');
    else if (outer !== undefined && inner !== undefined && !isStrictSubset(inner, outer))
      yield fault(
        item,
        `is ${except}, which is not inside ${text(cidr)}`,
        'write a smaller range of the cidr, or remove it',
      );
  }
}
