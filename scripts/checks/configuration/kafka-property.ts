import { describe } from '../../finding.ts';
import { nearestName } from '../../text/nearest.ts';
import type { Rule } from '../rule.ts';
import { brokerProperties } from './data/kafka-properties.ts';
import { type KafkaNodes, kafkaNodes } from './kafka-nodes.ts';
import type { ConfigurationSubject } from './subject.ts';
import type { Variable } from './variables.ts';

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
    for (const nodes of kafkaNodes(index))
      for (const { property, variable, meant } of unknownProperties(nodes))
        yield {
          message: `${describe(nodes.workload.object)}: \`${variable.name}\` becomes the property \`${property}\`, which Kafka 3.6 does not have: it is ignored${meant === undefined ? '' : `; did you mean \`${variableOf(meant)}\`?`}`,
          at: variable.nameAt,
          object: variable.object,
          // A plugin may read what Kafka itself does not.
          ...(meant === undefined && { severity: 'warning' as const }),
        };
  },
};

interface UnknownProperty {
  readonly property: string;
  readonly variable: Variable;
  /** The property that was probably meant. */
  readonly meant: string | undefined;
}

function unknownProperties({ set }: KafkaNodes): readonly UnknownProperty[] {
  return [...set].flatMap(([property, variable]) => {
    const own = ownProperty(property);
    if (families.test(own) || brokerProperties.has(own)) return [];
    const nearest = nearestName(own, brokerProperties);
    const meant =
      nearest === undefined ? undefined : property.slice(0, property.length - own.length) + nearest;
    return [{ property, variable, meant }];
  });
}

/** The properties that a misspelt variable was to set: what they are without it is not what anybody wanted. */
export const misspelt = (nodes: KafkaNodes): ReadonlySet<string> =>
  new Set(unknownProperties(nodes).flatMap(({ meant }) => meant ?? []));

/** The property without the listener and the mechanism that it is for. */
function ownProperty(property: string): string {
  const inner = perListener.exec(property)?.[2];
  return inner === undefined ? property : (saslMechanism.exec(inner)?.[1] ?? inner);
}

const variableOf = (property: string): string =>
  `KAFKA_${property.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`;
