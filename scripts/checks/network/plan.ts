/** What network/flows.yaml means in one environment. */

import type { Direction } from '../../kubernetes/network-policy.ts';
import { type IntervalSet, type Opening, union } from '../../kubernetes/network-policy-sets.ts';
import type { Sources } from '../../repository/sources.ts';
import { entriesAt } from '../../yaml/node.ts';
import { addressesOf, type Flow, type FlowEnd, type FlowsFile, type Network } from './flows-file.ts';
import type { PodGroup } from './subject.ts';

/** An end of a flow in an environment; nothing of both where it does not exist there. */
export interface Found {
  readonly pods: readonly PodGroup[];
  readonly addresses: IntervalSet;
}

/** A flow of which both ends exist. */
export interface Route {
  readonly flow: Flow;
  readonly from: Found;
  readonly to: Found;
  readonly ports: IntervalSet;
}

export interface Plan {
  readonly file: FlowsFile;
  readonly closed: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, string>;
  readonly routes: readonly Route[];
  find(end: FlowEnd): Found;
  /** The ports on which flows let pods be reached by others (ingress), or reach them (egress). */
  declared(pods: PodGroup, direction: Direction, peer: PodGroup): IntervalSet;
  declaredAddresses(pods: PodGroup, direction: Direction): readonly Opening[];
}

/** The network that pods have which share the node's. */
export const nodeNetwork = 'nodes';

/** The facts of an environment, as its overlay holds them. */
export const factsPath = (environment: string): string =>
  `overlays/${environment}/environment/environment.yaml`;

/** Flows as one commit declares them, with the facts of that commit. */
export interface FlowsVersion {
  readonly sources: Sources;
  readonly networks: readonly Network[];
  readonly flows: readonly Flow[];
}

/**
 * @param versions the flows that hold, of which the first are those of the working tree
 * @param file network/flows.yaml of the working tree
 */
export function planOf(
  versions: readonly [FlowsVersion, ...FlowsVersion[]],
  environment: string,
  file: FlowsFile,
  pods: readonly PodGroup[],
): Plan {
  const read = versions.map((version) => ({ ...version, ...resolve(version, environment, pods) }));
  const { facts, find } = read[0]!;
  const routes = read.flatMap(({ flows, find: findHere }) =>
    flows.flatMap((flow): Route[] => {
      const ports = union(...flow.ports.map((port) => port.ports));
      const [from, to] = [joined(flow.from.map(findHere)), joined(flow.to.map(findHere))];
      return isNothing(from) || isNothing(to) ? [] : [{ flow, from, to, ports }];
    }),
  );
  const declared = new Map<string, IntervalSet>();
  const addresses = new Map<string, Opening[]>();
  for (const { from, to, ports } of routes) {
    for (const source of from.pods)
      for (const destination of to.pods) {
        const key = `${source.key}\n${destination.key}`;
        declared.set(key, union(declared.get(key) ?? [], ports));
      }
    for (const [ends, direction, others] of [
      [from.pods, 'egress', to.addresses],
      [to.pods, 'ingress', from.addresses],
    ] as const)
      if (others.length > 0)
        for (const { key } of ends) {
          const openings = addresses.get(`${direction} ${key}`) ?? [];
          openings.push({ addresses: others, ports });
          addresses.set(`${direction} ${key}`, openings);
        }
  }
  const listed = file.environments.find(({ name }) => name === environment)?.closed ?? [];
  return {
    file,
    closed: new Set(listed.map(({ namespace }) => namespace)),
    facts,
    routes,
    find,
    declared: (group, direction, peer) =>
      declared.get(direction === 'egress' ? `${group.key}\n${peer.key}` : `${peer.key}\n${group.key}`) ?? [],
    declaredAddresses: (group, direction) => addresses.get(`${direction} ${group.key}`) ?? [],
  };
}

function resolve(
  { sources, networks: declared }: FlowsVersion,
  environment: string,
  pods: readonly PodGroup[],
) {
  const facts = new Map(
    [...entriesAt(sources.yaml(factsPath(environment))?.documents[0]?.node, ['data'])].flatMap(
      ([key, { value }]) => (value.type === 'scalar' ? [[key, String(value.value)] as const] : []),
    ),
  );
  const networks = new Map(declared.map((network) => [network.name, addressesOf(network, facts)]));
  const find = (end: FlowEnd): Found => {
    if (end.kind === 'network') return { pods: [], addresses: networks.get(end.name) ?? [] };
    const found = pods.filter((group) => isAt(end, group));
    return {
      pods: found.filter(({ hostNetwork }) => !hostNetwork),
      // To others they are the node.
      addresses: found.some(({ hostNetwork }) => hostNetwork) ? (networks.get(nodeNetwork) ?? []) : [],
    };
  };
  return { facts, find };
}

const joined = (found: readonly Found[]): Found => ({
  pods: [...new Set(found.flatMap(({ pods }) => pods))],
  addresses: union(...found.map(({ addresses }) => addresses)),
});

export const isNothing = ({ pods, addresses }: Found): boolean => pods.length === 0 && addresses.length === 0;

function isAt(end: FlowEnd, group: PodGroup): boolean {
  switch (end.kind) {
    case 'component':
      return (
        group.workload !== undefined &&
        group.labels['app.kubernetes.io/name'] === end.name &&
        (end.workload === undefined || group.labels['app.kubernetes.io/component'] === end.workload)
      );
    case 'namespace':
      return group.namespace === end.name;
    case 'pods':
      return group.unseen?.name === end.name;
    case 'network':
      return false;
  }
}
