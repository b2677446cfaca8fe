/** network/flows.yaml: who needs to reach whom, on which port, and why. Mirrors schemas/flows.json. */

import {
  addressRange,
  type IntervalSet,
  onePort,
  portRange,
  subtract,
  union,
} from '../../kubernetes/network-policy-sets.ts';
import type { Labels } from '../../kubernetes/selectors.ts';
import type { Sources } from '../../repository/sources.ts';
import { nearestWord } from '../../text/nearest.ts';
import { at, entriesAt, type MapNode, type Node, type Origin, toJson } from '../../yaml/node.ts';

export const flowsPath = 'network/flows.yaml';

/** One end of a flow. */
export type FlowEnd = (
  | {
      /** Pods of a component: those whose `app.kubernetes.io/name` it is. */
      readonly kind: 'component';
      readonly name: string;
      /** Only those whose `app.kubernetes.io/component` it is. */
      readonly workload: string | undefined;
    }
  /** All pods of a namespace, an entry of `pods` or an entry of `networks`. */
  | { readonly kind: 'namespace' | 'pods' | 'network'; readonly name: string }
) & { readonly origin: Origin };

export interface FlowPort {
  readonly text: string;
  readonly ports: IntervalSet;
  readonly origin: Origin;
}

export interface Flow {
  readonly from: readonly FlowEnd[];
  readonly to: readonly FlowEnd[];
  readonly ports: readonly FlowPort[];
  readonly why: string;
  readonly origin: Origin;
}

/** Addresses outside the pod network, or not known to be of a pod. */
export interface Network {
  readonly name: string;
  readonly cidrs: readonly { readonly cidr: string; readonly origin: Origin }[];
  /** Keys of the environment's facts, whose values are further CIDRs. */
  readonly facts: readonly { readonly fact: string; readonly origin: Origin }[];
  readonly except: IntervalSet;
  readonly origin: Origin;
}

/** Pods that no manifest of this repository makes: the cluster's own, those of Helm charts and of operators. */
export interface UnseenPods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly hostNetwork: boolean;
  readonly ports: readonly {
    readonly name: string | undefined;
    readonly number: number;
    readonly protocol: string;
  }[];
  readonly origin: Origin;
}

export interface FlowsEnvironment {
  readonly name: string;
  /** The namespaces whose pods may reach, and be reached by, nothing but what is declared. None: the network is open. */
  readonly closed: readonly { readonly namespace: string; readonly origin: Origin }[];
  readonly origin: Origin;
}

export interface FlowsProblem {
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
}

export interface FlowsFile {
  readonly environments: readonly FlowsEnvironment[];
  /** The addresses of pods; empty where the file does not say. */
  readonly podNetwork: IntervalSet;
  readonly networks: readonly Network[];
  readonly pods: readonly UnseenPods[];
  readonly flows: readonly Flow[];
  readonly problems: readonly FlowsProblem[];
}

/** Reads the file; undefined where there is none. What is not understood is a problem and is left out. */
export function readFlows(sources: Sources): FlowsFile | undefined {
  if (sources.files.kind(flowsPath) === undefined) return undefined;
  const yaml = sources.yaml(flowsPath);
  const start: Origin = { file: flowsPath, line: 1, column: 1 };
  const reader = new Map<string, FlowsProblem>();
  const report = (origin: Origin, message: string, fix: string): void => {
    reader.set(`${origin.line}:${origin.column} ${message}`, { message, fix, origin });
  };
  for (const { message, origin } of yaml?.problems ?? []) report(origin, message, 'Correct the YAML.');
  const root = yaml?.documents[0]?.node;
  if (root?.type !== 'map') {
    if (reader.size === 0)
      report(
        root?.origin ?? start,
        'the file declares nothing',
        'Write the mapping of environments, networks, pods and flows.',
      );
    return { ...nothing, problems: [...reader.values()] };
  }
  const read = fields(report);
  read.known(root, ['environments', 'cluster', 'networks', 'pods', 'flows'], 'the file');
  const file: FlowsFile = {
    environments: read.environments(root),
    podNetwork: read.podNetwork(root),
    networks: read.named(root, 'networks', (name, node, origin) => read.network(name, node, origin)),
    pods: read.named(root, 'pods', (name, node, origin) => read.unseenPods(name, node, origin)),
    flows: read.list(root, 'flows', 'the file', true).flatMap((node) => read.flow(node) ?? []),
    problems: [],
  };
  return { ...file, problems: [...reader.values()] };
}

const nothing: FlowsFile = {
  environments: [],
  podNetwork: [],
  networks: [],
  pods: [],
  flows: [],
  problems: [],
};

type ReportProblem = (origin: Origin, message: string, fix: string) => void;

const endKinds = ['component', 'namespace', 'pods', 'network'] as const;

function fields(report: ReportProblem) {
  const known = (node: MapNode, allowed: readonly string[], of: string): void => {
    for (const [key, { origin }] of node.entries)
      if (!allowed.includes(key)) {
        const nearest = nearestWord(key, allowed);
        report(
          origin,
          `${of} has no field \`${key}\`${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
          `One of ${allowed.join(', ')}.`,
        );
      }
  };

  const text = (node: MapNode, key: string, of: string): string | undefined => {
    const found = at(node, [key]);
    if (found?.type === 'scalar' && typeof found.value === 'string' && found.value.trim() !== '')
      return found.value;
    report(
      found?.origin ?? node.origin,
      found === undefined ? `${of} has no \`${key}\`` : `\`${key}\` of ${of} is no text`,
      `Write \`${key}: …\`.`,
    );
    return undefined;
  };

  const list = (node: MapNode, key: string, of: string, needed: boolean): readonly Node[] => {
    const found = at(node, [key]);
    if (found?.type === 'list') return found.items;
    if (found !== undefined || needed)
      report(
        found?.origin ?? node.origin,
        found === undefined ? `${of} has no \`${key}\`` : `\`${key}\` of ${of} is no list`,
        `Write \`${key}: […]\`.`,
      );
    return [];
  };

  /** Entries of a mapping from names to mappings. */
  const named = <T>(
    root: MapNode,
    key: string,
    make: (name: string, node: MapNode, origin: Origin) => T | undefined,
  ): readonly T[] =>
    [...entriesAt(root, [key])].flatMap(([name, { value, origin }]) => {
      if (value.type === 'map') return make(name, value, origin) ?? [];
      report(origin, `\`${name}\` of ${key} is no mapping`, 'Write its fields below it.');
      return [];
    });

  const environments = (root: MapNode): readonly FlowsEnvironment[] => {
    if (at(root, ['environments'])?.type !== 'map')
      report(
        root.origin,
        'the file has no `environments`: nothing says where the network is closed',
        'Write `environments: {<name>: {closed: [<namespace>, …]}}`; `closed: []` where it is open on purpose.',
      );
    return named(root, 'environments', (name, node, origin) => {
      known(node, ['closed'], `environment \`${name}\``);
      const closed = list(node, 'closed', `environment \`${name}\``, true).flatMap((item) =>
        item.type === 'scalar' && typeof item.value === 'string'
          ? [{ namespace: item.value, origin: item.origin }]
          : [],
      );
      return { name, closed, origin };
    });
  };

  const range = (node: Node, of: string): IntervalSet => {
    const cidr = node.type === 'scalar' ? String(node.value) : '';
    const found = addressRange(cidr);
    if (found === undefined)
      report(node.origin, `${of}: \`${cidr}\` is no range of addresses`, 'Write one such as 10.0.0.0/8.');
    return found ?? [];
  };

  const podNetwork = (root: MapNode): IntervalSet => {
    const cluster = at(root, ['cluster']);
    if (cluster?.type !== 'map') return [];
    known(cluster, ['podNetwork'], 'the cluster');
    const node = at(cluster, ['podNetwork']);
    return node === undefined ? [] : range(node, '`podNetwork`');
  };

  const network = (name: string, node: MapNode, origin: Origin): Network => {
    const of = `network \`${name}\``;
    known(node, ['cidrs', 'facts', 'except'], of);
    const cidrs = list(node, 'cidrs', of, false).filter((item) => range(item, of).length > 0);
    const facts = list(node, 'facts', of, false);
    if (cidrs.length + facts.length === 0)
      report(origin, `${of} has no addresses`, 'Write `cidrs`, or `facts` whose values the environment has.');
    return {
      name,
      cidrs: cidrs.map((item) => ({ cidr: String(toJson(item)), origin: item.origin })),
      facts: facts.map((item) => ({ fact: String(toJson(item)), origin: item.origin })),
      except: union(...list(node, 'except', of, false).map((item) => range(item, of))),
      origin,
    };
  };

  const unseenPods = (name: string, node: MapNode, origin: Origin): UnseenPods | undefined => {
    const of = `pods \`${name}\``;
    known(node, ['namespace', 'labels', 'hostNetwork', 'ports'], of);
    const namespace = text(node, 'namespace', of);
    const labels: Record<string, string> = {};
    for (const [key, { value }] of entriesAt(node, ['labels']))
      if (value.type === 'scalar') labels[key] = String(value.value);
    if (Object.keys(labels).length === 0)
      report(origin, `${of} have no \`labels\``, 'Write the labels by which policies find them.');
    const ports = [...entriesAt(node, ['ports'])].flatMap(([portName, { value }]) => {
      const port = portOf(value);
      return port === undefined ? [] : [{ name: portName, number: port.first, protocol: port.protocol }];
    });
    const host = at(node, ['hostNetwork']);
    return namespace === undefined
      ? undefined
      : {
          name,
          namespace,
          labels,
          hostNetwork: host?.type === 'scalar' && host.value === true,
          ports,
          origin,
        };
  };

  const portOf = (node: Node): { protocol: string; first: number; last: number } | undefined => {
    const written = node.type === 'scalar' ? String(node.value) : '';
    const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(TCP|UDP|SCTP))?$/.exec(written);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match && first >= 1 && first <= last && last <= 65535)
      return { protocol: match[3] ?? 'TCP', first, last };
    report(
      node.origin,
      `\`${written}\` is no port`,
      'Write the number of the pod, such as 9092, 53/UDP or 30000-30009/TCP.',
    );
    return undefined;
  };

  const end = (node: Node, side: 'from' | 'to'): FlowEnd | undefined => {
    const fix = `Write one of ${endKinds.map((kind) => `{${kind}: …}`).join(', ')}.`;
    if (node.type !== 'map') {
      report(node.origin, `\`${side}\` of a flow is no mapping`, fix);
      return undefined;
    }
    known(node, [...endKinds, 'workload'], `\`${side}\` of a flow`);
    const kinds = endKinds.filter((kind) => at(node, [kind]) !== undefined);
    const kind = kinds[0];
    if (kind === undefined || kinds.length > 1) {
      report(
        node.origin,
        `\`${side}\` of a flow names ${kind === undefined ? 'nobody' : `both ${kinds.join(' and ')}`}`,
        fix,
      );
      return undefined;
    }
    const name = text(node, kind, `\`${side}\` of a flow`);
    if (name === undefined) return undefined;
    const { origin } = node;
    const workload = at(node, ['workload']) && text(node, 'workload', `\`${side}\` of a flow`);
    if (kind === 'component') return { kind, name, workload, origin };
    if (workload !== undefined)
      report(origin, '`workload` narrows a component, and nothing else', 'Leave it out.');
    return { kind, name, origin };
  };

  const ends = (node: MapNode, side: 'from' | 'to'): readonly FlowEnd[] => {
    const found = at(node, [side]);
    if (found === undefined) {
      report(node.origin, `a flow has no \`${side}\``, `Write \`${side}: {component: …}\`.`);
      return [];
    }
    return (found.type === 'list' ? found.items : [found]).flatMap((item) => end(item, side) ?? []);
  };

  const flow = (node: Node): Flow | undefined => {
    if (node.type !== 'map') {
      report(node.origin, 'a flow is no mapping', 'Write `from`, `to`, `ports` and `why`.');
      return undefined;
    }
    known(node, ['from', 'to', 'ports', 'why'], 'a flow');
    const why = text(node, 'why', 'a flow') ?? '';
    if (why !== '' && why.trim().length < 10)
      report(
        at(node, ['why'])?.origin ?? node.origin,
        `\`${why}\` tells nobody why`,
        'Write what would not work without the flow.',
      );
    const listed = list(node, 'ports', 'a flow', true);
    if (listed.length === 0 && at(node, ['ports'])?.type === 'list')
      report(node.origin, 'a flow has no ports', 'Write the ports of the pods at which it ends.');
    const ports = listed.flatMap((item) => {
      const port = portOf(item);
      return port === undefined
        ? []
        : [
            {
              text: `${port.first === port.last ? port.first : `${port.first}-${port.last}`}/${port.protocol}`,
              ports:
                port.first === port.last
                  ? onePort(port.protocol, port.first)
                  : portRange(port.protocol, port.first, port.last),
              origin: item.origin,
            },
          ];
    });
    return { from: ends(node, 'from'), to: ends(node, 'to'), ports, why, origin: node.origin };
  };

  return { known, list, named, environments, podNetwork, network, unseenPods, flow };
}

/** The addresses of a network in an environment whose facts are given; facts that it lacks count for nothing. */
export const addressesOf = (network: Network, facts: ReadonlyMap<string, string>): IntervalSet =>
  subtract(
    union(
      ...network.cidrs.map(({ cidr }) => addressRange(cidr) ?? []),
      ...network.facts.map(({ fact }) => addressRange(facts.get(fact) ?? '') ?? []),
    ),
    network.except,
  );

/** `kafka`, `flink (jobmanager)`, `every pod of infometis`: as messages name an end. */
export function printEnd(end: FlowEnd): string {
  switch (end.kind) {
    case 'component':
      return end.workload === undefined ? end.name : `${end.name} (${end.workload})`;
    case 'namespace':
      return `every pod of ${end.name}`;
    case 'pods':
      return end.name;
    case 'network':
      return `network ${end.name}`;
  }
}

export const printEnds = (ends: readonly FlowEnd[]): string => ends.map(printEnd).join(', ');

/** `traefik → nifi on 8443/TCP`. */
export const printFlow = ({ from, to, ports }: Flow): string =>
  `${printEnds(from)} → ${printEnds(to)} on ${ports.map(({ text }) => text).join(', ')}`;
