import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { ReferenceSubject } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { mainContainers } from './config-files.ts';
import { kafkaAccess } from './kafka-access.ts';
import { argumentsOf, kafkaLogins, userSecret } from './kafka-clients.ts';
import type { ConfigurationSubject } from './subject.ts';
import { variablesOf } from './variables.ts';

export const kafkaUser: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-user',
  severity: 'error',
  title: 'Every user as which a client logs in at Kafka is declared, and comes with its own password',
  why: 'Nobody makes the user, or its password is that of another, so Kafka refuses the login: the client retries for ever.',
  fix: 'Declare `user NAME` and what it may do in base/kafka-access/config/platform.access.',
  docs: 'https://kafka.apache.org/36/documentation.html#security_sasl_scram',
  scope: 'infometis',
  *check({ index }) {
    const { users, readers } = kafkaAccess(index);
    const names = new Set(users.map(({ name }) => name));
    // Of a name that nobody declares the other report tells.
    yield* checkPasswords(index, (user) => names.size === 0 || names.has(user));
    if (users.length === 0) return;
    for (const { value, at, object, reader, workload } of kafkaLogins(index)) {
      if (names.has(value) || readers.includes(workload)) continue;
      yield {
        message: `${describe(workload.object)}: ${reader} logs in at Kafka as \`${value}\`, a user that is not declared: it is refused${didYouMean(value, names)}`,
        at,
        object,
      };
    }
  },
};

const written = /LoginModule\s+required\s+username="([^"$]+)"\s+password="\$\(([\w.-]+)\)"/;

/** The password beside a name in a JAAS line, or in kafka-exporter's variable, is from the Secret of that user. */
function* checkPasswords(index: ReferenceSubject, isUser: (name: string) => boolean): Generator<Report> {
  for (const workload of index.workloads)
    for (const container of mainContainers(workload)) {
      const variables = variablesOf(index, workload, container);
      const pairs = [...variables.values()].flatMap(({ value }) => {
        const match = written.exec(value ?? '');
        return match ? [[match[1]!, variables.get(match[2]!)] as const] : [];
      });
      const exporter = argumentsOf(workload, container).find(({ key }) => key === '--sasl.username');
      if (exporter) pairs.push([exporter.value, variables.get('SASL_USER_PASSWORD')]);
      for (const [user, password] of pairs) {
        const secret = password?.secret?.name;
        if (!password || !secret?.startsWith(userSecret) || secret === userSecret + user) continue;
        if (!isUser(user)) continue;
        yield {
          message: `${describe(workload.object)}: it logs in at Kafka as \`${user}\` with the password of \`${secret.slice(userSecret.length)}\` (Secret ${secret}): it is refused`,
          fix: `Take the password from Secret ${userSecret}${user}.`,
          at: password.at,
          object: workload.object,
        };
      }
    }
}
