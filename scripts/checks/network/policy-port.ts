import { describe } from '../../finding.ts';
import {
  findsPods,
  type NetworkPolicy,
  type PolicyPort,
  type PolicyRule,
  portsNamed,
  selects,
} from '../../kubernetes/network-policy.ts';
import { intersect, portRange, printPortSet, union } from '../../kubernetes/network-policy-sets.ts';
import { locate } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { listening, printListening, serviceInFront } from './listening.ts';
import { type NetworkSubject, type PodGroup, printPods } from './subject.ts';

export const policyPort: Rule<NetworkSubject> = {
  id: 'network/policy-port',
  severity: 'error',
  title: 'The ports of a NetworkPolicy are ports of the pods at which the traffic ends',
  why: 'Policies are judged at the pod, after the Service has been translated: the number of a Service port, or a name that no container has, opens nothing.',
  fix: 'Write the number or the name of the container port.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  scope: 'general',
  *check(subject) {
    for (const policy of subject.ownPolicies)
      for (const rule of policy.rules) {
        const destinations = destinationsOf(subject, policy, rule);
        if (destinations)
          for (const port of rule.ports) yield* checkPort(subject, policy, port, destinations);
      }
  },
};

/** The pods at which what a rule opens ends; undefined where not all of them are known, or not where they listen. */
function destinationsOf(
  subject: NetworkSubject,
  policy: NetworkPolicy,
  rule: PolicyRule,
): readonly PodGroup[] | undefined {
  const { plan, index } = subject;
  const isKnown = ({ namespace, unseen }: PodGroup): boolean =>
    unseen !== undefined || plan?.closed.has(namespace) === true || !index.isOpaque(namespace);
  const real = subject.pods.filter(({ stranger }) => !stranger);
  const found =
    rule.direction === 'ingress'
      ? real.filter((pods) => selects(policy, pods))
      : rule.peers.flatMap((peer) => real.filter((pods) => findsPods(policy, peer, pods)));
  const isWhole =
    found.length > 0 &&
    found.every((pods) => isKnown(pods) && pods.ports.length > 0) &&
    (rule.direction === 'ingress' ||
      (rule.peers.length > 0 &&
        rule.peers.every((peer) => real.some((pods) => findsPods(policy, peer, pods)))));
  return isWhole ? found : undefined;
}

function* checkPort(
  subject: NetworkSubject,
  { object }: NetworkPolicy,
  entry: PolicyPort,
  destinations: readonly PodGroup[],
): Generator<Report> {
  const { port, protocol, path } = entry;
  if (port === undefined) return;
  const pods = printPods(destinations.map(({ title }) => title));
  const where = { at: locate(object, [...path, 'port']), object };
  if (typeof port === 'string') {
    if (destinations.some((group) => portsNamed(entry, group).length > 0)) return;
    const names = destinations.flatMap((group) =>
      group.ports.flatMap(({ name, protocol: own }) =>
        own === protocol && name !== undefined ? [name] : [],
      ),
    );
    yield {
      message: `${describe(object)}: no container of ${pods} has a ${protocol} port named \`${port}\`: the rule opens nothing${didYouMean(port, names)}; declared are ${printListening(destinations)}`,
      ...where,
    };
    return;
  }
  const ports = portRange(protocol, port, entry.endPort ?? port);
  if (intersect(ports, union(...destinations.map(listening))).length > 0) return;
  const service = serviceInFront(subject.index, destinations, ports);
  if (service)
    yield {
      message: `${describe(object)}: ${printPortSet(ports)} is the port of ${service.title}, and policies see the pod's own port ${service.leadsTo}: the rule opens nothing that ${pods} listen on`,
      fix: `Write \`port: ${service.leadsTo.split('/')[0]}\`.`,
      ...where,
    };
  else
    yield {
      message: `${describe(object)}: no container of ${pods} declares ${printPortSet(ports)}; declared are ${printListening(destinations)}`,
      fix: 'Correct the number, or declare the port in the container.',
      ...where,
      // A process may listen on a port that its container does not declare.
      severity: 'warning',
    };
}
