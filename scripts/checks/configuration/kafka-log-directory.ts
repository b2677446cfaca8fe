import { describe } from '../../finding.ts';
import { volumesOf } from '../../kubernetes/pod-template.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { volumeAt } from './config-files.ts';
import { blame, kafkaNodes } from './kafka-nodes.ts';
import { listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

export const kafkaLogDirectory: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-log-directory',
  severity: 'error',
  title: 'Kafka keeps its records in a directory of a persistent volume, below its root',
  why: 'On an emptyDir or in the container every record is gone with the pod. At the root of a new file system Kafka meets lost+found and stops.',
  fix: 'Point KAFKA_LOG_DIRS to a directory below the mount path of the claim, such as /var/lib/kafka/data/logs.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs_log.dirs',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of kafkaNodes(index)) {
      const { workload, container, set } = nodes;
      const variable = set.get('log.dirs') ?? set.get('log.dir');
      // The image's own default.
      const directories = variable ? listOf(variable.value) : ['/var/lib/kafka/data'];
      for (const directory of directories) {
        const place = volumeAt(container, directory);
        const volume = place && volumesOf(workload.template).find(({ name }) => name === place.volume);
        const lost =
          place === undefined
            ? 'in the container itself'
            : volume && at(volume.node, ['emptyDir'])
              ? `on the emptyDir \`${place.volume}\``
              : undefined;
        const report = (message: string, severity?: 'warning') => ({
          message: `${describe(workload.object)}: \`${directory}\` lies ${message}`,
          ...blame(nodes, 'log.dirs', 'log.dir', 'process.roles'),
          ...(severity && { severity }),
        });
        if (lost !== undefined) yield report(`${lost}: every record is gone with the pod`);
        else if (place?.inside === '')
          yield report(
            `at the root of volume \`${place.volume}\`: a new file system has lost+found there, at which Kafka stops`,
            'warning',
          );
      }
    }
  },
};
