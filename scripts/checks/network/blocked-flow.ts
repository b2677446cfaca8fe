import { describe } from '../../finding.ts';
import {
  closing,
  type Direction,
  directions,
  findsPods,
  type NetworkPolicy,
  openToPods,
  type PolicyRule,
  portsOpened,
  shutToAddresses,
} from '../../kubernetes/network-policy.ts';
import {
  type IntervalSet,
  intersect,
  printAddresses,
  printPortSet,
  subtract,
  union,
} from '../../kubernetes/network-policy-sets.ts';
import { locate } from '../../render/object.ts';
import { at, type Path } from '../../yaml/node.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Report, Rule } from '../rule.ts';
import { printFlow } from './flows-file.ts';
import type { Plan, Route } from './plan.ts';
import { type NetworkSubject, nameLabel, type PodGroup, printPods, toward } from './subject.ts';

export const blockedFlow: Rule<NetworkSubject> = {
  id: 'network/blocked-flow',
  severity: 'error',
  title: 'Every flow that is declared is open on both of its sides',
  why: 'The packets are dropped without an answer: the client waits, tries again and times out, and no event says why.',
  fix: 'Open the port in a policy of the pods that are named, or take the flow out of network/flows.yaml.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  scope: 'infometis',
  *check(subject) {
    const { plan } = subject;
    // Policies of a build that failed are not known.
    if (!plan || subject.index.environment.builds.some(isUnknown)) return;
    for (const route of plan.routes)
      for (const direction of directions) {
        const [own, others] = direction === 'ingress' ? [route.to, route.from] : [route.from, route.to];
        const shut = own.pods.flatMap((pods) => {
          const policies = closing(subject.policies, pods, direction);
          // A side that nothing closes is open; that it should be closed is another rule's finding.
          if (policies.length === 0) return [];
          return shutSide({ subject, plan, route, direction, pods, policies, others }) ?? [];
        });
        yield* reports(route, direction, shut);
      }
  },
};

interface Side {
  readonly subject: NetworkSubject;
  readonly plan: Plan;
  readonly route: Route;
  readonly direction: Direction;
  readonly pods: PodGroup;
  readonly policies: readonly NetworkPolicy[];
  readonly others: Route['from'];
}

/** What is shut at one group of pods, in words. */
interface Shut {
  readonly pods: PodGroup;
  readonly policies: readonly NetworkPolicy[];
  readonly ports: string;
  readonly peers: string;
  readonly blame: Blame;
  readonly missing: string;
}

function shutSide(side: Side): Shut | undefined {
  const { plan, route, direction, pods, policies, others } = side;
  const shut = others.pods.flatMap((peer) => {
    if (peer === pods && peer.stranger) return [];
    const open = openToPods(policies, direction, pods, peer, plan.file.podNetwork);
    const ports = subtract(route.ports, open);
    return ports.length === 0 ? [] : [{ peer, ports }];
  });
  const shutAddresses =
    others.addresses.length === 0
      ? []
      : shutToAddresses(policies, direction, pods, { addresses: others.addresses, ports: route.ports });
  if (shut.length + shutAddresses.length === 0) return undefined;
  const ports = union(...shut.map((each) => each.ports), ...shutAddresses.map((each) => each.ports));
  const peers = [
    ...(shut.length > 0 ? [printPods(shut.map(({ peer }) => peer.title))] : []),
    ...(shutAddresses.length > 0
      ? [printAddresses(union(...shutAddresses.map(({ addresses }) => addresses)))]
      : []),
  ].join(' and ');
  return {
    pods,
    policies,
    ports: printPortSet(ports),
    peers,
    blame: toBlame(side, shut[0]?.peer, ports),
    missing: snippet(direction, shut[0]?.peer, pods, ports, shutAddresses[0]?.addresses),
  };
}

/** One report for each thing that is missing, however many pods miss it. */
function* reports({ flow }: Route, direction: Direction, all: readonly Shut[]): Generator<Report> {
  const { origin } = flow;
  const alike = new Map<string, Shut[]>();
  for (const shut of all) {
    const key = `${shut.ports} ${shut.peers}`;
    alike.set(key, [...(alike.get(key) ?? []), shut]);
  }
  for (const group of alike.values()) {
    const { ports, peers, blame, missing } = group[0]!;
    const policy = group.every((shut) => shut.blame.policy === blame.policy) ? blame.policy : undefined;
    const closers = [...new Set(group.flatMap(({ policies }) => policies.map(({ object }) => object.name)))];
    yield {
      message: `the flow ${printFlow(flow)} (${origin.file}:${origin.line}) is blocked at ${printPods(group.map(({ pods }) => pods.title))}: ${direction} is closed by NetworkPolicy ${printPods(closers)}, and none opens ${ports} ${toward(direction)} ${peers}${policy ? blame.hint : ''}`,
      fix: `Add to the ${direction} of ${policy ? describe(policy.object) : 'a policy that selects these pods'}: ${missing}. Or take the flow out of network/flows.yaml.`,
      at: policy ? locate(policy.object, blame.path) : origin,
      ...(policy && { object: policy.object }),
    };
  }
}

interface Blame {
  readonly policy: NetworkPolicy | undefined;
  readonly path: Path;
  readonly hint: string;
}

/** The line that somebody most likely has to change: a rule that is nearly right, or the policy that is most about these pods. */
function toBlame(
  { subject, policies, direction, pods }: Side,
  peer: PodGroup | undefined,
  ports: IntervalSet,
): Blame {
  const own = policies.filter(({ object }) => object.environment === subject.environment);
  const rules = own.flatMap((policy) =>
    policy.rules.filter((rule) => rule.direction === direction).map((rule) => ({ policy, rule })),
  );
  const opened = (rule: PolicyRule): IntervalSet => portsOpened(rule, direction === 'ingress' ? pods : peer);
  if (peer) {
    const samePeer = rules.filter(({ policy, rule }) =>
      rule.peers.some((each) => findsPods(policy, each, peer)),
    );
    const only = samePeer.length === 1 ? samePeer[0] : undefined;
    if (only)
      return {
        policy: only.policy,
        path: [...only.rule.path, 'ports'],
        hint: `; the rule for these pods opens ${printPortSet(opened(only.rule)) || 'no port that they have'}`,
      };
  }
  const samePorts = rules.filter(({ rule }) => intersect(opened(rule), ports).length > 0);
  const near = samePorts.length === 1 ? samePorts[0] : undefined;
  if (near)
    return {
      policy: near.policy,
      path: [...near.rule.path, toward(direction)],
      hint: '; the rule for this port names other peers',
    };
  // The one that selects the fewest pods is about these.
  const [policy] = [...own].sort((a, b) => b.pods.length - a.pods.length);
  const path = policy && at(policy.object.node, ['spec', direction]) ? ['spec', direction] : ['spec'];
  return { policy: policy && policy.pods.length > 0 ? policy : undefined, path, hint: '' };
}

/** The rule that is missing, as YAML in one line. */
function snippet(
  direction: Direction,
  peer: PodGroup | undefined,
  pods: PodGroup,
  ports: IntervalSet,
  addresses: IntervalSet | undefined,
): string {
  const entries = printPortSet(ports)
    .split(', ')
    .map((text) => {
      const match = /^([0-9]+)(?:-([0-9]+))?\/(.+)$/.exec(text);
      if (!match) return '{}';
      const [, port, end, protocol] = match;
      return `{port: ${port}${end ? `, endPort: ${end}` : ''}${protocol === 'TCP' ? '' : `, protocol: ${protocol}`}}`;
    });
  return `{${toward(direction)}: [${peerText(peer, pods, addresses)}], ports: [${entries.join(', ')}]}`;
}

function peerText(peer: PodGroup | undefined, pods: PodGroup, addresses: IntervalSet | undefined): string {
  if (!peer) return `{ipBlock: {cidr: ${printAddresses(addresses ?? []).split(', ')[0] ?? ''}}}`;
  const namespace =
    peer.namespace === pods.namespace
      ? ''
      : `namespaceSelector: {matchLabels: {${nameLabel}: ${peer.namespace}}}`;
  if (peer.stranger) return namespace === '' ? '{podSelector: {}}' : `{${namespace}}`;
  const labels = Object.entries(peer.labels)
    .filter(([key]) => key !== 'app.kubernetes.io/part-of')
    .map(([key, value]) => `${key}: ${value}`);
  const selector = `podSelector: {matchLabels: {${labels.join(', ')}}}`;
  return `{${[namespace, selector].filter((text) => text !== '').join(', ')}}`;
}
