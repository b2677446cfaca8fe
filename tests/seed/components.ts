import {
  configMap,
  container,
  containerPort,
  deployment,
  image,
  ingress,
  port,
  route,
  service,
  setting,
  statefulSet,
  variable,
} from './proofs.ts';
import type { Proof, Section } from './statement.ts';

const traefik = deployment('traefik');
const nifi = statefulSet('nifi');
const kafka = statefulSet('kafka');
const jobManager = deployment('flink-jobmanager');
const taskManager = deployment('flink-taskmanager');
const ksqldb = statefulSet('ksqldb');
const elasticsearch = statefulSet('elasticsearch');
const schemaRegistry = deployment('schema-registry');
const prometheus = statefulSet('prometheus');
const grafana = statefulSet('grafana');

const runs = (object: string): Proof => ({ object, path: ['spec', 'replicas'], is: 1 });

/** One of the jars that are fetched. */
const connector = (pattern: RegExp): Proof => ({
  object: configMap('flink-connectors'),
  path: ['data', 'connectors.sha256'],
  matches: pattern,
});

const scrapes = (job: string, ...inside: (string | number)[]) => [
  'scrape_configs',
  { job_name: job },
  ...inside,
];
const scrapesPods = (job: string, headless: string, portName: string, number: number): readonly Proof[] => [
  setting('prometheus-config', 'prometheus.yml', scrapes(job, 'dns_sd_configs', 0, 'names'), {
    contains: headless,
  }),
  setting('prometheus-config', 'prometheus.yml', scrapes(job, 'dns_sd_configs', 0, 'port'), { is: number }),
  port(headless, portName, number),
];

export const architecture: Section = {
  title: 'System Architecture',
  statements: [
    {
      id: 'architecture-ingress',
      text: 'Traefik Ingress (http://localhost:80,8082)',
      deviation: 'bind-address',
      proof: [
        { object: traefik, path: container('traefik', 'ports', { name: 'web' }, 'hostPort'), is: 80 },
        { object: traefik, path: container('traefik', 'ports', { name: 'traefik' }, 'hostPort'), is: 8082 },
        { object: traefik, path: container('traefik', 'ports', { name: 'web' }, 'hostIP'), is: '127.0.0.1' },
        {
          object: traefik,
          path: container('traefik', 'ports', { name: 'traefik' }, 'hostIP'),
          is: '127.0.0.1',
        },
      ],
    },
    {
      id: 'architecture-monitoring',
      text: 'Monitoring: Prometheus, Grafana, Alertmanager',
      proof: [runs(prometheus), runs(grafana), runs(statefulSet('alertmanager'))],
    },
    {
      id: 'architecture-alerting',
      text: 'Prometheus reports to Alertmanager',
      proof: [
        setting('prometheus-config', 'prometheus.yml', ['alerting', 'alertmanagers', 0, 'path_prefix'], {
          is: '/alertmanager',
        }),
        setting(
          'prometheus-config',
          'prometheus.yml',
          ['alerting', 'alertmanagers', 0, 'dns_sd_configs', 0, 'names'],
          { contains: 'alertmanager-headless' },
        ),
        port('alertmanager-headless', 'http', 9093),
      ],
    },
    {
      id: 'architecture-applications',
      text: 'Applications behind the Ingress: NiFi, Kafka UI, Flink UI',
      proof: [
        ...route('nifi', '/nifi', 'websecure', 'nifi-service', 'https'),
        ...route('kafka-ui', '/kafka-ui', 'web', 'kafka-ui-service', 'http'),
        ...route('flink', '/', 'flink', 'flink-jobmanager-service', 'rest'),
      ],
    },
    {
      id: 'architecture-alertmanager-route',
      text: 'Monitoring behind the Ingress',
      deviation: 'more-routes',
      proof: [
        ...route('prometheus', '/prometheus', 'web', 'prometheus-service', 'http'),
        ...route('grafana', '/grafana', 'web', 'grafana-service', 'http'),
        ...route('alertmanager', '/alertmanager', 'web', 'alertmanager-service', 'http'),
      ],
    },
    {
      id: 'architecture-platform',
      text: 'Core Data Platform: NiFi, Kafka, Flink, ksqlDB, Schema Registry, Elasticsearch',
      proof: [nifi, kafka, jobManager, taskManager, ksqldb, schemaRegistry, elasticsearch].map(runs),
    },
    {
      id: 'architecture-into-elasticsearch',
      text: 'Kafka, Flink and ksqlDB write to Elasticsearch',
      notYet: 'the pipelines; of these ways only the one through Flink has its connector',
    },
    {
      id: 'architecture-k0s',
      text: 'Kubernetes (k0s), Single-Node',
      proof: [
        { file: 'k0s/prototype.yaml', path: ['kind'], is: 'ClusterConfig' },
        { file: 'k0s/prototype.yaml', path: [], contains: 'k0s install controller --single' },
        { file: 'overlays/prototype/environment/environment.yaml', path: ['data', 'nodeCount'], is: '1' },
      ],
    },
  ],
};

export const ingressLayer: Section = {
  title: 'Component Details: Traefik',
  statements: [
    {
      id: 'traefik-routing',
      text: 'Path-based routing to all services',
      deviation: 'inside-only',
      proof: [
        { object: ingress('*'), path: ['spec', 'ingressClassName'], is: 'traefik' },
        { object: ingress('*'), path: ['spec', 'rules', 0, 'http', 'paths', 0, 'path'], matches: /^\// },
        {
          object: ingress('*'),
          path: ['spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service', 'name'],
          matches:
            /^(nifi|nifi-registry|kafka-ui|flink-jobmanager|ksqldb|elasticsearch|prometheus|alertmanager|grafana)-service$/,
        },
        { object: 'IngressClass/traefik', path: ['spec', 'controller'], is: 'traefik.io/ingress-controller' },
      ],
    },
    {
      id: 'traefik-tls',
      text: 'Automatic SSL termination (when configured)',
      proof: [
        setting('traefik-config', 'traefik.yml', ['entryPoints', 'websecure', 'http', 'tls'], { is: {} }),
      ],
    },
    {
      id: 'traefik-discovery',
      text: 'Service discovery via Kubernetes',
      proof: [
        setting('traefik-config', 'traefik.yml', ['providers', 'kubernetesIngress', 'namespaces'], {
          is: ['infometis'],
        }),
        {
          object: 'Role/infometis/traefik',
          path: ['rules', { 'apiGroups.0': 'discovery.k8s.io' }, 'resources'],
          is: ['endpointslices'],
        },
      ],
    },
    {
      id: 'traefik-dashboard',
      text: 'Dashboard at http://localhost:8082',
      deviation: 'dashboard-router',
      proof: [
        setting('traefik-config', 'traefik.yml', ['api', 'dashboard'], { is: true }),
        setting('traefik-config', 'traefik.yml', ['api', 'insecure'], { absent: true }),
        setting('traefik-config', 'traefik.yml', ['entryPoints', 'traefik', 'address'], { is: ':8082' }),
        setting('traefik-config', 'dashboard.yml', ['http', 'routers', 'dashboard'], {
          is: {
            entryPoints: ['traefik'],
            rule: 'PathPrefix(`/dashboard/`) || PathPrefix(`/api/`)',
            service: 'api@internal',
          },
        }),
        setting('traefik-config', 'dashboard.yml', ['http', 'routers', 'dashboard-redirect', 'rule'], {
          contains: 'Path(`/`)',
        }),
        { object: traefik, path: container('traefik', 'ports', { name: 'traefik' }, 'hostPort'), is: 8082 },
      ],
    },
  ],
};

export const dataIngestion: Section = {
  title: 'Component Details: Apache NiFi',
  statements: [
    {
      id: 'nifi-version',
      text: 'Version: 1.23.2',
      proof: [image(nifi, 'nifi', 'apache/nifi', '1\\.23\\.2')],
    },
    {
      id: 'nifi-processors',
      text: '300+ processors for data ingestion; visual flow design',
      // What the image brings; nothing may cover its library of extensions.
      proof: [
        image(nifi, 'nifi', 'apache/nifi', '1\\.23\\.2'),
        {
          object: nifi,
          path: container('nifi', 'volumeMounts', { mountPath: '/opt/nifi/nifi-current/lib' }),
          absent: true,
        },
      ],
    },
    {
      id: 'nifi-provenance',
      text: 'Built-in data provenance',
      proof: [
        setting('nifi-config', 'nifi.properties', ['nifi.provenance.repository.directory.default'], {
          is: '/opt/nifi/provenance_repository',
        }),
        {
          object: nifi,
          path: container('nifi', 'volumeMounts', { mountPath: '/opt/nifi/provenance_repository' }, 'name'),
          is: 'provenance',
        },
      ],
    },
    {
      id: 'nifi-registry-integration',
      text: 'Registry integration for version control',
      proof: [
        setting('nifi-setup', 'registry-client.json', ['type'], {
          is: 'org.apache.nifi.registry.flow.NifiRegistryFlowRegistryClient',
        }),
        setting('nifi-setup', 'registry-client.json', ['properties', 'url'], {
          is: 'http://nifi-registry-service:18080',
        }),
        {
          object: 'Job/infometis/nifi-setup',
          path: container('setup', 'command'),
          is: ['/bin/sh', '/etc/nifi-setup/setup.sh'],
        },
        {
          object: configMap('nifi-setup'),
          path: ['data', 'setup.sh'],
          contains: '\nensure_registry_client\n',
        },
        port('nifi-registry-service', 'http', 18080),
        image(statefulSet('nifi-registry'), 'nifi-registry', 'apache/nifi-registry', '1\\.23\\.2'),
      ],
    },
    {
      id: 'nifi-registry-storage',
      text: 'Registry integration for version control (its storage)',
      deviation: 'nifi-registry-volume',
      proof: [
        { object: 'PersistentVolume/nifi-registry-data', path: ['spec', 'capacity', 'storage'], is: '5Gi' },
        ...['database', 'flow_storage'].map(
          (subPath): Proof => ({
            object: statefulSet('nifi-registry'),
            path: container(
              'nifi-registry',
              'volumeMounts',
              { mountPath: `/opt/nifi-registry/nifi-registry-current/${subPath}` },
              'name',
            ),
            is: 'data',
          }),
        ),
      ],
    },
    {
      id: 'nifi-storage',
      text: '4 persistent volumes (content, database, flowfile, provenance)',
      proof: ['content', 'database', 'flowfile', 'provenance'].map(
        (name): Proof => ({
          object: nifi,
          path: ['spec', 'volumeClaimTemplates', { 'metadata.name': name }, 'spec', 'storageClassName'],
          is: 'local-storage',
        }),
      ),
    },
    {
      id: 'nifi-flow-storage',
      text: '4 persistent volumes (the flow is in none of them)',
      deviation: 'nifi-fifth-volume',
      proof: [
        { object: 'PersistentVolume/nifi-conf-data', path: ['spec', 'capacity', 'storage'], is: '1Gi' },
        {
          object: nifi,
          path: container('nifi', 'volumeMounts', { name: 'conf', subPath: 'conf' }, 'mountPath'),
          is: '/opt/nifi/nifi-current/conf',
        },
        {
          object: nifi,
          path: container('nifi', 'volumeMounts', { name: 'conf', subPath: 'state' }, 'mountPath'),
          is: '/opt/nifi/nifi-current/state',
        },
      ],
    },
  ],
};

export const eventStreaming: Section = {
  title: 'Component Details: Apache Kafka',
  statements: [
    {
      id: 'kafka-version',
      text: 'Version: 3.6',
      deviation: 'kafka-image',
      proof: [image(kafka, 'kafka', 'confluentinc/cp-kafka', '7\\.6\\.\\d+')],
    },
    {
      id: 'kafka-kraft',
      text: 'KRaft mode - no ZooKeeper',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_PROCESS_ROLES', { is: 'broker,controller' }),
        variable(kafka, 'kafka', 'KAFKA_CONTROLLER_QUORUM_VOTERS', { is: '0@localhost:9093' }),
        variable(kafka, 'kafka', 'CLUSTER_ID', { matches: /^[A-Za-z0-9_-]{22}$/ }),
        { object: kafka, path: container('kafka', 'env', { name: 'KAFKA_ZOOKEEPER_CONNECT' }), absent: true },
      ],
    },
    { id: 'kafka-broker', text: 'Single broker', proof: [runs(kafka)] },
    {
      id: 'kafka-expandable',
      text: '(expandable)',
      // The fields that nobody can change once there is a broker.
      proof: [
        { object: kafka, path: ['spec', 'podManagementPolicy'], is: 'Parallel' },
        { object: kafka, path: ['spec', 'serviceName'], is: 'kafka-headless' },
        { object: service('kafka-headless'), path: ['spec', 'publishNotReadyAddresses'], is: true },
        {
          object: kafka,
          path: container('kafka', 'env', { name: 'KAFKA_NODE_ID' }, 'valueFrom', 'fieldRef', 'fieldPath'),
          is: "metadata.labels['apps.kubernetes.io/pod-index']",
        },
      ],
    },
    {
      id: 'kafka-storage',
      text: '10GB persistent storage',
      deviation: 'binary-sizes',
      proof: [
        { object: 'PersistentVolume/kafka-data', path: ['spec', 'capacity', 'storage'], is: '10Gi' },
        variable(kafka, 'kafka', 'KAFKA_LOG_DIRS', { matches: /^\/var\/lib\/kafka\/data(\/|$)/ }),
      ],
    },
    {
      id: 'kafka-auto-create',
      text: 'Auto topic creation enabled',
      deviation: 'auto-create-topics',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_AUTO_CREATE_TOPICS_ENABLE', { is: 'true' }),
        {
          file: 'base/kafka/statefulset.yaml',
          path: container('kafka', 'env', { name: 'KAFKA_AUTO_CREATE_TOPICS_ENABLE' }, 'value'),
          is: 'false',
        },
      ],
    },
    {
      id: 'kafka-replication',
      text: 'Default replication factor: 1',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_DEFAULT_REPLICATION_FACTOR', { is: '1' }),
        variable(kafka, 'kafka', 'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR', { is: '1' }),
        variable(kafka, 'kafka', 'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR', { is: '1' }),
        variable(kafka, 'kafka', 'KAFKA_TRANSACTION_STATE_LOG_MIN_ISR', { is: '1' }),
      ],
    },
    {
      id: 'kafka-native',
      text: 'Native: kafka-service:9092',
      deviation: 'kafka-advertised-names',
      proof: [
        port('kafka-service', 'internal', 9092),
        containerPort(kafka, 'kafka', 'internal', 9092),
        variable(kafka, 'kafka', 'KAFKA_ADVERTISED_LISTENERS', {
          contains: 'INTERNAL://$(POD_NAME).kafka-headless.infometis.svc.cluster.local:9092',
        }),
      ],
    },
    {
      id: 'kafka-host-access',
      text: 'Native interface, for a client on the host',
      deviation: 'kafka-host-listener',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_ADVERTISED_LISTENERS', { contains: 'HOST://$(PUBLIC_HOST):9094' }),
        variable(kafka, 'kafka', 'PUBLIC_HOST', { is: 'localhost' }),
        containerPort(kafka, 'kafka', 'host', 9094),
        { object: kafka, path: container('kafka', 'ports', { name: 'host' }, 'hostPort'), absent: true },
      ],
    },
    {
      id: 'kafka-ui',
      text: 'UI: Kafka UI for management',
      deviation: 'kafka-ui-image',
      proof: [
        image(deployment('kafka-ui'), 'kafka-ui', 'ghcr.io/kafbat/kafka-ui', 'v1\\.\\d+\\.\\d+'),
        variable(deployment('kafka-ui'), 'kafka-ui', 'KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS', {
          is: 'kafka-service:9092',
        }),
        variable(deployment('kafka-ui'), 'kafka-ui', 'KAFKA_CLUSTERS_0_SCHEMAREGISTRY', {
          is: 'http://schema-registry-service:8081',
        }),
        variable(deployment('kafka-ui'), 'kafka-ui', 'KAFKA_CLUSTERS_0_KSQLDBSERVER', {
          is: 'http://ksqldb-service:8088',
        }),
      ],
    },
  ],
};

export const flink: Section = {
  title: 'Component Details: Apache Flink',
  statements: [
    {
      id: 'flink-version',
      text: 'Version: 1.18',
      proof: [
        image(jobManager, 'jobmanager', 'flink', '1\\.18\\.\\d+-scala_2\\.12-java11'),
        image(taskManager, 'taskmanager', 'flink', '1\\.18\\.\\d+-scala_2\\.12-java11'),
      ],
    },
    {
      id: 'flink-jobmanager',
      text: 'JobManager: Coordinates jobs',
      proof: [
        runs(jobManager),
        { object: jobManager, path: container('jobmanager', 'args'), is: ['jobmanager'] },
        port('flink-jobmanager-service', 'rest', 8081),
      ],
    },
    {
      id: 'flink-job-submission',
      text: 'JobManager: Coordinates jobs (how they get there)',
      deviation: 'flink-no-upload',
      proof: [setting('flink-config', 'flink-conf.yaml', ['web.submit.enable'], { is: false })],
    },
    {
      id: 'flink-taskmanager',
      text: 'TaskManager: Executes tasks',
      proof: [
        runs(taskManager),
        { object: taskManager, path: container('taskmanager', 'args'), is: ['taskmanager'] },
        variable(taskManager, 'taskmanager', 'JOB_MANAGER_RPC_ADDRESS', { is: 'flink-jobmanager-service' }),
        port('flink-jobmanager-service', 'rpc', 6123),
      ],
    },
    {
      id: 'flink-slots',
      text: '2 task slots per TaskManager',
      proof: [setting('flink-config', 'flink-conf.yaml', ['taskmanager.numberOfTaskSlots'], { is: 2 })],
    },
    {
      id: 'flink-exactly-once',
      text: 'Exactly-once processing',
      deviation: 'flink-exactly-once',
      proof: [
        setting('flink-config', 'flink-conf.yaml', ['execution.checkpointing.mode'], { is: 'EXACTLY_ONCE' }),
      ],
    },
    {
      id: 'flink-state',
      text: 'Stateful computations',
      proof: [
        setting('flink-config', 'flink-conf.yaml', ['state.backend.type'], { is: 'hashmap' }),
        setting('flink-config', 'flink-conf.yaml', ['state.savepoints.dir'], {
          is: 'file:///var/lib/flink/savepoints',
        }),
      ],
    },
    {
      id: 'flink-checkpointing',
      text: 'Checkpointing enabled',
      deviation: 'flink-volume',
      proof: [
        setting('flink-config', 'flink-conf.yaml', ['execution.checkpointing.interval'], {
          matches: /^[1-9]\d*\s?(s|min)$/,
        }),
        setting('flink-config', 'flink-conf.yaml', ['state.checkpoints.dir'], {
          is: 'file:///var/lib/flink/checkpoints',
        }),
        { object: 'PersistentVolume/flink-data', path: ['spec', 'capacity', 'storage'], is: '5Gi' },
        ...(
          [
            [jobManager, 'jobmanager'],
            [taskManager, 'taskmanager'],
          ] as const
        ).flatMap(([object, name]): Proof[] => [
          {
            object,
            path: container(name, 'volumeMounts', { mountPath: '/var/lib/flink' }, 'name'),
            is: 'data',
          },
          {
            object,
            path: [
              'spec',
              'template',
              'spec',
              'volumes',
              { name: 'data' },
              'persistentVolumeClaim',
              'claimName',
            ],
            is: 'flink-data',
          },
        ]),
      ],
    },
  ],
};

export const ksqlDb: Section = {
  title: 'Component Details: ksqlDB',
  statements: [
    {
      id: 'ksqldb-version',
      text: 'Version: 0.29.0',
      proof: [image(ksqldb, 'ksqldb', 'confluentinc/ksqldb-server', '0\\.29\\.0')],
    },
    {
      id: 'ksqldb-kafka',
      text: 'SQL interface for Kafka streams; SQL on streams and tables',
      proof: [
        variable(ksqldb, 'ksqldb', 'KSQL_BOOTSTRAP_SERVERS', { is: 'kafka-service:9092' }),
        variable(ksqldb, 'ksqldb', 'KSQL_KSQL_SCHEMA_REGISTRY_URL', {
          is: 'http://schema-registry-service:8081',
        }),
      ],
    },
    {
      id: 'ksqldb-queries',
      text: 'Push and pull queries',
      // A file of queries would make it headless, and a headless server answers no query.
      proof: [
        variable(ksqldb, 'ksqldb', 'KSQL_LISTENERS', { is: 'http://0.0.0.0:8088' }),
        {
          object: ksqldb,
          path: container('ksqldb', 'env', { name: 'KSQL_KSQL_QUERIES_FILE' }),
          absent: true,
        },
        port('ksqldb-service', 'http', 8088),
      ],
    },
    {
      id: 'ksqldb-streams',
      text: 'Kafka Streams under the hood',
      deviation: 'ksqldb-state',
      proof: [
        variable(ksqldb, 'ksqldb', 'KSQL_KSQL_STREAMS_STATE_DIR', { is: '/var/lib/ksqldb' }),
        {
          object: ksqldb,
          path: container('ksqldb', 'volumeMounts', { mountPath: '/var/lib/ksqldb' }, 'name'),
          is: 'state',
        },
        {
          object: ksqldb,
          path: ['spec', 'template', 'spec', 'volumes', { name: 'state' }, 'emptyDir', 'sizeLimit'],
          is: '5Gi',
        },
        variable(ksqldb, 'ksqldb', 'KSQL_KSQL_STREAMS_REPLICATION_FACTOR', { is: '1' }),
      ],
    },
  ],
};

export const dataStorage: Section = {
  title: 'Component Details: Elasticsearch',
  statements: [
    {
      id: 'elasticsearch-version',
      text: 'Version: 7.17.10',
      proof: [
        image(elasticsearch, 'elasticsearch', 'docker.elastic.co/elasticsearch/elasticsearch', '7\\.17\\.10'),
      ],
    },
    {
      id: 'elasticsearch-single-node',
      text: 'Single node setup',
      proof: [
        runs(elasticsearch),
        variable(elasticsearch, 'elasticsearch', 'discovery.type', { is: 'single-node' }),
      ],
    },
    {
      id: 'elasticsearch-storage',
      text: '10GB persistent storage',
      deviation: 'binary-sizes',
      proof: [
        { object: 'PersistentVolume/elasticsearch-data', path: ['spec', 'capacity', 'storage'], is: '10Gi' },
        setting('elasticsearch-config', 'elasticsearch.yml', ['path.data'], {
          is: '/usr/share/elasticsearch/data',
        }),
      ],
    },
    {
      id: 'elasticsearch-http',
      text: 'HTTP API exposed',
      deviation: 'stripped-paths',
      proof: [
        containerPort(elasticsearch, 'elasticsearch', 'http', 9200),
        port('elasticsearch-service', 'http', 9200),
        setting('elasticsearch-config', 'elasticsearch.yml', ['network.host'], { is: '0.0.0.0' }),
        ...route('elasticsearch', '/elasticsearch', 'web', 'elasticsearch-service', 'http'),
        {
          object: ingress('elasticsearch'),
          path: ['metadata', 'annotations', 'traefik.ingress.kubernetes.io/router.middlewares'],
          is: 'strip-elasticsearch@file',
        },
        setting(
          'traefik-config',
          'middlewares.yml',
          ['http', 'middlewares', 'strip-elasticsearch', 'stripPrefix', 'prefixes'],
          { is: ['/elasticsearch'] },
        ),
      ],
    },
    {
      id: 'elasticsearch-time-series',
      text: 'Ready for time-series data',
      proof: [
        setting(
          'grafana-provisioning',
          'datasources.yaml',
          ['datasources', { type: 'elasticsearch' }, 'jsonData', 'timeField'],
          { is: '@timestamp' },
        ),
      ],
    },
  ],
};

export const schemaManagement: Section = {
  title: 'Component Details: Schema Registry',
  statements: [
    {
      id: 'schema-registry-version',
      text: 'Version: Latest Confluent',
      deviation: 'schema-registry-version',
      proof: [image(schemaRegistry, 'schema-registry', 'confluentinc/cp-schema-registry', '7\\.6\\.\\d+')],
    },
    {
      id: 'schema-registry-formats',
      text: 'Avro, JSON Schema, Protobuf support',
      // Its own list of formats is the default; a list would replace it.
      proof: [
        {
          object: schemaRegistry,
          path: container('schema-registry', 'env', { name: 'SCHEMA_REGISTRY_SCHEMA_PROVIDERS' }),
          absent: true,
        },
        port('schema-registry-service', 'http', 8081),
      ],
    },
    {
      id: 'schema-registry-evolution',
      text: 'Schema evolution; schema versioning',
      proof: [
        variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS', {
          is: 'PLAINTEXT://kafka-service:9092',
        }),
        variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_KAFKASTORE_TOPIC', { is: '_schemas' }),
      ],
    },
    {
      id: 'schema-registry-compatibility',
      text: 'Compatibility checking',
      proof: [
        variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL', {
          is: 'backward',
        }),
      ],
    },
  ],
};

export const prometheusSection: Section = {
  title: 'Monitoring Stack: Prometheus',
  statements: [
    {
      id: 'prometheus-version',
      text: 'Version: 2.47.0',
      proof: [image(prometheus, 'prometheus', 'prom/prometheus', 'v2\\.47\\.0')],
    },
    {
      id: 'prometheus-alerting',
      text: 'Metrics collection and alerting',
      proof: [
        setting('prometheus-config', 'prometheus.yml', ['rule_files'], { contains: 'rules/*.yml' }),
        setting('prometheus-rules', 'kafka.yml', ['groups', 0, 'name'], { is: 'kafka' }),
        {
          object: prometheus,
          path: container('prometheus', 'volumeMounts', { name: 'rules' }, 'mountPath'),
          is: '/etc/prometheus/rules',
        },
        setting('prometheus-config', 'prometheus.yml', ['alerting', 'alertmanagers', 0, 'path_prefix'], {
          is: '/alertmanager',
        }),
      ],
    },
    {
      id: 'prometheus-target-kafka',
      text: 'Targets: Kafka metrics (requires JMX exporter)',
      proof: [
        ...scrapesPods('kafka', 'kafka-headless', 'metrics', 7071),
        containerPort(kafka, 'kafka', 'metrics', 7071),
        {
          object: configMap('kafka-config'),
          path: ['data', 'start.sh'],
          contains: '-javaagent:$agent=7071:',
        },
        setting(
          'prometheus-config',
          'prometheus.yml',
          scrapes('kafka-exporter', 'static_configs', 0, 'targets'),
          {
            is: ['kafka-exporter-service:9308'],
          },
        ),
      ],
    },
    {
      id: 'prometheus-target-flink',
      text: 'Targets: Flink metrics',
      proof: [
        ...scrapesPods('flink-jobmanager', 'flink-jobmanager-headless', 'metrics', 9249),
        ...scrapesPods('flink-taskmanager', 'flink-taskmanager-headless', 'metrics', 9249),
        setting('flink-config', 'flink-conf.yaml', ['metrics.reporter.prom.factory.class'], {
          is: 'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
        }),
        setting('flink-config', 'flink-conf.yaml', ['metrics.reporter.prom.port'], { is: 9249 }),
      ],
    },
    {
      id: 'prometheus-target-elasticsearch',
      text: 'Targets: Elasticsearch health',
      proof: [
        setting(
          'prometheus-config',
          'prometheus.yml',
          scrapes('elasticsearch', 'static_configs', 0, 'targets'),
          {
            is: ['elasticsearch-exporter-service:9114'],
          },
        ),
        port('elasticsearch-exporter-service', 'metrics', 9114),
        setting(
          'prometheus-rules',
          'elasticsearch.yml',
          ['groups', 0, 'rules', { alert: 'ElasticsearchClusterRed' }, 'expr'],
          {
            contains: 'elasticsearch_cluster_health_status',
          },
        ),
      ],
    },
    {
      id: 'prometheus-target-node',
      text: 'Targets: Node metrics (when available)',
      deviation: 'node-exporter-namespace',
      proof: [
        setting(
          'prometheus-config',
          'prometheus.yml',
          scrapes('node-exporter', 'dns_sd_configs', 0, 'names'),
          { is: ['node-exporter.node-exporter.svc'] },
        ),
        {
          object: 'Service/node-exporter/node-exporter',
          path: ['spec', 'ports', { name: 'metrics' }, 'port'],
          is: 9100,
        },
        {
          object: 'DaemonSet/node-exporter/node-exporter',
          path: ['spec', 'template', 'spec', 'hostNetwork'],
          absent: true,
        },
      ],
    },
  ],
};

export const grafanaSection: Section = {
  title: 'Monitoring Stack: Grafana',
  statements: [
    {
      id: 'grafana-version',
      text: 'Version: 10.0.3',
      proof: [image(grafana, 'grafana', 'grafana/grafana', '10\\.0\\.3')],
    },
    {
      id: 'grafana-dashboards',
      text: 'Visualization and dashboards',
      proof: [
        setting(
          'grafana-provisioning',
          'dashboards.yaml',
          ['providers', { name: 'data' }, 'options', 'path'],
          {
            is: '/etc/grafana/dashboards/data',
          },
        ),
        {
          object: grafana,
          path: container('grafana', 'volumeMounts', { mountPath: '/etc/grafana/dashboards/data' }, 'name'),
          is: 'dashboards-data',
        },
        ...[
          'nifi',
          'nifi-registry',
          'kafka',
          'kafka-ui',
          'flink',
          'ksqldb',
          'elasticsearch',
          'schema-registry',
        ].map((name) =>
          setting('grafana-dashboards-data', `${name}.json`, ['uid'], { is: `infometis-${name}` }),
        ),
        ...['traefik', 'prometheus', 'alertmanager', 'grafana'].map((name) =>
          setting('grafana-dashboards-platform', `${name}.json`, ['uid'], { is: `infometis-${name}` }),
        ),
      ],
    },
    {
      id: 'grafana-source-prometheus',
      text: 'Data sources: Prometheus',
      proof: [
        setting('grafana-provisioning', 'datasources.yaml', ['datasources', { type: 'prometheus' }, 'url'], {
          is: 'http://prometheus-service:9090/prometheus',
        }),
        port('prometheus-service', 'http', 9090),
      ],
    },
    {
      id: 'grafana-source-elasticsearch',
      text: 'Data sources: Elasticsearch',
      proof: [
        setting(
          'grafana-provisioning',
          'datasources.yaml',
          ['datasources', { type: 'elasticsearch' }, 'url'],
          {
            is: 'http://elasticsearch-service:9200',
          },
        ),
        port('elasticsearch-service', 'http', 9200),
      ],
    },
    {
      id: 'grafana-source-kafka',
      text: 'Data sources: Direct Kafka metrics',
      deviation: 'kafka-metrics-through-prometheus',
      proof: [
        setting('grafana-dashboards-data', 'kafka.json', ['title'], { is: 'Kafka' }),
        {
          object: configMap('grafana-dashboards-data'),
          path: ['data', 'kafka.json'],
          contains: 'kafka_server_replicamanager_underreplicatedpartitions',
        },
        setting('grafana-provisioning', 'datasources.yaml', ['datasources', 2], { absent: true }),
      ],
    },
  ],
};

export const realTimeEtl: Section = {
  title: 'Data Flow Patterns: Real-Time ETL',
  statements: [
    { id: 'etl-ingest', text: 'External API → NiFi → Kafka', notYet: 'the NiFi flow of the pipeline' },
    {
      id: 'etl-kafka-flink',
      text: 'Kafka → Flink (the way is there, the job is not)',
      deviation: 'flink-connectors',
      proof: [
        connector(/^[0-9a-f]{64} {2}\S+\/flink-sql-connector-kafka-\d\S+-1\.18\.jar$/m),
        connector(/^[0-9a-f]{64} {2}\S+\/flink-sql-avro-confluent-registry-1\.1[78]\.\d+\.jar$/m),
        {
          object: taskManager,
          path: container('taskmanager', 'volumeMounts', { name: 'connectors' }, 'mountPath'),
          is: '/opt/flink/lib/connectors',
        },
      ],
    },
    {
      id: 'etl-flink-elasticsearch',
      text: 'Flink → Elasticsearch (the way is there, the job is not)',
      deviation: 'flink-connectors',
      proof: [
        connector(/^[0-9a-f]{64} {2}\S+\/flink-sql-connector-elasticsearch7-\d\S+-1\.1[78]\.jar$/m),
        {
          object: jobManager,
          path: container('jobmanager', 'volumeMounts', { name: 'connectors' }, 'mountPath'),
          is: '/opt/flink/lib/connectors',
        },
      ],
    },
    {
      id: 'etl-elasticsearch-grafana',
      text: 'Elasticsearch → Grafana',
      proof: [
        setting(
          'grafana-provisioning',
          'datasources.yaml',
          ['datasources', { type: 'elasticsearch' }, 'url'],
          {
            is: 'http://elasticsearch-service:9200',
          },
        ),
      ],
    },
    { id: 'etl-runs', text: 'External API → … → Grafana, as a whole', notYet: 'the pipeline' },
  ],
};

export const streamAnalytics: Section = {
  title: 'Data Flow Patterns: Stream Analytics',
  statements: [
    {
      id: 'analytics-kafka-ksqldb',
      text: 'Kafka → ksqlDB',
      proof: [variable(ksqldb, 'ksqldb', 'KSQL_BOOTSTRAP_SERVERS', { is: 'kafka-service:9092' })],
    },
    { id: 'analytics-views', text: 'Materialized Views', notYet: 'the SQL of the pipeline' },
    {
      id: 'analytics-rest',
      text: 'REST API',
      deviation: 'stripped-paths',
      proof: route('ksqldb', '/ksqldb', 'web', 'ksqldb-service', 'http'),
    },
  ],
};

export const eventProcessing: Section = {
  title: 'Data Flow Patterns: Event Processing',
  statements: [
    { id: 'events-cep', text: 'NiFi → Kafka → Flink (CEP) → Alerts → Kafka', notYet: 'the pipeline' },
    { id: 'events-notify', text: 'Kafka → NiFi → Email/Slack', notYet: 'the pipeline' },
  ],
};
