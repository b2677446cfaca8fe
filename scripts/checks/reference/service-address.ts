import { describe } from '../../finding.ts';
import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import { slipOf } from '../../text/nearest.ts';
import { textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type Address, addressesIn } from './address-text.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { isHeadless, printPorts, servicePorts } from './service-ports.ts';

export const serviceAddress: Rule<ReferenceSubject> = {
  id: 'reference/service-address',
  severity: 'error',
  title: 'A Service that a configuration addresses exists and has the port',
  why: 'The client starts, finds no such name or no open port, and retries or crashes for ever; nothing in Kubernetes says why.',
  fix: 'Write `<service>:<port>` as the Service has it.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  scope: 'infometis',
  *check(subject) {
    const namespaces = new Set([
      ...builtInNamespaces,
      ...subject.everywhere('', 'Namespace').map(({ name }) => name),
    ]);
    for (const address of addressesIn(subject)) yield* checkAddress(subject, address, namespaces);
  },
};

export interface ServiceName {
  readonly name: string;
  readonly namespace: string;
}

/** The Services that a host may mean, the likeliest first; none where it is no name inside the cluster. */
export function meanings(address: Address, namespaces: ReadonlySet<string>): readonly ServiceName[] {
  const inner = address.host.replace(/\.svc(\.cluster\.local)?$/, '');
  const [first = '', second, third, ...more] = inner.split('.');
  const own = address.namespace;
  if (more.length > 0) return [];
  if (second === undefined) return [{ name: first, namespace: own }];
  const full = inner !== address.host;
  if (third !== undefined) return full || namespaces.has(third) ? [{ name: second, namespace: third }] : [];
  const qualified = full || namespaces.has(second) ? [{ name: first, namespace: second }] : [];
  return full ? qualified : [...qualified, { name: second, namespace: own }];
}

const houseName = /-(service|headless)$/;

function* checkAddress(
  subject: ReferenceSubject,
  address: Address,
  namespaces: ReadonlySet<string>,
): Generator<Report> {
  const candidates = meanings(address, namespaces);
  const find = ({ name, namespace }: ServiceName) =>
    subject.find({ group: '', kind: 'Service', namespace, name });
  const service = candidates.map(find).find((found) => found !== undefined);
  const written = `\`${address.host}:${address.port}\``;
  if (service) {
    // A headless name leads to the pods themselves, whatever ports the Service lists.
    if (isHeadless(service) || textAt(service.node, ['spec', 'type']) === 'ExternalName') return;
    const ports = servicePorts(service);
    if (address.port === undefined || ports.some(({ number }) => number === address.port)) return;
    yield {
      message: `${describe(address.object)}: ${address.reader} addresses ${written}, and ${describe(service)} has ${printPorts(ports)}: nothing answers there`,
      fix: `Write a port that ${describe(service)} has, or add port ${address.port} to it.`,
      at: address.at,
      object: address.object,
    };
    return;
  }
  for (const { name, namespace } of candidates) {
    if (subject.isOpaque(namespace)) continue;
    const names = subject.everywhere('', 'Service', namespace).map((object) => object.name);
    const slip = slipOf(name, names);
    if (slip === undefined && !houseName.test(name)) continue;
    const missing = subject.missing({ group: '', kind: 'Service', namespace, name });
    if (!missing) continue;
    yield {
      message: `${describe(address.object)}: ${address.reader} addresses ${written}, and there is no Service ${namespace}/${name}: the name does not resolve${missing.hint}`,
      at: address.at,
      object: address.object,
    };
    return;
  }
}
