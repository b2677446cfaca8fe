import { describe } from '../../finding.ts';
import type { Report, Rule } from '../rule.ts';
import { blame, isBroker, type KafkaNodes, kafkaNodes, usesSasl } from './kafka-nodes.ts';
import type { ConfigurationSubject } from './subject.ts';

export const kafkaAuthorization: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-authorization',
  severity: 'error',
  title: 'Kafka asks what a user may do, and the brokers themselves may do everything',
  why: 'Logins without an authorizer only say who reads everything. An authorizer to whom the brokers are no super users refuses their own requests: nothing is replicated, and nobody can ever add an ACL.',
  fix: 'Set KAFKA_AUTHORIZER_CLASS_NAME to org.apache.kafka.metadata.authorizer.StandardAuthorizer and KAFKA_SUPER_USERS to the brokers’ own user and an administrator.',
  docs: 'https://kafka.apache.org/36/documentation.html#security_authz',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of kafkaNodes(index)) yield* checkNodes(nodes);
  },
};

function* checkNodes(nodes: KafkaNodes): Generator<Report> {
  const { workload, properties, set } = nodes;
  const report = (message: string, ...blamed: string[]): Report => ({
    message: `${describe(workload.object)}: ${message}`,
    ...blame(nodes, ...blamed, 'listener.security.protocol.map'),
  });
  const authorizer = properties.get('authorizer.class.name');
  if (!authorizer) {
    if (nodes.listeners.some(({ protocol }) => usesSasl(protocol)) && !set.has('authorizer.class.name'))
      yield report('its clients log in, and without `authorizer.class.name` each may do everything');
    return;
  }
  if (authorizer.value === 'kafka.security.authorizer.AclAuthorizer')
    yield report(
      '`authorizer.class.name` keeps its rules in ZooKeeper, which KRaft does not have: Kafka does not start',
      'authorizer.class.name',
    );
  if (properties.get('allow.everyone.if.no.acl.found')?.value === 'true')
    yield report(
      '`allow.everyone.if.no.acl.found` is true: every topic without an ACL is open to everyone',
      'allow.everyone.if.no.acl.found',
    );
  if (set.has('super.users') && !properties.has('super.users')) return;
  const users = superUsers(nodes);
  if (users.size === 0)
    yield report(
      'it has an authorizer and no `super.users`: nobody can ever add an ACL',
      'authorizer.class.name',
    );
  const own = ownUser(nodes);
  if (users.size > 0 && isBroker(nodes) && own && !users.has(own))
    yield report(
      `the brokers log in at each other as \`${own}\`, which is not among \`super.users\`: they refuse each other's requests`,
      'super.users',
    );
}

/** `admin` of `User:admin;User:broker`. */
export const superUsers = ({ properties }: KafkaNodes): ReadonlySet<string> =>
  new Set(
    (properties.get('super.users')?.value ?? '')
      .split(';')
      .map((principal) => principal.trim().replace(/^User:/, ''))
      .filter((name) => name !== ''),
  );

/** The user as which brokers log in among themselves; undefined where no JAAS line tells. */
function ownUser({ properties, listeners, set }: KafkaNodes): string | undefined {
  const inter = listeners.find(({ name }) => name === properties.get('inter.broker.listener.name')?.value);
  if (!inter || !usesSasl(inter.protocol)) return undefined;
  const mechanism = properties.get('sasl.mechanism.inter.broker.protocol')?.value.toLowerCase();
  const jaas = set.get(`listener.name.${inter.name.toLowerCase()}.${mechanism}.sasl.jaas.config`)?.value;
  return jaas && /\busername="([^"]+)"/.exec(jaas)?.[1];
}
