import { describe } from '../../finding.ts';
import { portsOf } from '../../kubernetes/pod-template.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { blame, isBroker, type KafkaNodes, kafkaNodes, protocolMap } from './kafka-nodes.ts';
import { listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

const protocols: ReadonlySet<string> = new Set(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);

export const kafkaListeners: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-listeners',
  severity: 'error',
  title:
    'The listeners that Kafka listens on, advertises, maps to protocols and uses itself are the same ones',
  why: 'A broker refuses to start over a listener without a protocol, one that it should use and does not listen on, or a controller listener that it advertises.',
  fix: 'Name each listener in `listeners` and in `listener.security.protocol.map`; advertise those of brokers, and no others.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs_listeners',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of kafkaNodes(index)) yield* checkNodes(nodes);
  },
};

function* checkNodes(nodes: KafkaNodes): Generator<Report> {
  const { workload, properties, listeners } = nodes;
  const title = describe(workload.object);
  const names = listeners.map(({ name }) => name);
  const map = protocolMap(properties.get('listener.security.protocol.map')?.value);
  const report = (message: string, ...blamed: string[]): Report => ({
    message: `${title}: ${message}`,
    ...blame(nodes, ...blamed),
  });

  for (const { name, protocol } of listeners)
    if (protocol === undefined)
      yield report(
        `listener \`${name}\` has no protocol in \`listener.security.protocol.map\`: Kafka does not start${didYouMean(name, map.keys())}`,
        'listener.security.protocol.map',
        'listeners',
      );
  for (const [name, protocol] of map)
    if (!protocols.has(protocol))
      yield report(
        `\`listener.security.protocol.map\` gives listener \`${name}\` the protocol \`${protocol}\`, and there is none of that name: Kafka does not start${didYouMean(protocol, protocols)}`,
        'listener.security.protocol.map',
      );
  for (const { name, port } of repeated(listeners))
    yield report(
      `listener \`${name}\` has port ${port}, which another one has: Kafka does not start`,
      'listeners',
    );

  const controllers = listOf(properties.get('controller.listener.names')?.value);
  // One of them is enough: a second may be meant for another role.
  if (nodes.roles.includes('controller') && !controllers.some((name) => names.includes(name)))
    for (const name of controllers)
      yield report(
        `\`controller.listener.names\` names \`${name}\`, on which it does not listen: Kafka does not start${didYouMean(name, names)}`,
        'controller.listener.names',
      );

  const inter = properties.get('inter.broker.listener.name');
  if (inter && properties.has('security.inter.broker.protocol'))
    yield report(
      '`inter.broker.listener.name` and `security.inter.broker.protocol` are both set, of which Kafka takes only one: it does not start',
      'security.inter.broker.protocol',
    );
  if (inter && controllers.includes(inter.value))
    yield report(
      `\`inter.broker.listener.name\` is \`${inter.value}\`, which is a listener of controllers: Kafka does not start`,
      'inter.broker.listener.name',
    );
  else if (isBroker(nodes)) {
    if (inter && !names.includes(inter.value))
      yield report(
        `\`inter.broker.listener.name\` is \`${inter.value}\`, on which it does not listen: Kafka does not start${didYouMean(inter.value, names)}`,
        'inter.broker.listener.name',
      );
    else if (
      !inter &&
      !properties.has('security.inter.broker.protocol') &&
      map.get('PLAINTEXT') === undefined
    )
      yield report(
        'neither `inter.broker.listener.name` nor `security.inter.broker.protocol` says which listener the brokers use among themselves: Kafka looks for one named PLAINTEXT and does not start',
        'listeners',
      );
  }
  yield* checkAdvertised(nodes, controllers, inter?.value, report);
  yield* checkPorts(nodes, report);
}

function* checkAdvertised(
  nodes: KafkaNodes,
  controllers: readonly string[],
  inter: string | undefined,
  report: (message: string, ...blamed: string[]) => Report,
): Generator<Report> {
  const setting = nodes.properties.get('advertised.listeners');
  const names = nodes.listeners.map(({ name }) => name);
  if (!setting) {
    if (isBroker(nodes) && nodes.listeners.some(({ host, controller }) => !controller && host === '0.0.0.0'))
      yield report('it listens on 0.0.0.0 and advertises nothing: Kafka does not start', 'listeners');
    return;
  }
  if (!isBroker(nodes)) {
    yield report(
      '`advertised.listeners` is set on a node that is only a controller: Kafka does not start',
      'advertised.listeners',
    );
    return;
  }
  const advertised = listOf(setting.value).map((entry) => entry.split('://')[0]!);
  for (const name of advertised) {
    if (controllers.includes(name))
      yield report(
        `\`advertised.listeners\` has \`${name}\`, which is a listener of controllers: Kafka does not start`,
        'advertised.listeners',
      );
    else if (!names.includes(name))
      yield report(
        `\`advertised.listeners\` has \`${name}\`, on which it does not listen: Kafka does not start${didYouMean(name, names)}`,
        'advertised.listeners',
      );
  }
  if (
    inter !== undefined &&
    names.includes(inter) &&
    !controllers.includes(inter) &&
    !advertised.includes(inter)
  )
    yield report(
      `the brokers use listener \`${inter}\` among themselves and do not advertise it: Kafka does not start`,
      'advertised.listeners',
    );
}

/** A listener on a port that the container does not declare works, but Services and policies by port name miss it. */
function* checkPorts(
  { workload, container, listeners }: KafkaNodes,
  report: (message: string, ...blamed: string[]) => Report,
): Generator<Report> {
  const ports = portsOf(workload.template).filter((port) => port.container === container.name);
  if (ports.length === 0) return;
  for (const { name, port } of listeners)
    if (port !== undefined && !ports.some(({ number }) => number === port))
      yield report(
        `listener \`${name}\` is on port ${port}, and container \`${container.name}\` declares ${ports.map(({ number }) => number).join(', ')}: the Services do not lead to it`,
        'listeners',
      );
}

const repeated = <T extends { readonly port: number | undefined }>(listeners: readonly T[]): readonly T[] =>
  listeners.filter(
    ({ port }, position) =>
      port !== undefined && port !== 0 && listeners.findIndex((other) => other.port === port) < position,
  );
