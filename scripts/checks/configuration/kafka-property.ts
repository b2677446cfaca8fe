import { describe } from '../../finding.ts';
import { nearestName } from '../../text/nearest.ts';
import type { Rule } from '../rule.ts';
import { brokerProperties } from './data/kafka-properties.ts';
import { kafkaNodes } from './kafka-nodes.ts';
import type { ConfigurationSubject } from './subject.ts';

// What brokers hand to their plugins.
const families = /^(?:confluent|log4j|remote\.log\.(?:storage|metadata)\.manager\.impl|rlmm|rsm)\./;
const perListener = /^listener\.name\.([^.]+)\.(.+)$/;
const saslMechanism = /^(?:plain|gssapi|oauthbearer|scram-sha-(?:256|512))\.(sasl\..+)$/;

export const kafkaProperty: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-property',
  severity: 'error',
  title: 'Every KAFKA_… variable of a broker becomes a property that Kafka 3.6 has',
  why: 'The image turns any KAFKA_X_Y into the property x.y, and Kafka ignores a property that it does not know: the setting has no effect and nothing says so.',
  fix: 'Write the property as Kafka names it, in capitals: `_` for `.`, `__` for `_`, `___` for `-`.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs',
  scope: 'infometis',
  *check({ index }) {
    for (const { set, workload } of kafkaNodes(index))
      for (const [property, { name, at }] of set) {
        const own = ownProperty(property);
        if (families.test(own) || brokerProperties.has(own)) continue;
        const nearest = nearestName(own, brokerProperties);
        yield {
          message: `${describe(workload.object)}: \`${name}\` becomes the property \`${property}\`, which Kafka 3.6 does not have: it is ignored${nearest === undefined ? '' : `; did you mean \`${variableOf(nearest, property, own)}\`?`}`,
          at,
          object: workload.object,
          // A plugin may read what Kafka itself does not.
          ...(nearest === undefined && { severity: 'warning' as const }),
        };
      }
  },
};

/** The property without the listener and the mechanism that it is for. */
function ownProperty(property: string): string {
  const inner = perListener.exec(property)?.[2];
  return inner === undefined ? property : (saslMechanism.exec(inner)?.[1] ?? inner);
}

const variableOf = (nearest: string, property: string, own: string): string =>
  `KAFKA_${(property.slice(0, property.length - own.length) + nearest)
    .replaceAll('_', '__')
    .replaceAll('-', '___')
    .replaceAll('.', '_')
    .toUpperCase()}`;
