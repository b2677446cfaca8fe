/** What small-production shows of the seed's recommendations for production. */

import {
  everyAlert,
  everyClaim,
  everyClientLogsIn,
  everyNamespaceIsClosed,
  everyPathAsks,
  everyPodOf,
  everyPort,
  fitsItsNodes,
  severalPods,
} from './production-checks.ts';
import * as proofs from './proofs.ts';
import { configMap, container, deployment, ingress, initContainer, service, statefulSet } from './proofs.ts';
import type { Expectation, ObjectProof, Proof, Steps } from './statement.ts';

const place = 'small-production';
const facts = `overlays/${place}/environment/environment.yaml`;

const here = (proof: ObjectProof): ObjectProof => ({ in: place, ...proof });
const value = (object: string, path: Steps, expectation: Expectation): ObjectProof =>
  here({ object, path, ...expectation });
const variable = (object: string, of: string, name: string, expectation: Expectation): ObjectProof =>
  here(proofs.variable(object, of, name, expectation));
const setting = (map: string, file: string, inside: Steps, expectation: Expectation): ObjectProof =>
  here(proofs.setting(map, file, inside, expectation));
const argument = (object: string, of: string, text: string): ObjectProof =>
  value(object, container(of, 'args'), { contains: text });
const annotation = (object: string, name: string, expectation: Expectation): ObjectProof =>
  value(object, ['metadata', 'annotations', name], expectation);

const traefik = deployment('traefik');
const nifi = statefulSet('nifi');
const nifiRegistry = statefulSet('nifi-registry');
const kafka = statefulSet('kafka');
const schemaRegistry = deployment('schema-registry');
const kafkaUi = deployment('kafka-ui');
const jobManager = deployment('flink-jobmanager');
const taskManager = deployment('flink-taskmanager');
const ksqldb = statefulSet('ksqldb');
const elasticsearch = statefulSet('elasticsearch');
const grafana = statefulSet('grafana');
const oauth2Proxy = deployment('oauth2-proxy');

const kafkaListeners = variable(kafka, 'kafka', 'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP', {
  is: 'INTERNAL:SASL_SSL,CONTROLLER:SSL',
});
const nifiSays = (key: string, is: string): ObjectProof =>
  setting('nifi-config', 'nifi-tls.properties', [key], { is });
const flinkSays = (key: string): ObjectProof => setting('flink-config', 'tls.yaml', [key], { is: true });
const zooKeeperSays = (key: string, is: string): ObjectProof =>
  setting('zookeeper-config', 'zoo-tls.cfg', [key], { is });
const elasticsearchSays = (name: string, is: string): ObjectProof =>
  variable(elasticsearch, 'elasticsearch', name, { is });
const webConfig = (map: string): ObjectProof =>
  setting(map, 'web.yml', ['tls_server_config', 'key_file'], { is: '/etc/tls/tls.key' });
const entryPoint = (name: string): ObjectProof =>
  setting('traefik-config', 'traefik.yml', ['entryPoints', name, 'http', 'tls'], { is: {} });

export const encryption: readonly Proof[] = [
  everyPort({
    'traefik/web': [
      setting(
        'traefik-config',
        'traefik.yml',
        ['entryPoints', 'web', 'http', 'redirections', 'entryPoint', 'scheme'],
        {
          is: 'https',
        },
      ),
    ],
    'traefik/websecure': [entryPoint('websecure')],
    'traefik/flink': [entryPoint('flink')],
    'traefik/traefik': 'plain',
    'oauth2-proxy/http': [
      variable(oauth2Proxy, 'oauth2-proxy', 'OAUTH2_PROXY_HTTP_ADDRESS', { is: '-' }),
      variable(oauth2Proxy, 'oauth2-proxy', 'OAUTH2_PROXY_TLS_KEY_FILE', { is: '/etc/tls/tls.key' }),
    ],
    'oauth2-proxy/metrics': 'plain',
    'zookeeper/client-tls': [
      zooKeeperSays('secureClientPort', '2281'),
      zooKeeperSays('ssl.clientAuth', 'need'),
      zooKeeperSays('clientPortAddress', '127.0.0.1'),
    ],
    'zookeeper/quorum': [zooKeeperSays('sslQuorum', 'true'), zooKeeperSays('ssl.quorum.clientAuth', 'need')],
    'zookeeper/election': [zooKeeperSays('sslQuorum', 'true')],
    'zookeeper/metrics': 'plain',
    'nifi/https': [
      variable(nifi, 'nifi', 'NIFI_WEB_HTTPS_PORT', { is: '8443' }),
      value(nifi, container('nifi', 'env', { name: 'NIFI_WEB_HTTP_PORT' }), { absent: true }),
      nifiSays('nifi.security.keystore', '/etc/tls/keystore.p12'),
    ],
    'nifi/cluster': [nifiSays('nifi.cluster.protocol.is.secure', 'true')],
    'nifi/load-balance': [nifiSays('nifi.cluster.protocol.is.secure', 'true')],
    'nifi/metrics': 'plain',
    'nifi-registry/http': [
      value(nifiRegistry, container('nifi-registry', 'readinessProbe', 'httpGet', 'scheme'), { is: 'HTTPS' }),
      value(nifiRegistry, container('nifi-registry', 'env', { name: 'NIFI_REGISTRY_WEB_HTTP_PORT' }), {
        absent: true,
      }),
    ],
    'kafka/internal': [kafkaListeners],
    'kafka/controller': [
      kafkaListeners,
      variable(kafka, 'kafka', 'KAFKA_LISTENER_NAME_CONTROLLER_SSL_CLIENT_AUTH', { is: 'required' }),
    ],
    'kafka/metrics': 'plain',
    'schema-registry/http': [
      variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_LISTENERS', {
        is: 'https://0.0.0.0:8081',
      }),
      variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_INTER_INSTANCE_PROTOCOL', { is: 'https' }),
    ],
    'schema-registry/metrics': 'plain',
    'kafka-ui/http': [variable(kafkaUi, 'kafka-ui', 'SERVER_SSL_ENABLED', { is: 'true' })],
    'mirror-maker/metrics': 'plain',
    'flink-jobmanager/rest': [flinkSays('security.ssl.rest.enabled')],
    'flink-jobmanager/rpc': [flinkSays('security.ssl.internal.enabled')],
    'flink-jobmanager/blob': [flinkSays('security.ssl.internal.enabled')],
    'flink-jobmanager/metrics': 'plain',
    'flink-taskmanager/rpc': [flinkSays('security.ssl.internal.enabled')],
    'flink-taskmanager/data': [flinkSays('security.ssl.internal.enabled')],
    'flink-taskmanager/metrics': 'plain',
    'ksqldb/http': [variable(ksqldb, 'ksqldb', 'KSQL_LISTENERS', { is: 'https://0.0.0.0:8088' })],
    'ksqldb/internal': [
      variable(ksqldb, 'ksqldb', 'KSQL_KSQL_INTERNAL_LISTENER', { is: 'https://0.0.0.0:8089' }),
      variable(ksqldb, 'ksqldb', 'KSQL_KSQL_INTERNAL_SSL_CLIENT_AUTHENTICATION', { is: 'REQUIRED' }),
    ],
    'ksqldb/metrics': 'plain',
    'elasticsearch/http': [elasticsearchSays('xpack.security.http.ssl.enabled', 'true')],
    'elasticsearch/transport': [
      elasticsearchSays('xpack.security.transport.ssl.enabled', 'true'),
      elasticsearchSays('xpack.security.transport.ssl.client_authentication', 'required'),
    ],
    'prometheus/http': [
      argument(statefulSet('prometheus'), 'prometheus', '--web.config.file=/etc/prometheus-web/web.yml'),
      webConfig('prometheus-web'),
    ],
    'alertmanager/http': [
      argument(
        statefulSet('alertmanager'),
        'alertmanager',
        '--web.config.file=/etc/alertmanager-tls/web.yml',
      ),
      webConfig('alertmanager-tls'),
    ],
    'alertmanager/mesh': [
      argument(
        statefulSet('alertmanager'),
        'alertmanager',
        '--cluster.tls-config=/etc/alertmanager-tls/mesh.yml',
      ),
      setting('alertmanager-tls', 'mesh.yml', ['tls_server_config', 'client_auth_type'], {
        is: 'RequireAndVerifyClientCert',
      }),
    ],
    // With TLS the mesh speaks TCP alone.
    'alertmanager/mesh-udp': [
      argument(
        statefulSet('alertmanager'),
        'alertmanager',
        '--cluster.tls-config=/etc/alertmanager-tls/mesh.yml',
      ),
    ],
    'grafana/http': [variable(grafana, 'grafana', 'GF_SERVER_PROTOCOL', { is: 'https' })],
    'kube-state-metrics/http': [
      argument(
        deployment('kube-state-metrics'),
        'kube-state-metrics',
        '--tls-config=/etc/kube-state-metrics-web/web.yml',
      ),
      webConfig('kube-state-metrics-web'),
    ],
    'kube-state-metrics/telemetry': [
      argument(
        deployment('kube-state-metrics'),
        'kube-state-metrics',
        '--tls-config=/etc/kube-state-metrics-web/web.yml',
      ),
    ],
    'kafka-exporter/metrics': [
      argument(deployment('kafka-exporter'), 'kafka-exporter', '--server.tls.enabled'),
    ],
    'elasticsearch-exporter/metrics': [
      argument(
        deployment('elasticsearch-exporter'),
        'elasticsearch-exporter',
        '--web.config.file=/etc/elasticsearch-exporter/web.yml',
      ),
      webConfig('elasticsearch-exporter-config'),
    ],
  }),
  value('Issuer/infometis/infometis-ca', ['spec', 'ca', 'secretName'], { is: 'infometis-ca' }),
  value('Certificate/infometis/kafka', ['spec', 'privateKey', 'rotationPolicy'], { is: 'Always' }),
];

export const sasl: readonly Proof[] = [
  kafkaListeners,
  variable(kafka, 'kafka', 'KAFKA_LISTENER_NAME_INTERNAL_SASL_ENABLED_MECHANISMS', { is: 'SCRAM-SHA-512' }),
  variable(kafka, 'kafka', 'KAFKA_AUTHORIZER_CLASS_NAME', {
    is: 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  }),
  variable(kafka, 'kafka', 'KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND', { is: 'false' }),
  variable(kafka, 'kafka', 'KAFKA_AUTO_CREATE_TOPICS_ENABLE', { is: 'false' }),
  everyClientLogsIn,
];

const declared = (name: string, key: string, generator: string): Proof => ({
  file: 'secrets.yaml',
  path: [place, { name }, 'keys', { name: key }, 'generator'],
  is: generator,
});

export const secrets: readonly Proof[] = [
  { in: place, none: 'Secret' },
  value('Kustomization/flux-system/secrets', ['spec', 'decryption'], {
    is: { provider: 'sops', secretRef: { name: 'sops-age' } },
  }),
  declared('kafka-user-admin', 'password', 'alphanumeric'),
  declared('elasticsearch-user-elastic', 'password', 'alphanumeric'),
  declared('object-store-credentials', 'secret-key', 'external'),
];

export const isolation: readonly Proof[] = [
  everyNamespaceIsClosed,
  {
    file: `k0s/${place}.yaml`,
    path: ['spec', 'k0s', 'config', 'spec', 'network', 'provider'],
    is: 'kuberouter',
  },
];

const issuer = { is: 'https://id.example.com/realms/infometis' };
const ownLogin = {
  nifi: [
    value(nifi, initContainer('prepare-conf', 'env', { name: 'OIDC_ISSUER' }, 'value'), issuer),
    setting('nifi-config', 'nifi-oidc.properties', ['nifi.security.user.oidc.discovery.url'], {
      is: '@OIDC_DISCOVERY_URL',
    }),
    nifiSays('nifi.security.allow.anonymous.authentication', 'false'),
  ],
  'nifi-registry': [
    value(nifiRegistry, initContainer('prepare-conf', 'env', { name: 'OIDC_ISSUER' }, 'value'), issuer),
    setting(
      'nifi-registry-config',
      'nifi-registry-oidc.properties',
      ['nifi.registry.security.user.oidc.discovery.url'],
      { is: '@OIDC_DISCOVERY_URL' },
    ),
  ],
  grafana: [
    variable(grafana, 'grafana', 'OIDC_ISSUER', issuer),
    variable(grafana, 'grafana', 'GF_AUTH_GENERIC_OAUTH_ENABLED', { is: 'true' }),
    variable(grafana, 'grafana', 'GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT', { is: 'true' }),
    setting('grafana-config', 'grafana.ini', ['auth.anonymous', 'enabled'], { is: 'false' }),
  ],
  'kafka-ui': [
    variable(kafkaUi, 'kafka-ui', 'AUTH_OAUTH2_CLIENT_OIDC_ISSUERURI', issuer),
    setting('kafka-ui-config', 'access.yml', ['auth', 'type'], { is: 'OAUTH2' }),
  ],
  'oauth2-proxy': [variable(oauth2Proxy, 'oauth2-proxy', 'OAUTH2_PROXY_OIDC_ISSUER_URL', issuer)],
};

export const identity: readonly Proof[] = [
  everyPathAsks(ownLogin),
  ...Object.values(ownLogin).flat(),
  setting(
    'traefik-config',
    'sign-in.yml',
    ['http', 'middlewares', 'require-admin', 'forwardAuth', 'address'],
    {
      matches: /^https:\/\/oauth2-proxy-service\.\S+allowed_groups=infometis-admin$/,
    },
  ),
  setting('traefik-config', 'dashboard.yml', ['http', 'routers', 'dashboard', 'middlewares'], {
    is: ['sign-in', 'require-admin'],
  }),
  elasticsearchSays('xpack.security.enabled', 'true'),
  variable(ksqldb, 'ksqldb', 'KSQL_AUTHENTICATION_METHOD', { is: 'BASIC' }),
  variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_AUTHENTICATION_METHOD', { is: 'BASIC' }),
  { file: facts, path: ['data', 'oidcIssuer'], ...issuer },
];

export const moreBrokers: readonly Proof[] = [
  severalPods(kafka, 3),
  everyPodOf('kafka', {
    in: place,
    object: kafka,
    path: container('kafka', 'env', { name: 'KAFKA_CONTROLLER_QUORUM_VOTERS' }, 'value'),
  }),
  variable(kafka, 'kafka', 'KAFKA_DEFAULT_REPLICATION_FACTOR', { is: '3' }),
];

export const moreTaskManagers: readonly Proof[] = [severalPods(taskManager, 2)];

export const clusteredElasticsearch: readonly Proof[] = [
  severalPods(elasticsearch, 3),
  everyPodOf('elasticsearch', {
    in: place,
    object: elasticsearch,
    path: container('elasticsearch', 'env', { name: 'cluster.initial_master_nodes' }, 'value'),
  }),
  elasticsearchSays('discovery.seed_hosts', 'elasticsearch-headless'),
  value(elasticsearch, container('elasticsearch', 'env', { name: 'discovery.type' }), { absent: true }),
];

export const moreNifiNodes: readonly Proof[] = [
  severalPods(nifi, 3),
  variable(nifi, 'nifi', 'NIFI_CLUSTER_IS_NODE', { is: 'true' }),
  // The user interface of one node knows nothing of a login at another.
  annotation(service('nifi-service'), 'traefik.ingress.kubernetes.io/service.sticky.cookie', { is: 'true' }),
];

export const severalNodes: readonly Proof[] = [
  ...[0, 1, 2].map(
    (index): Proof => ({
      file: `k0s/${place}.yaml`,
      path: ['spec', 'hosts', index, 'role'],
      is: 'controller+worker',
    }),
  ),
  { file: `k0s/${place}.yaml`, path: ['spec', 'k0s', 'config', 'spec', 'storage', 'type'], is: 'etcd' },
  ...(
    [
      ['nodeCount', '3'],
      ['nodeCpu', '16'],
      ['nodeMemory', '32Gi'],
    ] as const
  ).map(([fact, is]): Proof => ({ file: facts, path: ['data', fact], is })),
  fitsItsNodes({ count: 3, cpu: 16, memory: '32Gi' }),
  severalPods(traefik, 2),
  severalPods(oauth2Proxy, 2),
  severalPods(statefulSet('prometheus'), 2),
  severalPods(statefulSet('alertmanager'), 3),
  value('Namespace/infometis', ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'], {
    is: 'restricted',
  }),
];

export const replicatedKafka: readonly Proof[] = [
  variable(kafka, 'kafka', 'KAFKA_DEFAULT_REPLICATION_FACTOR', { is: '3' }),
  variable(kafka, 'kafka', 'KAFKA_MIN_INSYNC_REPLICAS', { is: '2' }),
  variable(kafka, 'kafka', 'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR', { is: '3' }),
  variable(kafka, 'kafka', 'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR', { is: '3' }),
  variable(kafka, 'kafka', 'KAFKA_TRANSACTION_STATE_LOG_MIN_ISR', { is: '2' }),
  variable(kafka, 'kafka', 'KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE', { is: 'false' }),
  value(kafka, container('kafka', 'startupProbe', 'exec', 'command', 1), { is: '/etc/infometis/in-sync.sh' }),
  variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR', {
    is: '3',
  }),
  severalPods(schemaRegistry, 2),
  variable(ksqldb, 'ksqldb', 'KSQL_KSQL_STREAMS_REPLICATION_FACTOR', { is: '3' }),
  variable(ksqldb, 'ksqldb', 'KSQL_KSQL_STREAMS_NUM_STANDBY_REPLICAS', { is: '1' }),
  severalPods(ksqldb, 2),
];

export const replicatedElasticsearch: readonly Proof[] = [
  ...clusteredElasticsearch,
  setting(
    'elasticsearch-access-config',
    'component-template-infometis-defaults.json',
    ['template', 'settings', 'index.number_of_replicas'],
    { is: 1 },
  ),
  value(elasticsearch, container('elasticsearch', 'startupProbe', 'exec', 'command', 2), { is: 'started' }),
];

const flinkHa = (key: string, expectation: Expectation): ObjectProof =>
  setting('flink-config', 'high-availability.yaml', [key], expectation);

export const flinkWithZooKeeper: readonly Proof[] = [
  severalPods(statefulSet('zookeeper'), 3),
  severalPods(jobManager, 2),
  severalPods(taskManager, 2),
  flinkHa('high-availability.type', { is: 'zookeeper' }),
  flinkHa('high-availability.storageDir', { is: 's3://$CHECKPOINT_BUCKET/flink/high-availability' }),
  flinkHa('state.checkpoints.dir', { is: 's3://$CHECKPOINT_BUCKET/flink/checkpoints' }),
  flinkHa('state.savepoints.dir', { is: 's3://$CHECKPOINT_BUCKET/flink/savepoints' }),
  variable(jobManager, 'jobmanager', 'CHECKPOINT_BUCKET', { is: 'infometis-checkpoints' }),
  everyPodOf('zookeeper', {
    in: place,
    object: configMap('flink-config'),
    path: ['data', 'tls.yaml'],
    inside: ['high-availability.zookeeper.quorum'],
  }),
];

export const nifiWithZooKeeper: readonly Proof[] = [
  ...moreNifiNodes,
  severalPods(statefulSet('zookeeper'), 3),
  everyPodOf('zookeeper', {
    in: place,
    object: nifi,
    path: container('nifi', 'env', { name: 'NIFI_ZK_CONNECT_STRING' }, 'value'),
  }),
  value(configMap('nifi-config'), ['data', 'state-management.xml'], {
    contains: 'org.apache.nifi.controller.state.providers.zookeeper.ZooKeeperStateProvider',
  }),
];

const schedule = 'Schedule/infometis/volumes';

export const flowBackup: readonly Proof[] = [
  setting('nifi-setup', 'registry-client.json', ['properties', 'url'], {
    is: 'https://nifi-registry-service:18080',
  }),
  value('CronJob/infometis/nifi-registry-export', ['spec', 'schedule'], { is: '45 0 * * *' }),
  value('CronJob/infometis/nifi-registry-export', ['spec', 'concurrencyPolicy'], { is: 'Forbid' }),
  everyAlert(configMap('prometheus-rules'), ['NiFiFlowExportLate']),
];

const mirrors = (key: string, is: string): ObjectProof =>
  setting('mirror-maker-config', 'mirror-maker.properties', [key], { is });

export const topicBackup: readonly Proof[] = [
  mirrors('primary->backup.enabled', 'true'),
  mirrors('topics', '.*'),
  mirrors('sync.group.offsets.enabled', 'true'),
  mirrors('replication.factor', '3'),
  variable(deployment('mirror-maker'), 'mirror-maker', 'BACKUP_BOOTSTRAP_SERVERS', {
    is: 'kafka.backup.example.com:9093',
  }),
  declared('backup-kafka', 'password', 'external'),
  everyAlert(configMap('prometheus-rules'), [
    'MirrorMakerDown',
    'MirrorMakerTaskFailed',
    'MirrorMakerLagging',
  ]),
];

export const snapshots: readonly Proof[] = [
  setting('elasticsearch-access-config', 'slm-nightly.json', ['schedule'], { is: '0 30 1 * * ?' }),
  setting('elasticsearch-access-config', 'slm-nightly.json', ['repository'], { is: 'backup' }),
  setting('elasticsearch-access-config', 'slm-nightly.json', ['config', 'indices'], { is: ['*'] }),
  setting('elasticsearch-access-config', 'slm-nightly.json', ['retention', 'min_count'], { is: 7 }),
  value(
    'Job/infometis/elasticsearch-access',
    container('elasticsearch-access', 'env', { name: 'SNAPSHOT_BUCKET' }, 'value'),
    {
      is: 'infometis-snapshots',
    },
  ),
  variable(elasticsearch, 'elasticsearch', 's3.client.default.endpoint', { is: 'https://s3.example.com' }),
  everyAlert(configMap('prometheus-rules'), ['ElasticsearchSnapshotLate', 'ElasticsearchSnapshotIncomplete']),
];

export const volumeBackup: readonly Proof[] = [
  everyClaim({
    'nifi/conf': 'copied',
    'nifi/content': { otherwise: 'it is data on its way: restored, it would be processed twice' },
    'nifi/database': { otherwise: 'it is data on its way' },
    'nifi/flowfile': { otherwise: 'it is data on its way' },
    'nifi/provenance': { otherwise: 'it tells of data on its way' },
    'nifi-registry/data': 'copied',
    'nifi-registry-exports': 'copied',
    'grafana/data': 'copied',
    'kafka/data': { otherwise: 'MirrorMaker copies the topics' },
    'elasticsearch/data': { otherwise: 'snapshots copy the indices' },
    'zookeeper/data': { otherwise: 'Flink and NiFi write it anew' },
    'prometheus/data': { otherwise: 'two replicas hold it, and no decision hangs on it after a month' },
    'alertmanager/data': { otherwise: 'three replicas tell each other' },
  }),
  value(schedule, ['spec', 'backup', 'schedule'], { is: '15 1 * * *' }),
  value(schedule, ['spec', 'prune', 'retention', 'keepDaily'], { is: 14 }),
  value(schedule, ['spec', 'backend', 's3', 'bucket'], { is: 'infometis-backups' }),
  value(schedule, ['spec', 'backend', 'repoPasswordSecretRef'], {
    is: { name: 'backup-repository', key: 'password' },
  }),
  everyAlert(configMap('prometheus-rules'), [
    'VolumeBackupLate',
    'VolumeBackupMissing',
    'VolumeBackupJobFailed',
  ]),
];

/** The way back for each store. How long it takes is the size of what comes back; no figure of ours would hold elsewhere. */
export const restores: readonly Proof[] = [
  'nifi',
  'nifi-registry',
  'kafka',
  'elasticsearch',
  'grafana',
  'volume',
].map((name) => ({ file: `docs/runbooks/restore-${name}.md`, path: [], contains: '**When:**' }));

export const smallProduction: readonly Proof[] = [
  value('Kustomization/flux-system/kafka', ['spec', 'path'], { is: `./overlays/${place}/kafka` }),
  value('Kustomization/flux-system/grafana', ['spec', 'path'], { is: `./overlays/${place}/grafana` }),
  value('Namespace/infometis', ['metadata', 'name'], { is: 'infometis' }),
];

/** Requests are what the seed recommends, and so is the limit of memory. */
export const recommended = (object: string, of: string, cpu: string, memory: string): readonly Proof[] => [
  value(object, container(of, 'resources', 'requests', 'cpu'), { is: cpu }),
  value(object, container(of, 'resources', 'requests', 'memory'), { is: memory }),
  value(object, container(of, 'resources', 'limits', 'memory'), { is: memory }),
];

/** A path of an API, whose callers send a token. */
export const tokenPath = (name: string): readonly Proof[] => [
  annotation(ingress(name), 'traefik.ingress.kubernetes.io/router.middlewares', {
    matches: new RegExp(`^require-operator@file,strip-${name}@file$`),
  }),
];
