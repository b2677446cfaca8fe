import type { StageDefinition } from '../stage.ts';
import { alertmanagerConfiguration } from './alertmanager-configuration.ts';
import { certificateKey } from './certificate-key.ts';
import { certificateName } from './certificate-name.ts';
import { certificateSecret } from './certificate-secret.ts';
import { elasticsearchDiscovery } from './elasticsearch-discovery.ts';
import { elasticsearchSecurity } from './elasticsearch-security.ts';
import { elasticsearchUser } from './elasticsearch-user.ts';
import { flinkHighAvailability } from './flink-high-availability.ts';
import { flinkMemory } from './flink-memory.ts';
import { flinkOption } from './flink-option.ts';
import { grafanaDashboard } from './grafana-dashboard.ts';
import { jvmHeap } from './jvm-heap.ts';
import { kafkaAccessFile } from './kafka-access-file.ts';
import { kafkaAdvertisedAddress } from './kafka-advertised-address.ts';
import { kafkaAuthorization } from './kafka-authorization.ts';
import { kafkaAutoCreate } from './kafka-auto-create.ts';
import { kafkaClient } from './kafka-client.ts';
import { kafkaClusterId } from './kafka-cluster-id.ts';
import { kafkaListenerSecurity } from './kafka-listener-security.ts';
import { kafkaListeners } from './kafka-listeners.ts';
import { kafkaLogDirectory } from './kafka-log-directory.ts';
import { kafkaProperty } from './kafka-property.ts';
import { kafkaQuorum } from './kafka-quorum.ts';
import { kafkaReplication } from './kafka-replication.ts';
import { kafkaUser } from './kafka-user.ts';
import { nifiCluster } from './nifi-cluster.ts';
import { nifiIdentity } from './nifi-identity.ts';
import { prometheusConfiguration } from './prometheus-configuration.ts';
import { prometheusRules } from './prometheus-rules.ts';
import { prometheusTarget } from './prometheus-target.ts';
import { quorumStart } from './quorum-start.ts';
import { type ConfigurationSubject, configurationSubjects } from './subject.ts';
import { traefikDynamic } from './traefik-dynamic.ts';
import { zookeeperClient } from './zookeeper-client.ts';
import { zookeeperServers } from './zookeeper-servers.ts';

/** What the components are told, in files and variables: one subject for each environment. */
export const configurationStage: StageDefinition<ConfigurationSubject> = {
  stage: 'configuration',
  rules: [
    alertmanagerConfiguration,
    certificateKey,
    certificateName,
    certificateSecret,
    elasticsearchDiscovery,
    elasticsearchSecurity,
    elasticsearchUser,
    flinkHighAvailability,
    flinkMemory,
    flinkOption,
    grafanaDashboard,
    jvmHeap,
    kafkaAccessFile,
    kafkaAdvertisedAddress,
    kafkaAuthorization,
    kafkaAutoCreate,
    kafkaClient,
    kafkaClusterId,
    kafkaListenerSecurity,
    kafkaListeners,
    kafkaLogDirectory,
    kafkaProperty,
    kafkaQuorum,
    kafkaReplication,
    kafkaUser,
    nifiCluster,
    nifiIdentity,
    prometheusConfiguration,
    prometheusRules,
    prometheusTarget,
    quorumStart,
    traefikDynamic,
    zookeeperClient,
    zookeeperServers,
  ],
  *subjects(repository) {
    for (const subject of configurationSubjects(repository))
      yield { subject, environment: subject.index.environment.name };
  },
};
