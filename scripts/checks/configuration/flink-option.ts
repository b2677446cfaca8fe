import { describe } from '../../finding.ts';
import { nearestName } from '../../text/nearest.ts';
import type { Rule } from '../rule.ts';
import { flinkOptions } from './data/flink-options.ts';
import { flinkClusters } from './flink.ts';
import type { ConfigurationSubject } from './subject.ts';

// Whose names hold a name of the user's own, or are those of a file system that is not Flink's.
const open =
  /^(?:metrics\.reporter|s3[an]?|presto\.s3|gs|flink\.hadoop|containerized|fs\.(?:s3a?|gs|oss|azure|hdfs)|external-resource|table\.exec\.resource)\./;
// Of which some are Flink's own, and others belong to what runs beside its core.
const families =
  /^(?:metrics\.scope|env|kubernetes|security|zookeeper|pipeline|table|sql-client|sql-gateway|python|restart-strategy)\./;

export const flinkOption: Rule<ConfigurationSubject> = {
  id: 'configuration/flink-option',
  severity: 'error',
  title: 'Every option in Flink’s configuration is one that Flink 1.18 has',
  why: 'Flink takes any key and never asks for one that it does not know: the setting has no effect, and its default holds.',
  fix: 'Write the option as Flink 1.18 names it.',
  docs: 'https://nightlies.apache.org/flink/flink-docs-release-1.18/docs/deployment/config/',
  scope: 'infometis',
  *check({ index }) {
    for (const { written, jobManagers } of flinkClusters(index))
      for (const { key, at, object, reader } of written) {
        if (flinkOptions.has(key) || open.test(key)) continue;
        const nearest = nearestName(key, flinkOptions);
        if (nearest === undefined && families.test(key)) continue;
        yield {
          message: `${jobManagers.map(({ workload }) => describe(workload.object)).join(', ')}: ${reader} sets \`${key}\`, an option that Flink 1.18 does not have: it has no effect${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
          at,
          object,
          ...(nearest === undefined && { severity: 'warning' as const }),
        };
      }
  },
};
