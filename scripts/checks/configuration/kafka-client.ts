import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, isPodOf, podPortsBehind } from './addresses.ts';
import { type KafkaClient, kafkaClients } from './kafka-clients.ts';
import {
  isBroker,
  type KafkaNodes,
  kafkaNodes,
  type Listener,
  listenerProperty,
  usesSasl,
} from './kafka-nodes.ts';
import { hostPort, listOf as partsOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

export const kafkaClient: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-client',
  severity: 'error',
  title: 'A client of Kafka calls a listener for clients, in the way that this listener speaks',
  why: 'A plain client at a TLS listener, or the other way round, waits for an answer that never comes or makes the broker run out of memory on a nonsensical length; another SASL mechanism is refused.',
  fix: 'Take address, security protocol and mechanism from the listener of the brokers.',
  docs: 'https://kafka.apache.org/36/documentation.html#security_configclients',
  scope: 'infometis',
  *check({ index }) {
    const brokers = kafkaNodes(index).filter(isBroker);
    if (brokers.length === 0) return;
    for (const client of kafkaClients(index)) yield* checkClient(index, client, brokers);
  },
};

interface Reached {
  readonly nodes: KafkaNodes;
  readonly listener: Listener;
}

function* checkClient(
  index: ConfigurationSubject['index'],
  client: KafkaClient,
  brokers: readonly KafkaNodes[],
): Generator<Report> {
  const { workload, bootstrap } = client;
  for (const server of partsOf(bootstrap.value)) {
    const address = hostPort(server);
    if (!address || address.host.includes('$')) continue;
    const report = (message: string): Report => ({
      message: `${describe(workload.object)}: ${bootstrap.reader} names \`${server}\`, ${message}`,
      at: bootstrap.at,
      object: bootstrap.object,
    });
    if (address.port === undefined) {
      yield report('which has no port: the client does not start');
      continue;
    }
    const backend = backendOf(index, address.host, workload.namespace);
    // A name that no Service has is the reference stage's business, or the site's.
    if (!backend || backend.workloads.length === 0) continue;
    const nodes = brokers.find((each) => backend.workloads.includes(each.workload));
    if (!nodes) {
      yield report(`and ${describe(backend.service)} does not lead to a broker`);
      continue;
    }
    if (!isPodOf(backend)) {
      yield report(`and there is no pod \`${backend.pod}\`: the name does not resolve`);
      continue;
    }
    const ports = podPortsBehind(backend, address.port);
    const listener = nodes.listeners.find(({ port }) => port !== undefined && ports.includes(port));
    if (!listener) {
      const open = nodes.listeners.filter(({ controller }) => !controller);
      yield report(
        `and no listener is there: the brokers have ${open.map(({ name, port }) => `${name} on ${port}`).join(', ')}`,
      );
    } else if (listener.controller)
      yield report(`where listener \`${listener.name}\` talks to controllers alone: it answers no client`);
    else yield* checkLanguage(client, { nodes, listener }, server);
    return;
  }
}

function* checkLanguage(
  { workload, bootstrap, protocol, protocolSetting, mechanism }: KafkaClient,
  { nodes, listener }: Reached,
  server: string,
): Generator<Report> {
  const title = describe(workload.object);
  const scheme = /^(\w+):\/\//.exec(server)?.[1];
  const wanted = listener.protocol;
  if (wanted === undefined) return;
  if (scheme !== undefined && scheme !== wanted)
    yield {
      message: `${title}: ${bootstrap.reader} names \`${server}\`, and listener \`${listener.name}\` there is ${wanted}`,
      at: bootstrap.at,
      object: bootstrap.object,
    };
  if (protocol !== wanted) {
    yield {
      message: `${title}: it talks ${protocol} to \`${server}\`, and listener \`${listener.name}\` there is ${wanted}: ${usesSasl(wanted) ? 'it cannot log in' : 'the two do not understand each other'}`,
      fix: `Make the client's security protocol ${wanted}.`,
      at: protocolSetting.at,
      object: protocolSetting.object,
    };
    return;
  }
  if (!usesSasl(wanted)) return;
  const enabled = listenerProperty(nodes, listener, 'sasl.enabled.mechanisms')?.value;
  const names = partsOf(enabled ?? 'GSSAPI');
  const own = mechanism?.value ?? 'GSSAPI';
  if (!names.includes(own))
    yield {
      message: `${title}: it logs in with ${own}${mechanism ? '' : ' (the default)'}, and listener \`${listener.name}\` enables ${names.join(', ')}: it is refused${didYouMean(own, names)}`,
      at: (mechanism ?? protocolSetting).at,
      object: (mechanism ?? protocolSetting).object,
    };
}
