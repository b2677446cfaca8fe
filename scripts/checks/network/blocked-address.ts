import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import { closing, type Direction, type NetworkPolicy, openToPods } from '../../kubernetes/network-policy.ts';
import { covers, type IntervalSet, onePort, printPortSet } from '../../kubernetes/network-policy-sets.ts';
import { numberAt } from '../../kubernetes/pod-template.ts';
import { equalityRequirements, labelsOf } from '../../kubernetes/selectors.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import { type Address, addressesIn } from '../reference/address-text.ts';
import { configReferences } from '../reference/config-references.ts';
import type { Workload } from '../reference/index-objects.ts';
import { meanings } from '../reference/service-address.ts';
import { isHeadless } from '../reference/service-ports.ts';
import type { Report, Rule } from '../rule.ts';
import { listening } from './listening.ts';
import { scrapeTargets } from './scrape-targets.ts';
import type { NetworkSubject, PodGroup } from './subject.ts';

export const blockedAddress: Rule<NetworkSubject> = {
  id: 'network/blocked-address',
  severity: 'warning',
  title: 'Policies let a pod reach the Services that its configuration addresses',
  why: 'The client waits for an answer that never comes, and no event says why.',
  fix: 'Open the port in both directions: in the egress of the client and in the ingress of the pods behind the Service.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  scope: 'general',
  *check(subject) {
    const namespaces = new Set([...builtInNamespaces, ...subject.namespaces.keys()]);
    const readers = readersOf(subject);
    const groups = new Map(
      subject.pods.flatMap((pods): [RenderedObject, PodGroup][] =>
        pods.workload ? [[pods.workload.object, pods]] : [],
      ),
    );
    const told = new Set<string>();
    for (const address of [...addressesIn(subject.index), ...scrapeTargets(subject.index)]) {
      const service = meanings(address, namespaces)
        .map(({ name, namespace }) => subject.index.find({ group: '', kind: 'Service', namespace, name }))
        .find((found) => found !== undefined);
      if (!service) continue;
      const clients = isKind(address.object, '', 'ConfigMap')
        ? (readers.get(address.object) ?? [])
        : [address.object];
      for (const client of clients) {
        const pods = groups.get(client);
        // Three brokers in one list are one mistake.
        const key = `${pods?.key} ${subject.index.namespaceOf(service)}/${service.name} ${address.port}`;
        const report = pods && !told.has(key) && checkAddress(subject, address, service, pods);
        if (!report) continue;
        told.add(key);
        yield report;
      }
    }
  },
};

function checkAddress(
  subject: NetworkSubject,
  address: Address,
  service: RenderedObject,
  client: PodGroup,
): Report | undefined {
  const behind = podsBehind(subject, service).map((pods) => ({
    pods,
    ports: podPorts(service, address.port ?? 0, pods),
  }));
  const open = behind.filter(({ ports }) => ports.length > 0);
  // A pod that names its own Service mostly tells others where it is.
  if (open.length === 0 || open.some(({ pods }) => pods === client)) return undefined;
  const shut = open.map(({ pods, ports }) => ({
    pods,
    ports,
    by: shutBy(subject, client, pods, ports),
  }));
  const first = shut[0];
  if (!first || shut.some(({ by }) => by === undefined)) return undefined;
  // A file may be meant for another pod of the component: a Job hands its server the address of a third.
  if (isKind(address.object, '', 'ConfigMap') && isOpenToSibling(subject, client, first)) return undefined;
  const { pods, ports, by } = first;
  const closed = subject.plan?.closed;
  const isClosed = closed?.has(client.namespace) === true || closed?.has(pods.namespace) === true;
  return {
    message: `${client.title}: ${address.reader} addresses \`${address.host}:${address.port}\`, and the ${by?.direction} of ${by?.direction === 'egress' ? client.title : pods.title} is closed by NetworkPolicy ${by?.policies.map(({ object }) => object.name).join(', ')}, which do not open ${printPortSet(ports)} ${by?.direction === 'egress' ? `to ${pods.title}` : `from ${client.title}`}`,
    at: address.at,
    object: address.object,
    ...(isClosed && {
      severity: 'error' as const,
      fix: 'Declare the flow in network/flows.yaml and open it in the policies of both sides.',
    }),
  };
}

const isOpenToSibling = (
  subject: NetworkSubject,
  { workload }: PodGroup,
  { pods, ports }: { readonly pods: PodGroup; readonly ports: IntervalSet },
): boolean =>
  subject.pods.some(
    (sibling) =>
      sibling.workload !== undefined &&
      sibling.workload.object !== workload?.object &&
      sibling.workload.object.component === workload?.object.component &&
      sibling.workload.object.environment === workload?.object.environment &&
      sibling.namespace === workload?.namespace &&
      podsAlike(sibling, workload) &&
      shutBy(subject, sibling, pods, ports) === undefined,
  );

/** Two workloads of one application: what labels of Kubernetes' own say, where there are some. */
const podsAlike = (sibling: PodGroup, workload: Workload): boolean => {
  const name = workload.template.labels['app.kubernetes.io/name'];
  return name !== undefined && sibling.labels['app.kubernetes.io/name'] === name;
};

interface Shut {
  readonly direction: Direction;
  readonly policies: readonly NetworkPolicy[];
}

function shutBy(
  subject: NetworkSubject,
  client: PodGroup,
  server: PodGroup,
  ports: IntervalSet,
): Shut | undefined {
  const podNetwork = subject.plan?.file.podNetwork ?? [];
  for (const [direction, here, there] of [
    ['egress', client, server],
    ['ingress', server, client],
  ] as const) {
    const policies = closing(subject.policies, here, direction);
    // Ranges of addresses may hold the pods: where their network is not known, they are taken to.
    const mayHold = policies.some(({ rules }) =>
      rules.some(
        (rule) => rule.direction === direction && rule.peers.some(({ addresses }) => addresses !== undefined),
      ),
    );
    if (
      policies.length === 0 ||
      client.hostNetwork ||
      subject.mayBeOpened(here.namespace) ||
      (mayHold && podNetwork.length === 0)
    )
      continue;
    if (!covers(openToPods(policies, direction, here, there, podNetwork), ports))
      return { direction, policies };
  }
  return undefined;
}

export function podsBehind(subject: NetworkSubject, service: RenderedObject): readonly PodGroup[] {
  const selector = equalityRequirements(labelsOf(at(service.node, ['spec', 'selector'])));
  const namespace = subject.index.namespaceOf(service);
  if (selector.length === 0) return [];
  return subject.pods.filter(
    (pods) => !pods.stranger && pods.namespace === namespace && pods.fulfils(selector),
  );
}

/** The ports of a pod to which a port of a Service leads; a headless name leads to the pod itself. */
export function podPorts(service: RenderedObject, port: number, pods: PodGroup): IntervalSet {
  if (isHeadless(service)) {
    const own = onePort('TCP', port);
    // What nobody listens on is not the policies' doing.
    return pods.ports.length === 0 || covers(listening(pods), own) ? own : [];
  }
  const entry = itemsAt(service.node, ['spec', 'ports']).find(
    (each) => numberAt(each, ['port']) === port && (textAt(each, ['protocol']) ?? 'TCP') === 'TCP',
  );
  if (!entry) return [];
  const name = textAt(entry, ['targetPort']);
  const number =
    name === undefined
      ? (numberAt(entry, ['targetPort']) ?? port)
      : pods.ports.find((each) => each.name === name && each.protocol === 'TCP')?.number;
  return number === undefined ? [] : onePort('TCP', number);
}

/** The workloads that read each ConfigMap. */
function readersOf(subject: NetworkSubject): ReadonlyMap<RenderedObject, readonly RenderedObject[]> {
  const readers = new Map<RenderedObject, RenderedObject[]>();
  for (const { object, target } of configReferences(subject.index, 'ConfigMap')) {
    const configMap = subject.index.find(target);
    if (!configMap) continue;
    const known = readers.get(configMap) ?? [];
    if (!known.includes(object)) known.push(object);
    readers.set(configMap, known);
  }
  return readers;
}
