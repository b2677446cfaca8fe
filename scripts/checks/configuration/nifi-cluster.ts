import { describe } from '../../finding.ts';
import { containersOf, portsOf } from '../../kubernetes/pod-template.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf } from './addresses.ts';
import { type NifiNodes, nifiNodes } from './nifi.ts';
import type { ConfigurationSubject } from './subject.ts';
import { forPod, type Variable, variablesOf } from './variables.ts';

export const nifiCluster: Rule<ConfigurationSubject> = {
  id: 'configuration/nifi-cluster',
  severity: 'error',
  title:
    'Several NiFi pods are one cluster: each has an address of its own, and all share ZooKeeper and the key of the flow',
  why: 'Pods that are no cluster have a flow each, of which the browser shows one at random. Nodes with the wrong address, port or key are refused by the coordinator, or cannot read the flow.',
  fix: 'Set NIFI_CLUSTER_IS_NODE, NIFI_CLUSTER_ADDRESS (the pod’s name below the headless Service), NIFI_CLUSTER_NODE_PROTOCOL_PORT and NIFI_ZK_CONNECT_STRING.',
  docs: 'https://nifi.apache.org/docs/nifi-docs/html/administration-guide.html#clustering',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of nifiNodes(index)) {
      yield* checkKeys(index, nodes);
      if (nodes.settings.get('nifi.cluster.is.node')?.value === 'true') yield* checkMembers(index, nodes);
      else if (nodes.pods.length > 1) {
        const setting = nodes.settings.get('nifi.cluster.is.node');
        yield {
          message: `${describe(nodes.workload.object)}: ${nodes.pods.length} replicas that are no cluster: each has a flow of its own`,
          at: setting?.at ?? nodes.workload.object.node.origin,
          object: setting?.object ?? nodes.workload.object,
        };
      }
    }
  },
};

function* checkMembers(index: ConfigurationSubject['index'], nodes: NifiNodes): Generator<Report> {
  const { workload, container, settings, variables, pods } = nodes;
  const { object } = workload;
  const report = (message: string, ...keys: readonly string[]): Report => {
    const setting = [...keys, 'nifi.cluster.is.node'].map((key) => settings.get(key)).find((each) => each);
    return {
      message: `${describe(object)}: ${message}`,
      at: setting?.at ?? object.node.origin,
      object: setting?.object ?? object,
    };
  };

  const address = settings.get('nifi.cluster.node.address');
  if (!address) yield report('`NIFI_CLUSTER_ADDRESS` is missing: every node calls itself localhost');
  else {
    const hosts = pods.map((pod) => forPod(address.value, variables, pod));
    const [host = ''] = hosts;
    const backend = backendOf(index, host, workload.namespace);
    if (pods.length > 1 && new Set(hosts).size < pods.length)
      yield report(
        `the address \`${address.value}\` is the same for each of its ${pods.length} nodes`,
        address.key,
      );
    else if (!backend)
      yield report(
        `the address \`${address.value}\` is a name that nothing in the cluster resolves`,
        address.key,
      );
    else if (!backend.headless || !backend.workloads.includes(workload) || backend.pod !== pods[0]?.name)
      yield report(
        `the address \`${address.value}\` does not lead to the node itself: ${describe(backend.service)} is ${backend.headless ? 'for other pods' : 'not headless'}`,
        address.key,
      );
    const web = settings.get('nifi.web.https.host');
    if (web && web.value !== '0.0.0.0' && web.value !== address.value)
      yield report(
        `\`nifi.web.https.host\` is \`${web.value}\`, and the nodes call each other \`${address.value}\``,
        web.key,
      );
  }

  const open = portsOf(workload.template).filter((port) => port.container === container.name);
  for (const key of ['nifi.cluster.node.protocol.port', 'nifi.cluster.load.balance.port']) {
    const setting = settings.get(key);
    // The load balancing port has a default of its own: 6342.
    const port = setting?.value ?? (key.includes('balance') ? '6342' : undefined);
    if (port === undefined || port === '')
      yield report(`\`${key}\` is missing: the nodes cannot talk to each other`);
    else if (open.length > 0 && !open.some(({ number }) => String(number) === port))
      yield report(
        `\`${key}\` is ${port}, and container \`${container.name}\` declares ${open.map(({ number }) => number).join(', ')}: network policies do not open it`,
        key,
      );
  }
  if (!settings.get('nifi.zookeeper.connect.string')?.value)
    yield report('`NIFI_ZK_CONNECT_STRING` is missing: no node can be elected');
  if (!variables.has('NIFI_SENSITIVE_PROPS_KEY') && !settings.get('nifi.sensitive.props.key')?.value)
    yield report(
      '`NIFI_SENSITIVE_PROPS_KEY` is missing: each node makes up a key, and cannot read the flow of the others',
    );
  if (
    settings.has('nifi.security.keystore') &&
    settings.get('nifi.cluster.protocol.is.secure')?.value !== 'true'
  )
    yield report(
      '`nifi.cluster.protocol.is.secure` is not true, although the nodes have key stores: they talk without TLS',
      'nifi.cluster.protocol.is.secure',
    );
  const candidates = Number(settings.get('nifi.cluster.flow.election.max.candidates')?.value);
  if (candidates > pods.length)
    yield report(
      `the election waits for ${candidates} candidates, and there are ${pods.length} nodes: every start takes the whole waiting time`,
      'nifi.cluster.flow.election.max.candidates',
    );
}

/** The containers that need the key of the flow, the init containers among them, have to agree on it. */
function* checkKeys(index: ConfigurationSubject['index'], { workload }: NifiNodes): Generator<Report> {
  const keys = containersOf(workload.template).flatMap((container): Variable[] => {
    const variable = variablesOf(index, workload, container).get('NIFI_SENSITIVE_PROPS_KEY');
    return variable ? [variable] : [];
  });
  const print = ({ value, secret }: Variable): string =>
    secret ? `key \`${secret.key}\` of Secret ${secret.name}` : `\`${value}\``;
  const [first, ...others] = keys;
  for (const other of others)
    if (first && print(other) !== print(first))
      yield {
        message: `${describe(workload.object)}: \`NIFI_SENSITIVE_PROPS_KEY\` is ${print(other)} in one container and ${print(first)} in another: NiFi cannot read its own flow`,
        at: other.at,
        object: other.object,
      };
}
