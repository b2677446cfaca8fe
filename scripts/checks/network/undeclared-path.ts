import { describe } from '../../finding.ts';
import {
  findsPods,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyRule,
  portsOpened,
  selects,
} from '../../kubernetes/network-policy.ts';
import {
  allAddresses,
  type IntervalSet,
  printAddresses,
  printPortSet,
  subtract,
  subtractOpenings,
  union,
} from '../../kubernetes/network-policy-sets.ts';
import { locate } from '../../render/object.ts';
import type { Path } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { Plan } from './plan.ts';
import { type NetworkSubject, type PodGroup, printPods } from './subject.ts';

export const undeclaredPath: Rule<NetworkSubject> = {
  id: 'network/undeclared-path',
  severity: 'error',
  title: 'Policies open nothing that no flow declares',
  why: 'Whoever gets into one of the pods reaches the next on a way that nobody has thought about.',
  fix: 'Narrow the rule to the pods and ports of the flows, or declare the flow in network/flows.yaml with its reason.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  scope: 'infometis',
  *check(subject) {
    const { plan } = subject;
    if (!plan) return;
    for (const policy of subject.ownPolicies) {
      if (!plan.closed.has(policy.namespace)) continue;
      const selected = subject.pods.filter((pods) => selects(policy, pods));
      for (const rule of policy.rules)
        if (rule.peers.length === 0)
          yield* report(policy, rule, rule.path, excessOfAll(plan, selected, rule));
        else
          for (const peer of rule.peers)
            yield* report(policy, rule, peer.path, excessOf(subject, plan, selected, policy, rule, peer));
    }
  },
};

interface Excess {
  readonly pods: PodGroup;
  /** Whom a rule lets in, or lets the pods reach, beyond what is declared. */
  readonly other: string;
  readonly ports: IntervalSet;
}

const excessOfAll = (plan: Plan, selected: readonly PodGroup[], rule: PolicyRule): readonly Excess[] =>
  selected.flatMap((pods) => beyond(plan, pods, rule, allAddresses));

function excessOf(
  subject: NetworkSubject,
  plan: Plan,
  selected: readonly PodGroup[],
  policy: NetworkPolicy,
  rule: PolicyRule,
  peer: PolicyPeer,
): readonly Excess[] {
  if (peer.addresses !== undefined) {
    const { addresses } = peer;
    return selected.flatMap((pods) => beyond(plan, pods, rule, addresses));
  }
  const found = subject.pods.filter((pods) => findsPods(policy, peer, pods));
  return selected.flatMap((pods) =>
    found.flatMap((other) => {
      // A pod reaches itself without any policy.
      if (pods === other && pods.stranger) return [];
      const open = portsOpened(rule, rule.direction === 'ingress' ? pods : other);
      const ports = subtract(open, plan.declared(pods, rule.direction, other));
      return ports.length === 0 ? [] : [{ pods, other: other.title, ports }];
    }),
  );
}

const beyond = (plan: Plan, pods: PodGroup, rule: PolicyRule, addresses: IntervalSet): readonly Excess[] =>
  subtractOpenings(
    { addresses, ports: portsOpened(rule, rule.direction === 'ingress' ? pods : undefined) },
    plan.declaredAddresses(pods, rule.direction),
  ).map((opening) => ({ pods, other: printAddresses(opening.addresses), ports: opening.ports }));

function* report(
  policy: NetworkPolicy,
  rule: PolicyRule,
  path: Path,
  all: readonly Excess[],
): Generator<Report> {
  // Pods that are there tell more than those that might be.
  const real = all.filter(({ pods }) => !pods.stranger);
  const excess = real.length > 0 ? real : all;
  if (excess.length === 0) return;
  const own = printPods(excess.map(({ pods }) => pods.title));
  const others = printPods(excess.map(({ other }) => other));
  const ports = printPortSet(union(...excess.map((each) => each.ports)));
  const way = rule.direction === 'ingress' ? `${others} may reach ${own}` : `${own} may reach ${others}`;
  yield {
    message: `${describe(policy.object)} opens more than any flow declares: ${way} on ${ports}`,
    at: locate(policy.object, path),
    object: policy.object,
  };
}
