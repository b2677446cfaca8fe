/**
 * Whether one connection is allowed, decided from the plain objects, one packet at a time, as the API's documentation words it.
 * It shares nothing with scripts/kubernetes/network-policy.ts, which is judged by it.
 */

export interface PlainSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface PlainPeer {
  podSelector?: PlainSelector;
  namespaceSelector?: PlainSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

export interface PlainPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

export interface PlainRule {
  from?: PlainPeer[];
  to?: PlainPeer[];
  ports?: PlainPort[];
}

export interface PlainPolicy {
  namespace: string;
  spec: {
    podSelector: PlainSelector;
    policyTypes?: string[];
    ingress?: PlainRule[];
    egress?: PlainRule[];
  };
}

export interface PlainPod {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  address: string;
  hostNetwork: boolean;
  ports: { name: string; containerPort: number; protocol: string }[];
}

export interface PlainCluster {
  namespaces: Record<string, Record<string, string>>;
  policies: PlainPolicy[];
}

export interface Packet {
  /** A pod, or an address outside the cluster. */
  from: PlainPod | string;
  to: PlainPod | string;
  protocol: string;
  port: number;
}

/** Whether the packet passes on one side, at the pod that sends or at the one that receives it. */
export function passes(cluster: PlainCluster, packet: Packet, side: 'Ingress' | 'Egress'): boolean {
  const here = side === 'Ingress' ? packet.to : packet.from;
  const there = side === 'Ingress' ? packet.from : packet.to;
  if (typeof here === 'string' || here.hostNetwork) return true;
  let closed = false;
  for (const policy of cluster.policies) {
    if (policy.namespace !== here.namespace || !isSelected(here.labels, policy.spec.podSelector)) continue;
    let types = policy.spec.policyTypes ?? [];
    if (types.length === 0)
      types = (policy.spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    if (!types.includes(side)) continue;
    closed = true;
    const rules = (side === 'Ingress' ? policy.spec.ingress : policy.spec.egress) ?? [];
    for (const rule of rules) {
      const peers = (side === 'Ingress' ? rule.from : rule.to) ?? [];
      const isPeer = peers.length === 0 || peers.some((peer) => meets(cluster, policy, peer, there));
      const ports = rule.ports ?? [];
      if (isPeer && (ports.length === 0 || ports.some((port) => isPort(port, packet)))) return true;
    }
  }
  return !closed;
}

function meets(
  cluster: PlainCluster,
  policy: PlainPolicy,
  peer: PlainPeer,
  there: PlainPod | string,
): boolean {
  if (peer.ipBlock) {
    const { cidr, except = [] } = peer.ipBlock;
    const address = typeof there === 'string' ? there : there.address;
    return inRange(address, cidr) && !except.some((range) => inRange(address, range));
  }
  if (typeof there === 'string' || there.hostNetwork) return false;
  if (peer.namespaceSelector) {
    if (!isSelected(cluster.namespaces[there.namespace] ?? {}, peer.namespaceSelector)) return false;
  } else if (there.namespace !== policy.namespace) return false;
  return !peer.podSelector || isSelected(there.labels, peer.podSelector);
}

function isPort(port: PlainPort, { to, protocol, port: number }: Packet): boolean {
  if ((port.protocol ?? 'TCP') !== protocol) return false;
  if (port.port === undefined) return true;
  if (typeof port.port === 'string')
    return (
      typeof to !== 'string' &&
      to.ports.some(
        (own) => own.name === port.port && own.protocol === protocol && own.containerPort === number,
      )
    );
  return port.endPort === undefined ? port.port === number : port.port <= number && number <= port.endPort;
}

function isSelected(labels: Record<string, string>, selector: PlainSelector): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const has = key in labels;
    const isIn = has && values.includes(labels[key] as string);
    if (operator === 'In' && !isIn) return false;
    if (operator === 'NotIn' && isIn) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

function inRange(address: string, cidr: string): boolean {
  const [base = '', prefix = '32'] = cidr.split('/');
  const shift = 2 ** (32 - Number(prefix));
  return Math.floor(toNumber(address) / shift) === Math.floor(toNumber(base) / shift);
}

const toNumber = (address: string): number =>
  address.split('.').reduce((all, part) => all * 256 + Number(part), 0);
