import {
  closing,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyRule,
  portsNamed,
} from '../../kubernetes/network-policy.ts';
import { intersect, onePort, union } from '../../kubernetes/network-policy-sets.ts';
import { unmet } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { addressesIn } from '../reference/address-text.ts';
import type { Rule } from '../rule.ts';
import { listening } from './listening.ts';
import { type NetworkSubject, nameLabel, type PodGroup, printPods } from './subject.ts';

export const lostDns: Rule<NetworkSubject> = {
  id: 'network/lost-dns',
  severity: 'error',
  title: 'Pods that may reach others by name may ask DNS for the name',
  why: 'Policies that close egress close DNS, too: no name resolves, and what the other rules open is never reached.',
  fix: 'Open 53/UDP and 53/TCP to the pods `k8s-app: kube-dns` of the namespace `kube-system`.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
  scope: 'general',
  *check(subject) {
    // In a closed namespace DNS is a flow like the others.
    const pods = subject.pods.filter(
      ({ namespace, workload }) =>
        workload && !subject.plan?.closed.has(namespace) && !subject.mayBeOpened(namespace),
    );
    const lost = new Map<NetworkPolicy, { pods: PodGroup[]; reaches: boolean }>();
    const named = new Set(namingPods(subject));
    for (const group of pods) {
      const policies = closing(subject.policies, group, 'egress');
      const own = policies.filter(({ object }) => object.environment === subject.environment);
      const rules = policies.flatMap((policy) =>
        policy.rules.filter(({ direction }) => direction === 'egress').map((rule) => ({ policy, rule })),
      );
      if (own.length === 0 || rules.some(({ policy, rule }) => opensDns(subject, policy, rule))) continue;
      const reaches = rules.some(({ rule }) => rule.peers.some(({ addresses }) => addresses === undefined));
      if (!reaches && !named.has(group)) continue;
      // A rule for port 53 that leads astray, or else the policy that opens something: there DNS was forgotten.
      const blamed =
        own.find((policy) => dnsRuleOf(policy)) ??
        own.find((policy) => policy.rules.some(({ direction }) => direction === 'egress')) ??
        own[0]!;
      const entry = lost.get(blamed) ?? { pods: [], reaches };
      entry.pods.push(group);
      lost.set(blamed, entry);
    }
    for (const [policy, { pods: shut, reaches }] of lost) {
      const astray = dnsRuleOf(policy);
      const why = astray
        ? 'the rule for port 53 leads to other pods; a podSelector without a namespaceSelector looks in the own namespace'
        : `no policy opens port 53; ${reaches ? 'the pods that the rules open are reached by name' : 'their configuration names others'}`;
      yield {
        message: `${printPods(shut.map(({ title }) => title))} cannot ask DNS: egress is closed, and ${why}`,
        at: locate(policy.object, astray ? [...astray.path, 'to'] : ['spec', 'egress']),
        object: policy.object,
      };
    }
  },
};

// 5353 is where the pods of OpenShift's DNS listen.
const dnsPorts = union(
  ...['UDP', 'TCP'].flatMap((protocol) => [53, 5353].map((port) => onePort(protocol, port))),
);

const hasDnsPort = ({ ports }: PolicyRule): boolean =>
  ports.some((port) =>
    typeof port.port === 'string'
      ? /^(dns|domain)/.test(port.port)
      : port.port !== undefined && intersect(portsNamed(port, undefined), dnsPorts).length > 0,
  );

const dnsRuleOf = ({ rules }: NetworkPolicy): PolicyRule | undefined =>
  rules.find((rule) => rule.direction === 'egress' && hasDnsPort(rule));

const opensDns = (subject: NetworkSubject, policy: NetworkPolicy, rule: PolicyRule): boolean =>
  (rule.ports.length === 0 || rule.ports.some(({ port }) => port === undefined) || hasDnsPort(rule)) &&
  (rule.peers.length === 0 || rule.peers.some((peer) => mayBeDns(subject, policy, peer)));

/** Whether a peer may be the cluster's DNS: not where only pods of another, known namespace can be meant. */
function mayBeDns(subject: NetworkSubject, policy: NetworkPolicy, peer: PolicyPeer): boolean {
  if (peer.addresses !== undefined) return true;
  if (peer.namespaces !== undefined)
    return (
      unmet({ [nameLabel]: 'kube-system' }, peer.namespaces).length === 0 ||
      // A label that somebody has given to kube-system, or the namespace of another DNS.
      peer.namespaces.some(({ key }) => key !== nameLabel) ||
      peer.namespaces.some(({ values }) => values.some((value) => /dns/.test(value)))
    );
  return (
    policy.namespace === 'kube-system' ||
    subject.pods.some(
      (pods) =>
        pods.namespace === policy.namespace &&
        intersect(listening(pods), dnsPorts).length > 0 &&
        pods.fulfils(peer.pods ?? []),
    )
  );
}

/** The pods whose environment or arguments name others by `host:port`. */
function namingPods(subject: NetworkSubject): readonly PodGroup[] {
  const naming = new Set(
    [...addressesIn(subject.index)]
      .filter(({ host }) => host !== 'localhost' && !/^[0-9.]+$/.test(host))
      .map(({ object }) => object),
  );
  return subject.pods.filter(({ workload }) => workload !== undefined && naming.has(workload.object));
}
