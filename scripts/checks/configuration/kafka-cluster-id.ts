import { describe } from '../../finding.ts';
import type { Rule } from '../rule.ts';
import { kafkaNodes } from './kafka-nodes.ts';
import { type ConfigurationSubject, configurationSubjects } from './subject.ts';

export const kafkaClusterId: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-cluster-id',
  severity: 'error',
  title: 'Kafka has a cluster id of the right form, and each environment its own',
  why: 'Without a valid id the volumes cannot be formatted. With one id in two environments a volume of one would be served in the other, and MirrorMaker takes the two for one cluster.',
  fix: 'Make one with `kafka-storage random-uuid`, and never change it afterwards: brokers refuse a volume with another id.',
  docs: 'https://kafka.apache.org/36/documentation.html#kraft_storage',
  scope: 'infometis',
  *check(subject) {
    const { index, repository } = subject;
    for (const { workload, variables, container } of kafkaNodes(index)) {
      const { object } = workload;
      const variable = variables.get('CLUSTER_ID');
      if (!variable) {
        yield {
          message: `${describe(object)}: container \`${container.name}\` has no \`CLUSTER_ID\`: its volumes cannot be formatted`,
          at: object.node.origin,
          object,
        };
        continue;
      }
      const { value, at } = variable;
      // A variable that Flux does not fill in, and no text at all, are told elsewhere.
      if (value === undefined || value === '' || value.includes('${')) continue;
      if (!isUuid(value)) {
        yield {
          message: `${describe(object)}: \`CLUSTER_ID\` is \`${value}\`, which is no UUID in base64 (22 characters): its volumes cannot be formatted`,
          at,
          object,
        };
        continue;
      }
      for (const other of configurationSubjects(repository)) {
        // Of two that share an id the later one is told.
        if (other.index === index) break;
        if (kafkaNodes(other.index).some((nodes) => nodes.variables.get('CLUSTER_ID')?.value === value))
          yield {
            message: `${describe(object)}: \`CLUSTER_ID\` is that of environment ${other.index.environment.name}`,
            at,
            object,
          };
      }
    }
  },
};

/** 16 bytes as base64url without padding: the last character holds 2 bits. */
const isUuid = (value: string): boolean => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(value);
