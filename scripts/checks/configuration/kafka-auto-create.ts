import { describe } from '../../finding.ts';
import type { Rule } from '../rule.ts';
import { kafkaAccess } from './kafka-access.ts';
import { blame, isBroker, kafkaNodes } from './kafka-nodes.ts';
import type { ConfigurationSubject } from './subject.ts';

export const kafkaAutoCreate: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-auto-create',
  severity: 'error',
  title: 'Where topics are declared, Kafka makes none by itself',
  why: 'A misspelt topic name makes a topic: the producer writes where nobody reads, with default partitions and without anybody noticing.',
  fix: 'Set KAFKA_AUTO_CREATE_TOPICS_ENABLE to "false", and declare the topic in kafka-access.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs_auto.create.topics.enable',
  scope: 'infometis',
  *check({ index }) {
    if (kafkaAccess(index).topics.length === 0) return;
    for (const nodes of kafkaNodes(index).filter(isBroker)) {
      const variable = nodes.set.get('auto.create.topics.enable');
      if (variable && (variable.value === undefined || variable.value.trim().toLowerCase() === 'false'))
        continue;
      yield {
        message: `${describe(nodes.workload.object)}: \`auto.create.topics.enable\` is ${variable?.value ?? 'true (the default)'}, and topics are declared: a misspelt name makes one`,
        ...blame(nodes, 'auto.create.topics.enable', 'process.roles'),
      };
    }
  },
};
