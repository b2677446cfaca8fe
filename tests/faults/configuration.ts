import type { Fault } from './fault.ts';
import { type Edit, edit, replace } from './overlay-files.ts';

const prototypeKafka = 'overlays/prototype/kafka/settings.patch.yaml';
const baseKafka = 'base/kafka/statefulset.yaml';
const brokers = 'components/high-availability/kafka/brokers.patch.yaml';
const listeners = 'components/tls/kafka/listeners.patch.yaml';
const kafkaUsers = 'components/sasl/kafka/users.patch.yaml';
const kafkaCertificate = 'components/tls/kafka/certificate.yaml';
const productionKafka = 'overlays/small-production/kafka/settings.patch.yaml';
const access = 'base/kafka-access/config/platform.access';
const passwords = 'components/sasl/kafka-access/passwords.patch.yaml';
const schemaRegistryLogin = 'components/sasl/schema-registry/login.patch.yaml';
const zooServers = 'components/high-availability/zookeeper/config/zoo-servers.cfg';
const nifiNodes = 'components/high-availability/nifi/statefulset.patch.yaml';
const authorizers = 'components/tls/nifi/config/authorizers.xml';
const elasticsearchNodes = 'components/high-availability/elasticsearch/nodes.patch.yaml';
const elasticsearchSecurity = 'components/tls/elasticsearch/security.patch.yaml';
const flinkConf = 'base/flink/config/flink-conf.yaml';
const flinkHa = 'components/high-availability/flink/config/high-availability.yaml';
const flinkTls = 'components/tls/flink/config/tls.yaml';
const prometheusTls = 'components/tls/prometheus/config/prometheus.yml';
const alertWebhook = 'components/alert-webhook/alertmanager/config/alertmanager.yml';
const transports = 'components/tls/traefik/config/transports.yml';
const signIn = 'components/oidc/traefik/config/sign-in.yml';

/** Takes a variable out of a patch or manifest: its name, its value and the comment right above it. */
const withoutVariable = (path: string, name: string): Edit =>
  edit(path, (text) =>
    text.replace(new RegExp(`(?: +#[^\\n]*\\n)* +- name: ${name}\\n +value: [^\\n]*\\n`), ''),
  );

/** Faults in what a component is told: all of them render, and every object is valid. */
export const configurationFaults: readonly Fault[] = [
  {
    name: 'a property of Kafka with a typo',
    edits: [replace(brokers, 'KAFKA_MIN_INSYNC_REPLICAS', 'KAFKA_MIN_INSYNC_REPLICA')],
    rule: 'configuration/kafka-property',
    file: brokers,
    find: 'name: KAFKA_MIN_INSYNC_REPLICA',
    says: ['`min.insync.replica`', 'did you mean `KAFKA_MIN_INSYNC_REPLICAS`?'],
  },
  {
    name: 'a property of Kafka with a letter too many',
    edits: [replace(brokers, 'KAFKA_MIN_INSYNC_REPLICAS', 'KAFKA_MIN_INSYNC_REPLICAS_X')],
    rule: 'configuration/kafka-property',
    file: brokers,
    find: 'name: KAFKA_MIN_INSYNC_REPLICAS_X',
    says: ['`min.insync.replicas.x`', 'did you mean `KAFKA_MIN_INSYNC_REPLICAS`?'],
  },
  {
    name: 'a listener without a protocol',
    edits: [replace(kafkaUsers, 'INTERNAL:SASL_SSL,CONTROLLER:SSL', 'INTERNL:SASL_SSL,CONTROLLER:SSL')],
    rule: 'configuration/kafka-listeners',
    file: kafkaUsers,
    find: 'INTERNL:SASL_SSL',
    says: ['listener `INTERNAL` has no protocol', 'did you mean `INTERNL`?'],
  },
  {
    name: 'an inter-broker listener that does not exist',
    edits: [
      replace(
        baseKafka,
        'KAFKA_INTER_BROKER_LISTENER_NAME\n              value: INTERNAL',
        'KAFKA_INTER_BROKER_LISTENER_NAME\n              value: INTERN',
      ),
    ],
    rule: 'configuration/kafka-listeners',
    file: baseKafka,
    find: 'KAFKA_INTER_BROKER_LISTENER_NAME\n              value: INTERN',
    says: ['`INTERN`', 'does not listen'],
  },
  {
    name: 'brokers that advertise the Service instead of themselves',
    edits: [
      replace(
        baseKafka,
        'value: INTERNAL://$(POD_NAME).kafka-headless.infometis.svc.cluster.local:9092',
        'value: INTERNAL://kafka-service.infometis.svc.cluster.local:9092',
      ),
    ],
    rule: 'configuration/kafka-advertised-address',
    file: baseKafka,
    find: 'value: INTERNAL://kafka-service.infometis.svc.cluster.local:9092',
    says: ['the same for each of its 3 brokers'],
  },
  {
    name: 'a headless name with a typo in what brokers advertise, on the prototype',
    edits: [
      edit(baseKafka, (text) => text.replace('$(POD_NAME).kafka-headless.', '$(POD_NAME).kafka-headles.')),
    ],
    rule: 'reference/service-address',
    file: baseKafka,
    find: '$(POD_NAME).kafka-headles.infometis.svc.cluster.local:9092',
    says: ['kafka-headles'],
  },
  {
    name: 'a voter with the number of another pod',
    edits: [replace(brokers, '2@kafka-2.kafka-headless', '2@kafka-1.kafka-headless')],
    rule: 'configuration/kafka-quorum',
    file: brokers,
    find: '2@kafka-1.kafka-headless.infometis.svc.cluster.local:9093',
    says: ['the number of kafka-2 and the name of kafka-1'],
  },
  {
    name: 'a fourth broker without a vote',
    edits: [replace(brokers, 'replicas: 3', 'replicas: 4')],
    rule: 'configuration/kafka-quorum',
    file: brokers,
    find: '2@kafka-2.kafka-headless.infometis.svc.cluster.local:9093',
    says: ['4 controllers and 3 voters'],
  },
  {
    name: 'one node.id for all brokers',
    edits: [
      edit(baseKafka, (text) =>
        text.replace(
          "KAFKA_NODE_ID\n              valueFrom:\n                fieldRef:\n                  fieldPath: metadata.labels['apps.kubernetes.io/pod-index']",
          'KAFKA_NODE_ID\n              value: "0"',
        ),
      ),
    ],
    rule: 'configuration/kafka-quorum',
    file: baseKafka,
    find: 'KAFKA_NODE_ID\n              value: "0"',
    says: ['node.id 0', 'kafka-0 has already'],
    consequences: [`configuration/kafka-quorum ${brokers}`],
  },
  {
    name: 'more replicas of the offsets than brokers',
    edits: [
      replace(
        brokers,
        'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR\n              value: "3"',
        'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR\n              value: "5"',
      ),
    ],
    rule: 'configuration/kafka-replication',
    file: brokers,
    find: 'value: "5"',
    says: ['`offsets.topic.replication.factor` is 5', '3 brokers'],
  },
  {
    name: 'as many replicas in sync as there are',
    edits: [
      replace(
        brokers,
        'KAFKA_MIN_INSYNC_REPLICAS\n              value: "2"',
        'KAFKA_MIN_INSYNC_REPLICAS\n              value: "3"',
      ),
    ],
    rule: 'configuration/kafka-replication',
    file: brokers,
    find: 'KAFKA_MIN_INSYNC_REPLICAS\n              value: "3"',
    says: ['while one broker is away'],
  },
  {
    name: 'one replica of new topics on three brokers',
    edits: [withoutVariable(brokers, 'KAFKA_DEFAULT_REPLICATION_FACTOR')],
    rule: 'configuration/kafka-replication',
    file: baseKafka,
    find: 'KAFKA_DEFAULT_REPLICATION_FACTOR\n              value: "1"',
    says: ['`default.replication.factor` is 1', 'lost with it'],
  },
  {
    name: 'three replicas on the one broker of the prototype',
    edits: [
      replace(
        baseKafka,
        'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR\n              value: "1"',
        'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR\n              value: "3"',
      ),
    ],
    rule: 'configuration/kafka-replication',
    file: baseKafka,
    find: 'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR\n              value: "3"',
    says: ['1 broker:', 'cannot be made'],
  },
  {
    name: 'one copy of the queries of ksqlDB on three brokers',
    edits: [
      replace(
        'components/high-availability/ksqldb/servers.patch.yaml',
        'KSQL_KSQL_INTERNAL_TOPIC_REPLICAS\n              value: "3"',
        'KSQL_KSQL_INTERNAL_TOPIC_REPLICAS\n              value: "1"',
      ),
    ],
    rule: 'configuration/kafka-replication',
    file: 'components/high-availability/ksqldb/servers.patch.yaml',
    find: 'KSQL_KSQL_INTERNAL_TOPIC_REPLICAS\n              value: "1"',
    says: ['is lost with one of them'],
  },
  {
    name: 'a mesh of Alertmanagers that expects another name',
    edits: [
      replace(
        'components/tls/alertmanager/config/mesh.yml',
        'server_name: alertmanager-service',
        'server_name: alertmanager-headless',
      ),
    ],
    rule: 'configuration/certificate-name',
    file: 'components/tls/alertmanager/config/mesh.yml',
    find: 'server_name: alertmanager-headless',
    says: ['alertmanager-headless.infometis.svc.cluster.local'],
  },
  {
    name: 'Flink under a name that its certificate lacks',
    edits: [
      replace(flinkHa, 'rest.address: flink-jobmanager-service', 'rest.address: flink-jobmanager-headless'),
    ],
    rule: 'configuration/certificate-name',
    file: flinkHa,
    find: 'rest.address: flink-jobmanager-headless',
    says: ['flink-jobmanager-headless.infometis.svc.cluster.local'],
  },
  {
    name: 'the cluster id of the prototype in small-production',
    edits: [replace(productionKafka, '4upbL_5yTASHC6TPovyPKA', '2WQlcpuBS43JDWQlTLyRtA')],
    rule: 'configuration/kafka-cluster-id',
    file: productionKafka,
    find: 'value: 2WQlcpuBS43JDWQlTLyRtA',
    says: ['that of environment prototype'],
  },
  {
    name: 'a cluster id that is no UUID',
    edits: [replace(prototypeKafka, '2WQlcpuBS43JDWQlTLyRtA', 'infometis-prototype')],
    rule: 'configuration/kafka-cluster-id',
    file: prototypeKafka,
    find: 'value: infometis-prototype',
    says: ['22 characters'],
  },
  {
    name: 'a listener without TLS where the environment has certificates',
    edits: [replace(kafkaUsers, 'INTERNAL:SASL_SSL', 'INTERNAL:SASL_PLAINTEXT')],
    rule: 'configuration/kafka-listener-security',
    file: kafkaUsers,
    find: 'INTERNAL:SASL_PLAINTEXT',
    says: ['listener `INTERNAL` is SASL_PLAINTEXT'],
    consequences: ['configuration/kafka-client *'],
  },
  {
    name: 'a TLS listener without a key store',
    edits: [withoutVariable(listeners, 'KAFKA_SSL_KEYSTORE_LOCATION')],
    rule: 'configuration/kafka-listener-security',
    file: kafkaUsers,
    find: 'INTERNAL:SASL_SSL,CONTROLLER:SSL',
    says: ['`ssl.keystore.location`'],
  },
  {
    name: 'controllers that ask nobody for a certificate',
    edits: [withoutVariable(listeners, 'KAFKA_LISTENER_NAME_CONTROLLER_SSL_CLIENT_AUTH')],
    rule: 'configuration/kafka-listener-security',
    file: kafkaUsers,
    find: 'INTERNAL:SASL_SSL,CONTROLLER:SSL',
    says: ['ssl.client.auth', 'CONTROLLER'],
  },
  {
    name: 'an authorizer to whom the brokers are nobody',
    edits: [replace(kafkaUsers, 'User:admin;User:broker;User:controller', 'User:admin;User:controller')],
    rule: 'configuration/kafka-authorization',
    file: kafkaUsers,
    find: 'value: User:admin;User:controller',
    says: ['log in at each other as `broker`'],
    consequences: [`configuration/kafka-access-file ${access}`],
  },
  {
    name: 'clients that log in and may do everything',
    edits: [withoutVariable(kafkaUsers, 'KAFKA_AUTHORIZER_CLASS_NAME')],
    rule: 'configuration/kafka-authorization',
    file: kafkaUsers,
    find: 'INTERNAL:SASL_SSL,CONTROLLER:SSL',
    says: ['each may do everything'],
  },
  {
    name: 'topics that are made by a typo, where topics are declared',
    edits: [
      replace(
        baseKafka,
        'KAFKA_AUTO_CREATE_TOPICS_ENABLE\n              value: "false"',
        'KAFKA_AUTO_CREATE_TOPICS_ENABLE\n              value: "true"',
      ),
    ],
    rule: 'configuration/kafka-auto-create',
    file: baseKafka,
    find: 'KAFKA_AUTO_CREATE_TOPICS_ENABLE\n              value: "true"',
    says: ['a misspelt name makes one'],
  },
  {
    name: 'the records of Kafka on an emptyDir',
    edits: [replace(baseKafka, 'value: /var/lib/kafka/data/logs', 'value: /tmp/logs')],
    rule: 'configuration/kafka-log-directory',
    file: baseKafka,
    find: 'value: /tmp/logs',
    says: ['emptyDir `tmp`', 'gone with the pod'],
  },
  {
    name: 'a client that calls the controllers',
    edits: [
      replace('base/ksqldb/statefulset.yaml', 'value: kafka-service:9092', 'value: kafka-headless:9093'),
    ],
    rule: 'configuration/kafka-client',
    file: 'base/ksqldb/statefulset.yaml',
    find: 'value: kafka-headless:9093',
    says: ['talks to controllers alone'],
    consequences: ['network/blocked-address base/ksqldb/statefulset.yaml'],
  },
  {
    name: 'a client that logs in without TLS',
    edits: [
      replace(
        schemaRegistryLogin,
        'KAFKASTORE_SECURITY_PROTOCOL\n              value: SASL_SSL',
        'KAFKASTORE_SECURITY_PROTOCOL\n              value: SASL_PLAINTEXT',
      ),
    ],
    rule: 'configuration/kafka-client',
    file: schemaRegistryLogin,
    find: 'value: SASL_PLAINTEXT',
    says: ['talks SASL_PLAINTEXT', 'SASL_SSL'],
  },
  {
    name: 'a client with a mechanism that the brokers do not have',
    edits: [
      replace('components/sasl/kafka-ui/login.patch.yaml', 'value: SCRAM-SHA-512', 'value: SCRAM-SHA-256'),
    ],
    rule: 'configuration/kafka-client',
    file: 'components/sasl/kafka-ui/login.patch.yaml',
    find: 'value: SCRAM-SHA-256',
    says: ['logs in with SCRAM-SHA-256', 'did you mean `SCRAM-SHA-512`?'],
  },
  {
    name: 'a client without a login',
    edits: [
      replace(
        'components/sasl/kafka-exporter/arguments.patch.yaml',
        'value: --sasl.enabled\n',
        'value: --sasl.disable-handshake\n',
      ),
    ],
    rule: 'configuration/kafka-client',
    file: 'components/tls/kafka-exporter/arguments.patch.yaml',
    find: 'value: --tls.enabled',
    says: ['talks SSL', 'it cannot log in'],
  },
  {
    name: 'a client as a user that nobody declares',
    edits: [replace(schemaRegistryLogin, 'username="schema-registry"', 'username="schema-registy"')],
    rule: 'configuration/kafka-user',
    file: schemaRegistryLogin,
    find: 'username="schema-registy"',
    says: ['did you mean `schema-registry`?'],
  },
  {
    name: 'a client with the password of another',
    edits: [replace(schemaRegistryLogin, 'name: kafka-user-schema-registry', 'name: kafka-user-ksqldb')],
    rule: 'configuration/kafka-user',
    file: schemaRegistryLogin,
    find: 'name: kafka-user-ksqldb\n                  key: password',
    says: ['as `schema-registry` with the password of `ksqldb`'],
  },
  {
    name: 'a client without an ACL',
    edits: [edit(access, (text) => text.replace(/^allow kafka-exporter .*\n/gm, ''))],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'user  kafka-exporter',
    says: ['user `kafka-exporter` has no right at all'],
  },
  {
    name: 'an ACL for a user that is not declared',
    edits: [replace(access, 'user  flink\n', '')],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'allow flink topic            events.* Read,DescribeConfigs',
    says: ['`flink` is allowed something'],
    consequences: ['configuration/kafka-user *'],
  },
  {
    name: 'a topic with more replicas than brokers',
    edits: [replace(access, 'topic _schemas partitions=1', 'topic _schemas partitions=1 replicas=5')],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'replicas=5',
    says: ['5 replicas', '3 brokers'],
  },
  {
    name: 'a setting of a topic that Kafka does not have',
    edits: [replace(access, 'cleanup.policy=compact', 'cleanup.polices=compact')],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'cleanup.polices=compact',
    says: ['did you mean `cleanup.policy`?'],
  },
  {
    name: 'a user whose password is not mounted',
    edits: [replace(passwords, 'path: ksqldb/password', 'path: ksql/password')],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'user  ksqldb',
    says: ['mounts no password for it', 'kafka-user-ksqldb'],
  },
  {
    name: 'a ZooKeeper server under the name of another',
    edits: [replace(zooServers, 'server.3=zookeeper-2', 'server.3=zookeeper-1')],
    rule: 'configuration/zookeeper-servers',
    file: zooServers,
    find: 'server.3=zookeeper-1',
    says: ['`server.3`', 'zookeeper-1', 'zookeeper-2'],
  },
  {
    name: 'an even number of ZooKeepers',
    edits: [edit(zooServers, (text) => text.replace(/^server\.3=.*\n/m, ''))],
    rule: 'configuration/zookeeper-servers',
    file: zooServers,
    find: 'server.1=zookeeper-0.zookeeper-headless',
    says: ['2 servers', 'even number'],
    consequences: [`configuration/zookeeper-servers ${zooServers}`],
  },
  {
    name: 'NiFi at the port of ZooKeeper that is shut',
    edits: [edit('components/tls/nifi/statefulset.patch.yaml', (text) => text.replaceAll(':2281', ':2181'))],
    rule: 'configuration/zookeeper-client',
    file: 'components/tls/nifi/statefulset.patch.yaml',
    find: 'zookeeper-2.zookeeper-headless.infometis.svc.cluster.local:2181',
    says: ['speaks TLS', '2281'],
  },
  {
    name: 'Flink at a ZooKeeper that does not exist',
    edits: [replace(flinkTls, 'zookeeper-2.zookeeper-headless', 'zookeeper-3.zookeeper-headless')],
    rule: 'configuration/zookeeper-client',
    file: flinkTls,
    find: 'zookeeper-3.zookeeper-headless',
    says: ['there is no pod `zookeeper-3`'],
  },
  {
    name: 'three NiFis that are no cluster',
    edits: [
      replace(
        nifiNodes,
        'NIFI_CLUSTER_IS_NODE\n              value: "true"',
        'NIFI_CLUSTER_IS_NODE\n              value: "false"',
      ),
    ],
    rule: 'configuration/nifi-cluster',
    file: nifiNodes,
    find: 'NIFI_CLUSTER_IS_NODE\n              value: "false"',
    says: ['3 replicas that are no cluster'],
  },
  {
    name: 'a NiFi cluster port that nobody opens',
    edits: [replace(nifiNodes, 'value: "11443"', 'value: "11444"')],
    rule: 'configuration/nifi-cluster',
    file: nifiNodes,
    find: 'value: "11444"',
    says: ['`nifi.cluster.node.protocol.port` is 11444'],
  },
  {
    name: 'an identity of a node that is no certificate’s subject',
    edits: [
      edit(authorizers, (text) =>
        text.replace('"Node Identity 1">CN=nifi, O', '"Node Identity 1">CN=nifi,O'),
      ),
    ],
    rule: 'configuration/nifi-identity',
    file: authorizers,
    find: '"Node Identity 1">CN=nifi,O=infometis',
    says: ['`Node Identity 1`', 'did you mean `CN=nifi, O=infometis`?'],
  },
  {
    name: 'the flow of NiFi under another key in its init container',
    edits: [
      edit('base/nifi/statefulset.yaml', (text) => text.replace('key: sensitive-props-key', 'key: password')),
    ],
    rule: 'configuration/nifi-cluster',
    file: 'base/nifi/statefulset.yaml',
    find: '                  name: nifi-credentials\n                  key: sensitive-props-key',
    says: ['NIFI_SENSITIVE_PROPS_KEY'],
    consequences: ['reference/secret-key base/nifi/statefulset.yaml'],
  },
  {
    name: 'three Elasticsearches of a single node',
    edits: [
      replace(elasticsearchNodes, '            - name: discovery.type\n              $patch: delete\n', ''),
    ],
    rule: 'configuration/elasticsearch-discovery',
    file: 'base/elasticsearch/statefulset.yaml',
    find: 'value: single-node',
    says: ['single-node with 3 replicas'],
    consequences: [`configuration/elasticsearch-discovery ${elasticsearchNodes}`],
  },
  {
    name: 'a master that is no pod',
    edits: [
      replace(elasticsearchNodes, 'elasticsearch-1,elasticsearch-2', 'elasticsearch-1,elasticsearch-3'),
    ],
    rule: 'configuration/elasticsearch-discovery',
    file: elasticsearchNodes,
    find: 'elasticsearch-1,elasticsearch-3',
    says: ['`elasticsearch-3`'],
  },
  {
    name: 'a cluster of Elasticsearch without TLS between its nodes',
    edits: [
      replace(
        elasticsearchSecurity,
        'xpack.security.transport.ssl.enabled\n              value: "true"',
        'xpack.security.transport.ssl.enabled\n              value: "false"',
      ),
    ],
    rule: 'configuration/elasticsearch-security',
    file: elasticsearchSecurity,
    find: 'xpack.security.transport.ssl.enabled\n              value: "false"',
    says: ['does not start'],
  },
  {
    name: 'a certificate of Elasticsearch that is not mounted',
    edits: [
      edit(elasticsearchSecurity, (text) =>
        text.replace(
          'http.ssl.key\n              value: tls/tls.key',
          'http.ssl.key\n              value: tls/http.key',
        ),
      ),
    ],
    rule: 'configuration/elasticsearch-security',
    file: elasticsearchSecurity,
    find: 'value: tls/http.key',
    says: ['config/tls/http.key'],
  },
  {
    name: 'a user of Elasticsearch that nobody declares',
    edits: [
      edit('components/tls/elasticsearch-access/config/users', (text) =>
        text.replace(/^user exporter .*\n/m, ''),
      ),
    ],
    rule: 'configuration/elasticsearch-user',
    file: 'components/tls/elasticsearch-exporter/tls.patch.yaml',
    find: 'value: exporter',
    says: ['`exporter`', '401'],
  },
  {
    name: 'stores that wait for each other at the start',
    edits: [replace(baseKafka, '  podManagementPolicy: Parallel\n', '')],
    rule: 'configuration/quorum-start',
    file: baseKafka,
    find: 'kind: StatefulSet\nmetadata:\n  name: kafka\nspec:',
    says: ['OrderedReady'],
  },
  {
    name: 'names that appear only when it is too late',
    edits: [
      replace(
        'base/kafka/service-headless.yaml',
        'publishNotReadyAddresses: true',
        'publishNotReadyAddresses: false',
      ),
    ],
    rule: 'configuration/quorum-start',
    file: 'base/kafka/service-headless.yaml',
    find: 'publishNotReadyAddresses: false',
    says: ['kafka-headless'],
  },
  {
    name: 'an option of Flink with a typo',
    edits: [replace(flinkConf, 'taskmanager.numberOfTaskSlots', 'taskmanager.numberOfTaskSlot')],
    rule: 'configuration/flink-option',
    file: flinkConf,
    find: 'taskmanager.numberOfTaskSlot: 2',
    says: ['did you mean `taskmanager.numberOfTaskSlots`?'],
  },
  {
    name: 'a TaskManager larger than its limit',
    edits: [
      replace(flinkConf, 'taskmanager.memory.process.size: 1728m', 'taskmanager.memory.process.size: 3g'),
    ],
    rule: 'configuration/flink-memory',
    file: flinkConf,
    find: 'taskmanager.memory.process.size: 3g',
    says: ['3072m', '2048m'],
  },
  {
    name: 'a TaskManager without a heap for tasks',
    edits: [
      replace(flinkConf, 'taskmanager.memory.process.size: 1728m', 'taskmanager.memory.process.size: 800m'),
    ],
    rule: 'configuration/flink-memory',
    file: flinkConf,
    find: 'taskmanager.memory.process.size: 800m',
    says: ['no memory is left for the heap of tasks'],
  },
  {
    name: 'two JobManagers without an election',
    edits: [replace(flinkHa, 'high-availability.type: zookeeper', 'high-availability.type: none')],
    rule: 'configuration/flink-high-availability',
    file: flinkHa,
    find: 'high-availability.type: none',
    says: ['2 JobManagers'],
  },
  {
    name: 'a JobManager at a random port',
    edits: [
      replace(flinkHa, 'high-availability.jobmanager.port: 6123', 'high-availability.jobmanager.port: 0'),
    ],
    rule: 'configuration/flink-high-availability',
    file: flinkHa,
    find: 'high-availability.jobmanager.port: 0',
    says: ['is 0'],
  },
  {
    name: 'checkpoints on the disk of one pod',
    edits: [
      replace(
        flinkHa,
        'state.checkpoints.dir: s3://$CHECKPOINT_BUCKET/flink/checkpoints',
        'state.checkpoints.dir: file:///tmp/checkpoints',
      ),
    ],
    rule: 'configuration/flink-high-availability',
    file: flinkHa,
    find: 'state.checkpoints.dir: file:///tmp/checkpoints',
    says: ['gone with the pod'],
  },
  {
    name: 'a heap above the memory limit',
    edits: [
      replace(
        'components/footprint-recommended/kafka/resources.patch.yaml',
        '-Xms2g -Xmx2g',
        '-Xms2g -Xmx6g',
      ),
    ],
    rule: 'configuration/jvm-heap',
    file: 'components/footprint-recommended/kafka/resources.patch.yaml',
    find: '-Xmx6g',
    says: ['6g', '4g'],
  },
  {
    name: 'a heap that leaves nothing for the rest of the process',
    edits: [
      replace(
        'components/footprint-recommended/nifi/resources.patch.yaml',
        'NIFI_JVM_HEAP_MAX\n              value: 2g',
        'NIFI_JVM_HEAP_MAX\n              value: 3500m',
      ),
    ],
    rule: 'configuration/jvm-heap',
    severity: 'warning',
    file: 'components/footprint-recommended/nifi/resources.patch.yaml',
    find: 'value: 3500m',
    says: ['85 %'],
  },
  {
    name: 'a certificate without the name by which brokers are called',
    edits: [replace(kafkaCertificate, '    - "*.kafka-headless.infometis.svc.cluster.local"\n', '')],
    rule: 'configuration/certificate-name',
    file: baseKafka,
    find: '$(POD_NAME).kafka-headless.infometis.svc.cluster.local:9092',
    says: ['kafka-0.kafka-headless.infometis.svc.cluster.local', 'Certificate infometis/kafka'],
    consequences: [`configuration/certificate-name ${brokers}`],
  },
  {
    name: 'a certificate without the name by which Traefik asks',
    edits: [replace(transports, 'serverName: grafana-service', 'serverName: grafana')],
    rule: 'configuration/certificate-name',
    file: transports,
    find: 'serverName: grafana.infometis',
    says: ['grafana.infometis.svc.cluster.local', 'Certificate infometis/grafana'],
  },
  {
    name: 'pods that are called by address, without the name of the server',
    edits: [
      edit(prometheusTls, (text) =>
        text.replace(/( +- job_name: alertmanager\n[\s\S]*?)\n +server_name: [^\n]*/, '$1'),
      ),
    ],
    rule: 'configuration/certificate-name',
    file: prometheusTls,
    find: 'metrics_path: /alertmanager/metrics\n    dns_sd_configs:\n      - names: [alertmanager-headless]',
    says: ['by their addresses'],
  },
  {
    name: 'a mounted key that the Certificate does not make',
    edits: [replace(kafkaCertificate, '  additionalOutputFormats:\n    - type: CombinedPEM\n', '')],
    rule: 'configuration/certificate-key',
    file: listeners,
    find: '- key: tls-combined.pem',
    says: ['tls-combined.pem', 'ContainerCreating'],
  },
  {
    name: 'two Certificates in one Secret',
    edits: [
      replace(
        'components/tls/kafka-exporter/certificate.yaml',
        'secretName: kafka-exporter-tls',
        'secretName: kafka-tls',
      ),
    ],
    rule: 'configuration/certificate-secret',
    file: 'components/tls/kafka-exporter/certificate.yaml',
    find: 'secretName: kafka-tls',
    says: ['overwrite each other'],
    consequences: [
      'reference/secret components/tls/kafka-exporter/tls.patch.yaml',
      'reference/without-certificate components/sasl/kafka-exporter/login.patch.yaml',
    ],
  },
  {
    name: 'a field that Prometheus does not know',
    edits: [replace('base/prometheus/config/prometheus.yml', 'evaluation_interval', 'evaluation_intervall')],
    rule: 'configuration/prometheus-configuration',
    file: 'base/prometheus/config/prometheus.yml',
    find: 'evaluation_intervall',
    says: ['evaluation_intervall'],
  },
  {
    name: 'two jobs of one name',
    edits: [replace(prometheusTls, 'job_name: ksqldb', 'job_name: schema-registry')],
    rule: 'configuration/prometheus-configuration',
    file: prometheusTls,
    find: '- names: [flink-taskmanager-headless]\n        type: A\n        port: 9249\n\n  - job_name: schema-registry',
    says: ['two jobs are named `schema-registry`'],
  },
  {
    name: 'a query whose bracket is never closed',
    edits: [
      replace(
        'base/prometheus/config/rules/kafka.yml',
        'max by (job) (kafka_controller_kafkacontroller_offline',
        'max by (job) kafka_controller_kafkacontroller_offline',
      ),
    ],
    rule: 'configuration/prometheus-rules',
    file: 'base/prometheus/config/rules/kafka.yml',
    find: 'max by (job) kafka_controller_kafkacontroller_offline',
    says: ['a `)` that nothing opens'],
  },
  {
    name: 'a job that looks up a Service that does not exist',
    edits: [
      replace(
        'components/high-availability/prometheus/config/scrape/zookeeper.yml',
        'zookeeper-headless',
        'zookeper-headless',
      ),
    ],
    rule: 'configuration/prometheus-target',
    file: 'components/high-availability/prometheus/config/scrape/zookeeper.yml',
    find: 'zookeper-headless',
    says: ['did you mean `zookeeper-headless`?'],
  },
  {
    name: 'a job at a port that no pod has',
    edits: [
      replace(
        'components/high-availability/prometheus/config/scrape/zookeeper.yml',
        'port: 7000',
        'port: 7071',
      ),
    ],
    rule: 'configuration/prometheus-target',
    file: 'components/high-availability/prometheus/config/scrape/zookeeper.yml',
    find: '- names: [zookeeper-headless]',
    says: ['not 7071'],
  },
  {
    name: 'a route to a receiver that is not defined',
    edits: [
      replace(
        alertWebhook,
        'severity = info]\n      receiver: webhook',
        'severity = info]\n      receiver: webhok',
      ),
    ],
    rule: 'configuration/alertmanager-configuration',
    file: alertWebhook,
    find: 'receiver: webhok',
    says: ['did you mean `webhook`?'],
  },
  {
    name: 'a router behind a middleware that does not exist',
    edits: [
      replace(
        'components/oidc/traefik/config/dashboard.yml',
        '[sign-in, require-admin]',
        '[sign-in, require-admn]',
      ),
    ],
    rule: 'configuration/traefik-dynamic',
    file: 'components/oidc/traefik/config/dashboard.yml',
    find: '[sign-in, require-admn]',
    says: ['did you mean `require-admin`?'],
    consequences: ['reference/anonymous-path components/oidc/traefik/config/dashboard.yml'],
  },
  {
    name: 'a service behind a transport that does not exist',
    edits: [replace(signIn, 'serversTransport: oauth2-proxy', 'serversTransport: oauth2')],
    rule: 'configuration/traefik-dynamic',
    file: signIn,
    find: 'serversTransport: oauth2',
    says: ['`oauth2`'],
  },
  {
    name: 'two dashboards of one uid',
    edits: [
      replace(
        'base/grafana/config/dashboards/data/kafka-ui.json',
        '"uid": "infometis-kafka-ui"',
        '"uid": "infometis-kafka"',
      ),
    ],
    rule: 'configuration/grafana-dashboard',
    file: 'base/grafana/config/dashboards/data/kafka.json',
    find: '"uid": "infometis-kafka"',
    says: ['`kafka-ui.json`'],
  },
  {
    name: 'a data source under another uid',
    edits: [
      edit('base/grafana/config/dashboards/data/kafka.json', (text) =>
        text.replace('"uid": "prometheus"', '"uid": "promtheus"'),
      ),
    ],
    rule: 'configuration/grafana-dashboard',
    file: 'base/grafana/config/dashboards/data/kafka.json',
    find: '"uid": "promtheus"',
    says: ['`promtheus`', 'not provisioned', 'did you mean `prometheus`?'],
  },
];
