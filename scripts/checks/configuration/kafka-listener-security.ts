import { describe } from '../../finding.ts';
import type { Report, Rule } from '../rule.ts';
import {
  blame,
  enforcesTls,
  isBroker,
  type KafkaNodes,
  kafkaNodes,
  type Listener,
  listenerProperty,
  usesSasl,
  usesTls,
} from './kafka-nodes.ts';
import { listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

const mechanisms = /^(PLAIN|SCRAM-SHA-(256|512)|GSSAPI|OAUTHBEARER)$/;

export const kafkaListenerSecurity: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-listener-security',
  severity: 'error',
  title:
    'A listener of Kafka has the keys and logins that its protocol needs, and none is open where the environment encrypts',
  why: 'Kafka does not start over a TLS listener without a key store or a SASL listener without logins. A plain listener beside encrypted ones lets everyone in the cluster read and write as nobody.',
  fix: 'Set the SSL_KEYSTORE_… and SSL_TRUSTSTORE_… properties for TLS, the enabled mechanisms and the JAAS line for SASL; map every listener to SASL_SSL or SSL.',
  docs: 'https://kafka.apache.org/36/documentation.html#listener_configuration',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of kafkaNodes(index)) {
      for (const listener of nodes.listeners) {
        yield* checkTls(nodes, listener);
        yield* checkSasl(nodes, listener);
      }
      if (enforcesTls(index)) yield* checkOpen(nodes);
      yield* checkController(nodes);
    }
  },
};

const reporter =
  (nodes: KafkaNodes) =>
  (message: string, ...blamed: string[]): Report => ({
    message: `${describe(nodes.workload.object)}: ${message}`,
    ...blame(nodes, ...blamed, 'listener.security.protocol.map', 'listeners'),
  });

function* checkTls(nodes: KafkaNodes, listener: Listener): Generator<Report> {
  if (!usesTls(listener.protocol)) return;
  const property = (name: string) => listenerProperty(nodes, listener, name);
  const report = reporter(nodes);
  const isPem = property('ssl.keystore.type')?.value === 'PEM';
  const lacks = [
    ...(property('ssl.keystore.location') || property('ssl.keystore.certificate.chain')
      ? []
      : ['ssl.keystore.location']),
    ...(!isPem && property('ssl.keystore.location') && !property('ssl.keystore.password')
      ? ['ssl.keystore.password']
      : []),
    // Who asks others for their certificate must know whom to believe; so must a broker that calls others.
    ...(property('ssl.truststore.location') || property('ssl.truststore.certificates')
      ? []
      : ['ssl.truststore.location']),
  ];
  if (lacks.length > 0)
    yield report(
      `listener \`${listener.name}\` is ${listener.protocol} and has no ${lacks.map((name) => `\`${name}\``).join(', ')}: Kafka does not start, or no client trusts it`,
    );
}

function* checkSasl(nodes: KafkaNodes, listener: Listener): Generator<Report> {
  if (!usesSasl(listener.protocol)) return;
  const report = reporter(nodes);
  const { name } = listener;
  const enabledName = `listener.name.${name.toLowerCase()}.sasl.enabled.mechanisms`;
  const enabled = listenerProperty(nodes, listener, 'sasl.enabled.mechanisms');
  const listed = enabled?.value === undefined && enabled ? undefined : listOf(enabled?.value ?? 'GSSAPI');
  if (!listed) return;
  for (const mechanism of listed) {
    if (!mechanisms.test(mechanism))
      yield report(
        `listener \`${name}\` enables the SASL mechanism \`${mechanism}\`, which Kafka does not have`,
        enabledName,
        'sasl.enabled.mechanisms',
      );
    else if (
      !listenerProperty(nodes, listener, `${mechanism.toLowerCase()}.sasl.jaas.config`) &&
      !nodes.variables.has('KAFKA_OPTS')
    )
      yield report(
        `listener \`${name}\` enables ${mechanism}${enabled ? '' : ' (the default)'} and has no \`${mechanism.toLowerCase()}.sasl.jaas.config\`: Kafka does not start`,
        enabledName,
      );
  }
  const inter = nodes.properties.get('inter.broker.listener.name')?.value;
  if (name !== inter || !isBroker(nodes)) return;
  const own = nodes.set.get('sasl.mechanism.inter.broker.protocol');
  const mechanism = own ? own.value : 'GSSAPI';
  if (mechanism !== undefined && !listed.includes(mechanism))
    yield report(
      `\`sasl.mechanism.inter.broker.protocol\` is ${mechanism}${own ? '' : ' (the default)'}, and listener \`${name}\` enables ${listed.join(', ')}: the brokers cannot log in at each other`,
      'sasl.mechanism.inter.broker.protocol',
      enabledName,
    );
}

function* checkOpen(nodes: KafkaNodes): Generator<Report> {
  for (const { name, protocol } of nodes.listeners)
    if (protocol !== undefined && !usesTls(protocol))
      yield reporter(nodes)(
        `listener \`${name}\` is ${protocol} in an environment that has certificates: what passes through it can be read by everyone on the network`,
      );
}

/** Controllers let in whoever has a certificate of the authority; without one, whoever connects. */
function* checkController(nodes: KafkaNodes): Generator<Report> {
  for (const listener of nodes.listeners) {
    if (!listener.controller || listener.protocol !== 'SSL') continue;
    const asked = listenerProperty(nodes, listener, 'ssl.client.auth')?.value;
    if (asked !== 'required')
      yield reporter(nodes)(
        `listener \`${listener.name}\` of the controllers is SSL with \`ssl.client.auth\` ${asked ?? 'none (the default)'}: whoever reaches it may change the cluster's metadata`,
        `listener.name.${listener.name.toLowerCase()}.ssl.client.auth`,
      );
  }
}
