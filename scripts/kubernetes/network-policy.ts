/**
 * What NetworkPolicies open, as a CNI that follows the Kubernetes API decides it (kube-router, Calico, Cilium in its
 * standard mode): policies only add up, a pod that one of them selects for a direction is closed in it but for what the
 * policies together open, and traffic to a Service is judged at the pod and the port that it ends at.
 */

import type { RenderedObject } from '../render/object.ts';
import { at, itemsAt, type Node, type Path, textAt } from '../yaml/node.ts';
import {
  addressRange,
  allAddresses,
  allPorts,
  covers,
  type IntervalSet,
  type Opening,
  onePort,
  portRange,
  subtract,
  subtractOpenings,
  union,
} from './network-policy-sets.ts';
import { numberAt } from './pod-template.ts';
import { type Labels, type Requirement, requirementsOf, unmet } from './selectors.ts';

export type Direction = 'ingress' | 'egress';
export const directions: readonly Direction[] = ['ingress', 'egress'];

/** Pods that are alike to every policy: those of one template. */
export interface Pods {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  /** They share the node's network: policies neither restrict them nor find them by labels. */
  readonly hostNetwork: boolean;
  readonly ports: readonly {
    readonly name: string | undefined;
    readonly number: number;
    readonly protocol: string;
  }[];
  fulfils(requirements: readonly Requirement[]): boolean;
}

export interface PolicyPeer {
  /** Within the policy. */
  readonly path: Path;
  /** Undefined: all pods of the namespaces. */
  readonly pods: readonly Requirement[] | undefined;
  /** Undefined: the policy's own namespace. */
  readonly namespaces: readonly Requirement[] | undefined;
  /** Of an `ipBlock`, which then is all that the peer has. */
  readonly addresses: IntervalSet | undefined;
}

export interface PolicyPort {
  readonly path: Path;
  readonly protocol: string;
  /** Undefined: every port of the protocol. A name means what the destination's containers call so. */
  readonly port: number | string | undefined;
  readonly endPort: number | undefined;
}

export interface PolicyRule {
  readonly path: Path;
  readonly direction: Direction;
  /** Empty: everyone. */
  readonly peers: readonly PolicyPeer[];
  /** Empty: every port. */
  readonly ports: readonly PolicyPort[];
}

export interface NetworkPolicy {
  readonly object: RenderedObject;
  readonly namespace: string;
  /** None: all pods of the namespace. */
  readonly pods: readonly Requirement[];
  /** The directions in which it closes the pods that it selects. */
  readonly closes: ReadonlySet<Direction>;
  readonly rules: readonly PolicyRule[];
}

/** A NetworkPolicy object as data, with the API server's defaults. What is malformed is the schema stage's concern. */
export function readNetworkPolicy(object: RenderedObject, namespace: string): NetworkPolicy {
  const rules = [...rulesOf(object, 'ingress', 'from'), ...rulesOf(object, 'egress', 'to')];
  const types = itemsAt(object.node, ['spec', 'policyTypes']).map((item) => textAt(item, []));
  const closes = new Set<Direction>();
  if (types.length === 0 || types.includes('Ingress')) closes.add('ingress');
  // Without policyTypes, egress is closed only by a policy that says something of it.
  if (
    types.includes('Egress') ||
    (types.length === 0 && rules.some(({ direction }) => direction === 'egress'))
  )
    closes.add('egress');
  return {
    object,
    namespace,
    pods: requirementsOf(at(object.node, ['spec', 'podSelector'])),
    closes,
    // Rules of a direction that policyTypes leaves out do nothing.
    rules: rules.filter(({ direction }) => closes.has(direction)),
  };
}

const rulesOf = (object: RenderedObject, direction: Direction, peers: 'from' | 'to'): readonly PolicyRule[] =>
  itemsAt(object.node, ['spec', direction]).map((rule, index) => {
    const path: Path = ['spec', direction, index];
    return {
      path,
      direction,
      peers: itemsAt(rule, [peers]).map((peer, place) => peerOf(peer, [...path, peers, place])),
      ports: itemsAt(rule, ['ports']).map((port, place) => portOf(port, [...path, 'ports', place])),
    };
  });

function peerOf(peer: Node, path: Path): PolicyPeer {
  const block = at(peer, ['ipBlock']);
  const selector = (key: string): readonly Requirement[] | undefined => {
    const node = at(peer, [key]);
    return node && requirementsOf(node);
  };
  if (block?.type !== 'map')
    return {
      path,
      pods: selector('podSelector'),
      namespaces: selector('namespaceSelector'),
      addresses: undefined,
    };
  const except = itemsAt(block, ['except']).flatMap((item) => addressRange(textAt(item, []) ?? '') ?? []);
  const addresses = subtract(addressRange(textAt(block, ['cidr']) ?? '') ?? [], union(except));
  return { path, pods: undefined, namespaces: undefined, addresses };
}

const portOf = (port: Node, path: Path): PolicyPort => ({
  path,
  protocol: textAt(port, ['protocol']) ?? 'TCP',
  port: numberAt(port, ['port']) ?? textAt(port, ['port']),
  endPort: numberAt(port, ['endPort']),
});

/** Whether a policy applies to pods at all. */
export const selects = (policy: NetworkPolicy, pods: Pods): boolean =>
  !pods.hostNetwork && policy.namespace === pods.namespace && pods.fulfils(policy.pods);

/** Whether a peer finds pods by their labels. */
export function findsPods(policy: NetworkPolicy, peer: PolicyPeer, pods: Pods): boolean {
  if (peer.addresses !== undefined || pods.hostNetwork) return false;
  const inNamespace =
    peer.namespaces === undefined
      ? pods.namespace === policy.namespace
      : unmet(pods.namespaceLabels, peer.namespaces).length === 0;
  return inNamespace && (peer.pods === undefined || pods.fulfils(peer.pods));
}

/** The ports that a rule opens; names are those of the destination, which an address does not have. */
export function portsOpened(rule: PolicyRule, destination: Pick<Pods, 'ports'> | undefined): IntervalSet {
  if (rule.ports.length === 0) return allPorts;
  return union(...rule.ports.map((port) => portsNamed(port, destination)));
}

/** The ports that one entry of a rule means at a destination. */
export function portsNamed(
  { protocol, port, endPort }: PolicyPort,
  destination: Pick<Pods, 'ports'> | undefined,
): IntervalSet {
  if (port === undefined) return portRange(protocol);
  if (typeof port === 'number') return portRange(protocol, port, endPort ?? port);
  const named = (destination?.ports ?? []).filter(
    (candidate) => candidate.name === port && candidate.protocol === protocol,
  );
  return union(...named.map(({ number }) => onePort(protocol, number)));
}

/** The policies that close a direction for pods; none means that it is open. */
export const closing = (
  policies: readonly NetworkPolicy[],
  pods: Pods,
  direction: Direction,
): readonly NetworkPolicy[] =>
  policies.filter((policy) => policy.closes.has(direction) && selects(policy, pods));

/**
 * The ports on which policies let pods be reached by a peer (ingress), or reach it (egress).
 *
 * @param policies those that close the direction for the pods
 * @param podNetwork the addresses that pods have, where known: an `ipBlock` over all of them opens to pods, too
 */
export function openToPods(
  policies: readonly NetworkPolicy[],
  direction: Direction,
  pods: Pods,
  peer: Pods,
  podNetwork: IntervalSet,
): IntervalSet {
  const destination = direction === 'ingress' ? pods : peer;
  const open = policies.flatMap((policy) =>
    policy.rules
      .filter(
        (rule) =>
          rule.direction === direction &&
          (rule.peers.length === 0 ||
            rule.peers.some((each) =>
              each.addresses === undefined
                ? findsPods(policy, each, peer)
                : podNetwork.length > 0 && !peer.hostNetwork && covers(each.addresses, podNetwork),
            )),
      )
      .map((rule) => portsOpened(rule, destination)),
  );
  return union(...open);
}

/** What a rule opens to addresses. Pods are found by their labels; that they have addresses, too, counts for an `ipBlock` alone. */
export function openingsOf(rule: PolicyRule, pods: Pods): readonly Opening[] {
  // A name can be resolved only where the destination is a pod.
  const ports = portsOpened(rule, rule.direction === 'ingress' ? pods : undefined);
  if (rule.peers.length === 0) return [{ addresses: allAddresses, ports }];
  return rule.peers.flatMap(({ addresses }) => (addresses === undefined ? [] : [{ addresses, ports }]));
}

/** What of a wanted opening the policies keep shut. */
export const shutToAddresses = (
  policies: readonly NetworkPolicy[],
  direction: Direction,
  pods: Pods,
  wanted: Opening,
): readonly Opening[] =>
  subtractOpenings(
    wanted,
    policies.flatMap((policy) =>
      policy.rules.filter((rule) => rule.direction === direction).flatMap((rule) => openingsOf(rule, pods)),
    ),
  );
