import * as production from './production.ts';
import {
  configMap,
  container,
  containerPort,
  deployment,
  fluxKustomization,
  ingress,
  initContainer,
  port,
  resources,
  route,
  service,
  setting,
  statefulSet,
  variable,
  volume,
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

const middlewares = ['metadata', 'annotations', 'traefik.ingress.kubernetes.io/router.middlewares'];

export const persistentVolumes: Section = {
  title: 'Storage Architecture: Persistent Volumes',
  statements: [
    {
      id: 'volumes-type',
      text: 'Type: Local storage with k0s',
      deviation: 'host-path-volumes',
      proof: [
        {
          object: 'StorageClass/local-storage',
          path: ['provisioner'],
          is: 'kubernetes.io/no-provisioner',
        },
        { object: 'PersistentVolume/*', path: ['spec', 'storageClassName'], is: 'local-storage' },
        { object: 'PersistentVolume/*', path: ['spec', 'hostPath', 'type'], is: 'DirectoryOrCreate' },
      ],
    },
    {
      id: 'volumes-location',
      text: 'Locations: /tmp/*-data directories',
      proof: [
        {
          object: 'PersistentVolume/*',
          path: ['spec', 'hostPath', 'path'],
          matches: /^\/tmp\/[a-z-]+-data$/,
        },
      ],
    },
    {
      id: 'volumes-lifecycle',
      text: 'Lifecycle: Delete policy (cleaned on removal)',
      deviation: 'delete-does-not-clean',
      proof: [
        { object: 'PersistentVolume/*', path: ['spec', 'persistentVolumeReclaimPolicy'], is: 'Delete' },
        {
          object: 'PersistentVolume/*',
          path: ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/prune'],
          is: 'disabled',
        },
      ],
    },
  ],
};

export const volumeMappings: Section = {
  title: 'Storage Architecture: Volume Mappings',
  statements: [
    ...(
      [
        ['content', '5Gi', 'nifi.content.repository.directory.default'],
        ['database', '1Gi', 'nifi.database.directory'],
        ['flowfile', '2Gi', 'nifi.flowfile.repository.directory'],
        ['provenance', '3Gi', 'nifi.provenance.repository.directory.default'],
      ] as const
    ).map(([name, size, property]) => ({
      id: `volume-nifi-${name}`,
      text: `NiFi ${name}: ${size} at /opt/nifi/${name}_repository`,
      proof: [
        ...volume({
          of: 'nifi',
          claim: name,
          size,
          mountPath: `/opt/nifi/${name}_repository`,
          directory: `/tmp/nifi-${name}-data`,
        }),
        // The image keeps them elsewhere.
        setting('nifi-config', 'nifi.properties', [property], { is: `/opt/nifi/${name}_repository` }),
      ],
    })),
    ...(
      [
        ['Kafka', 'kafka', 'data', '10Gi', '/var/lib/kafka/data'],
        ['Elasticsearch', 'elasticsearch', 'data', '10Gi', '/usr/share/elasticsearch/data'],
        ['Grafana', 'grafana', 'data', '5Gi', '/var/lib/grafana'],
        ['Prometheus', 'prometheus', 'TSDB', '10Gi', '/prometheus'],
      ] as const
    ).map(([title, of, name, size, mountPath]) => ({
      id: `volume-${of}`,
      text: `${title} ${name}: ${size} at ${mountPath}`,
      proof: volume({ of, claim: 'data', size, mountPath, directory: `/tmp/${of}-data` }),
    })),
    {
      id: 'volume-prometheus-retention',
      text: 'Prometheus TSDB: 10Gi (what keeps it within)',
      deviation: 'prometheus-retention',
      proof: [
        {
          object: prometheus,
          path: container('prometheus', 'args'),
          contains: '--storage.tsdb.retention.size=8GB',
        },
        {
          object: prometheus,
          path: container('prometheus', 'args'),
          contains: '--storage.tsdb.retention.time=15d',
        },
        {
          object: prometheus,
          path: container('prometheus', 'args'),
          contains: '--storage.tsdb.path=/prometheus',
        },
      ],
    },
    {
      id: 'volume-alertmanager',
      text: 'Alertmanager: not in the table',
      deviation: 'alertmanager-volume',
      proof: volume({
        of: 'alertmanager',
        claim: 'data',
        size: '2Gi',
        mountPath: '/alertmanager',
        directory: '/tmp/alertmanager-data',
      }),
    },
  ],
};

export const serviceDiscovery: Section = {
  title: 'Network Architecture: Service Discovery',
  statements: [
    {
      id: 'dns-names',
      text: 'Internal DNS: <service>.<namespace>.svc.cluster.local',
      // k0s has this domain unless it is told another one.
      proof: [
        ...[
          'traefik',
          'nifi-service',
          'nifi-registry-service',
          'kafka-service',
          'schema-registry-service',
          'kafka-ui-service',
          'flink-jobmanager-service',
          'ksqldb-service',
          'elasticsearch-service',
          'prometheus-service',
          'alertmanager-service',
          'grafana-service',
        ].map((name): Proof => ({ object: service(name), path: ['metadata', 'namespace'], is: 'infometis' })),
        { file: 'k0s/prototype.yaml', path: ['spec', 'network', 'clusterDomain'], absent: true },
      ],
    },
    {
      id: 'dns-kafka',
      text: 'kafka-service.infometis.svc.cluster.local',
      proof: [
        { object: service('kafka-service'), path: ['metadata', 'name'], is: 'kafka-service' },
        {
          object: service('kafka-service'),
          path: ['spec', 'selector', 'app.kubernetes.io/name'],
          is: 'kafka',
        },
        port('kafka-service', 'internal', 9092),
      ],
    },
  ],
};

export const portMappings: Section = {
  title: 'Network Architecture: Port Mappings',
  statements: [
    {
      id: 'port-nifi',
      text: 'NiFi: 8443, /nifi',
      deviation: 'nifi-https',
      proof: [
        port('nifi-service', 'https', 8443),
        containerPort(nifi, 'nifi', 'https', 8443),
        variable(nifi, 'nifi', 'NIFI_WEB_HTTPS_PORT', { is: '8443' }),
        ...route('nifi', '/nifi', 'websecure', 'nifi-service', 'https'),
        ...route('nifi-redirect', '/nifi', 'web', 'nifi-service', 'https'),
        { object: ingress('nifi-redirect'), path: middlewares, is: 'redirect-https@file' },
      ],
    },
    {
      id: 'port-kafka-ui',
      text: 'Kafka UI: 8080, /kafka-ui',
      proof: [
        port('kafka-ui-service', 'http', 8080),
        containerPort(deployment('kafka-ui'), 'kafka-ui', 'http', 8080),
        ...route('kafka-ui', '/kafka-ui', 'web', 'kafka-ui-service', 'http'),
        variable(deployment('kafka-ui'), 'kafka-ui', 'SERVER_SERVLET_CONTEXT_PATH', { is: '/kafka-ui' }),
      ],
    },
    {
      id: 'port-flink',
      text: 'Flink: 8081, :8083 (dedicated)',
      proof: [
        port('flink-jobmanager-service', 'rest', 8081),
        containerPort(jobManager, 'jobmanager', 'rest', 8081),
        ...route('flink', '/', 'flink', 'flink-jobmanager-service', 'rest'),
        setting('traefik-config', 'traefik.yml', ['entryPoints', 'flink', 'address'], { is: ':8083' }),
        // Otherwise every Ingress that names no entry point would answer on it too.
        setting('traefik-config', 'traefik.yml', ['entryPoints', 'web', 'asDefault'], { is: true }),
        setting('traefik-config', 'traefik.yml', ['entryPoints', 'flink', 'asDefault'], { absent: true }),
        { object: traefik, path: container('traefik', 'ports', { name: 'flink' }, 'hostPort'), is: 8083 },
      ],
    },
    {
      id: 'port-elasticsearch',
      text: 'Elasticsearch: 9200, /elasticsearch',
      deviation: 'stripped-paths',
      proof: [
        port('elasticsearch-service', 'http', 9200),
        containerPort(elasticsearch, 'elasticsearch', 'http', 9200),
        ...route('elasticsearch', '/elasticsearch', 'web', 'elasticsearch-service', 'http'),
        { object: ingress('elasticsearch'), path: middlewares, is: 'strip-elasticsearch@file' },
      ],
    },
    {
      id: 'port-grafana',
      text: 'Grafana: 3000, /grafana',
      proof: [
        port('grafana-service', 'http', 3000),
        containerPort(grafana, 'grafana', 'http', 3000),
        ...route('grafana', '/grafana', 'web', 'grafana-service', 'http'),
        variable(grafana, 'grafana', 'GF_SERVER_ROOT_URL', { is: 'http://$(PUBLIC_HOST)/grafana/' }),
        setting('grafana-config', 'grafana.ini', ['server', 'serve_from_sub_path'], { is: 'true' }),
      ],
    },
    {
      id: 'port-prometheus',
      text: 'Prometheus: 9090, /prometheus',
      proof: [
        port('prometheus-service', 'http', 9090),
        containerPort(prometheus, 'prometheus', 'http', 9090),
        ...route('prometheus', '/prometheus', 'web', 'prometheus-service', 'http'),
        {
          object: prometheus,
          path: container('prometheus', 'args'),
          contains: '--web.external-url=http://$(PUBLIC_HOST)/prometheus/',
        },
      ],
    },
    {
      id: 'port-ksqldb',
      text: 'ksqlDB: 8088, /ksqldb',
      deviation: 'stripped-paths',
      proof: [
        port('ksqldb-service', 'http', 8088),
        containerPort(ksqldb, 'ksqldb', 'http', 8088),
        ...route('ksqldb', '/ksqldb', 'web', 'ksqldb-service', 'http'),
        { object: ingress('ksqldb'), path: middlewares, is: 'strip-ksqldb@file' },
        setting(
          'traefik-config',
          'middlewares.yml',
          ['http', 'middlewares', 'strip-ksqldb', 'stripPrefix', 'prefixes'],
          { is: ['/ksqldb'] },
        ),
      ],
    },
    {
      id: 'port-entry-points',
      text: 'The ports of the host: 80, 443, 8082, 8083',
      proof: (
        [
          ['web', 80],
          ['websecure', 443],
          ['traefik', 8082],
          ['flink', 8083],
        ] as const
      ).map(
        ([name, hostPort]): Proof => ({
          object: traefik,
          path: container('traefik', 'ports', { name }, 'hostPort'),
          is: hostPort,
        }),
      ),
    },
  ],
};

const secretVariable = (object: string, of: string, name: string, secret: string, key: string): Proof => ({
  object,
  path: container(of, 'env', { name }, 'valueFrom', 'secretKeyRef'),
  is: { key, name: secret },
});

export const currentSecurity: Section = {
  title: 'Security Considerations: Current State',
  statements: [
    {
      id: 'security-nifi-login',
      text: 'Basic authentication on NiFi',
      deviation: 'nifi-login',
      proof: [
        secretVariable(nifi, 'nifi', 'SINGLE_USER_CREDENTIALS_USERNAME', 'nifi-credentials', 'username'),
        secretVariable(nifi, 'nifi', 'SINGLE_USER_CREDENTIALS_PASSWORD', 'nifi-credentials', 'password'),
        // It would switch the login off.
        { object: nifi, path: container('nifi', 'env', { name: 'NIFI_WEB_HTTP_PORT' }), absent: true },
      ],
    },
    {
      id: 'security-no-tls',
      text: 'No SSL between components',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP', {
          is: 'INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,HOST:PLAINTEXT',
        }),
        setting('elasticsearch-config', 'elasticsearch.yml', ['xpack.security.enabled'], { is: false }),
        variable(schemaRegistry, 'schema-registry', 'SCHEMA_REGISTRY_LISTENERS', {
          is: 'http://0.0.0.0:8081',
        }),
        variable(ksqldb, 'ksqldb', 'KSQL_LISTENERS', { is: 'http://0.0.0.0:8088' }),
        {
          object: configMap('flink-config'),
          path: ['data', 'flink-conf.yaml'],
          inside: ['security.ssl.internal.enabled'],
          absent: true,
        },
      ],
    },
    {
      id: 'security-nifi-tls',
      text: 'No SSL between components (but NiFi has nothing else)',
      deviation: 'nifi-backend-tls',
      proof: [
        {
          object: service('nifi-service'),
          path: ['metadata', 'annotations', 'traefik.ingress.kubernetes.io/service.serversscheme'],
          is: 'https',
        },
        setting('traefik-config', 'nifi.yml', ['http', 'serversTransports', 'nifi', 'insecureSkipVerify'], {
          is: true,
        }),
      ],
    },
    {
      id: 'security-network-policies',
      text: 'Open network policies',
      deviation: 'no-network-policies',
      proof: [{ none: 'NetworkPolicy' }],
    },
    {
      id: 'security-passwords',
      text: 'Default passwords',
      deviation: 'random-passwords',
      proof: [
        {
          file: 'secrets.yaml',
          path: ['prototype', { name: 'nifi-credentials' }, 'keys', { name: 'password' }, 'generator'],
          is: 'alphanumeric',
        },
        {
          file: 'secrets.yaml',
          path: [
            'prototype',
            { name: 'grafana-credentials' },
            'keys',
            { name: 'admin-password' },
            'generator',
          ],
          is: 'alphanumeric',
        },
        { none: 'Secret' },
      ],
    },
  ],
};

export const productionSecurity: Section = {
  title: 'Security Considerations: Production Recommendations',
  statements: [
    { id: 'production-tls', text: 'Enable SSL/TLS everywhere', proof: production.encryption },
    { id: 'production-sasl', text: 'Implement SASL for Kafka', proof: production.sasl },
    {
      id: 'production-secrets',
      text: 'Use Kubernetes secrets',
      proof: [
        secretVariable(nifi, 'nifi', 'NIFI_SENSITIVE_PROPS_KEY', 'nifi-credentials', 'sensitive-props-key'),
        {
          object: grafana,
          path: ['spec', 'template', 'spec', 'volumes', { name: 'credentials' }, 'secret', 'secretName'],
          is: 'grafana-credentials',
        },
        variable(grafana, 'grafana', 'GF_SECURITY_ADMIN_PASSWORD__FILE', {
          is: '/etc/grafana-credentials/admin-password',
        }),
        ...production.secrets,
      ],
    },
    {
      id: 'production-network-policies',
      text: 'Network policies for isolation',
      proof: production.isolation,
    },
    {
      id: 'production-identity',
      text: 'External identity provider integration',
      proof: [
        ...production.identity,
        ...production.tokenPath('elasticsearch'),
        ...production.tokenPath('ksqldb'),
      ],
    },
  ],
};

export const horizontalScaling: Section = {
  title: 'Scalability: Horizontal Scaling Options',
  statements: [
    { id: 'scale-kafka', text: 'Kafka: Add brokers, increase replication', proof: production.moreBrokers },
    { id: 'scale-flink', text: 'Flink: Add TaskManagers', proof: production.moreTaskManagers },
    {
      id: 'scale-elasticsearch',
      text: 'Elasticsearch: Convert to cluster mode',
      proof: production.clusteredElasticsearch,
    },
    { id: 'scale-nifi', text: 'NiFi: Add nodes for cluster mode', proof: production.moreNifiNodes },
  ],
};

const sized = [
  ['nifi', 'NiFi', nifi, 'nifi', '1000m', '2Gi', '2000m', '4Gi'],
  ['kafka', 'Kafka', kafka, 'kafka', '1000m', '2Gi', '2000m', '4Gi'],
  ['flink-jobmanager', 'Flink JobManager', jobManager, 'jobmanager', '500m', '1Gi', '1000m', '2Gi'],
  ['flink-taskmanager', 'Flink TaskManager', taskManager, 'taskmanager', '500m', '1Gi', '1000m', '2Gi'],
  ['elasticsearch', 'Elasticsearch', elasticsearch, 'elasticsearch', '1000m', '2Gi', '2000m', '4Gi'],
  ['prometheus', 'Prometheus', prometheus, 'prometheus', '500m', '1Gi', '1000m', '2Gi'],
] as const;

export const resourceRequirements: Section = {
  title: 'Scalability: Resource Requirements',
  statements: [
    ...sized.map(([id, title, object, of, cpu, memory, recommendedCpu, recommendedMemory]) => ({
      id: `resources-${id}`,
      text: `${title}: ${cpu} / ${memory}, recommended ${recommendedCpu} / ${recommendedMemory}`,
      deviation: 'no-cpu-limit',
      proof: [
        ...resources(object, of, cpu, memory, recommendedMemory),
        { object, path: container(of, 'resources', 'limits', 'cpu'), absent: true } as const,
        ...production.recommended(object, of, recommendedCpu, recommendedMemory),
      ],
    })),
    {
      id: 'resources-flink-process',
      text: 'Flink: 1Gi requested (what its processes take)',
      deviation: 'flink-process-size',
      proof: [
        setting('flink-config', 'flink-conf.yaml', ['jobmanager.memory.process.size'], { is: '1600m' }),
        setting('flink-config', 'flink-conf.yaml', ['taskmanager.memory.process.size'], { is: '1728m' }),
      ],
    },
    {
      id: 'resources-others',
      text: 'The table names six of the workloads',
      deviation: 'other-requests',
      proof: [
        ...resources(ksqldb, 'ksqldb', '500m', '1Gi', '2Gi'),
        ...resources(schemaRegistry, 'schema-registry', '250m', '512Mi', '1Gi'),
        ...resources(statefulSet('nifi-registry'), 'nifi-registry', '250m', '512Mi', '1Gi'),
        ...resources(deployment('kafka-ui'), 'kafka-ui', '200m', '512Mi', '1Gi'),
        ...resources(grafana, 'grafana', '100m', '256Mi', '512Mi'),
        ...resources(traefik, 'traefik', '100m', '128Mi', '512Mi'),
      ],
    },
    {
      id: 'resources-small',
      text: 'The requests are what a node has to have',
      deviation: 'small-footprint',
      proof: [
        { file: 'components/footprint-small/kustomization.yaml', path: ['kind'], is: 'Component' },
        // Off unless somebody switches it on.
        { object: fluxKustomization('*'), path: ['spec', 'components'], absent: true },
      ],
    },
  ],
};

export const currentLimitations: Section = {
  title: 'High Availability: Current Limitations',
  statements: [
    {
      id: 'limits-single-node',
      text: 'Single-node Kubernetes',
      proof: [
        { file: 'k0s/prototype.yaml', path: [], contains: 'k0s install controller --single' },
        { file: 'overlays/prototype/environment/environment.yaml', path: ['data', 'nodeCount'], is: '1' },
      ],
    },
    {
      id: 'limits-no-replication',
      text: 'No data replication',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_DEFAULT_REPLICATION_FACTOR', { is: '1' }),
        variable(elasticsearch, 'elasticsearch', 'discovery.type', { is: 'single-node' }),
      ],
    },
    {
      id: 'limits-single-points',
      text: 'Single points of failure',
      proof: [
        { object: statefulSet('*'), path: ['spec', 'replicas'], is: 1 },
        { object: deployment('*'), path: ['spec', 'replicas'], is: 1 },
      ],
    },
  ],
};

export const upgradePath: Section = {
  title: 'High Availability: HA Upgrade Path',
  statements: [
    { id: 'ha-nodes', text: 'Multi-node Kubernetes cluster', proof: production.severalNodes },
    { id: 'ha-kafka', text: 'Kafka replication factor > 1', proof: production.replicatedKafka },
    { id: 'ha-elasticsearch', text: 'Elasticsearch cluster mode', proof: production.replicatedElasticsearch },
    { id: 'ha-flink', text: 'Flink HA with ZooKeeper', proof: production.flinkWithZooKeeper },
    { id: 'ha-nifi', text: 'NiFi cluster with ZooKeeper', proof: production.nifiWithZooKeeper },
  ],
};

export const backupStrategies: Section = {
  title: 'Disaster Recovery: Backup Strategies',
  statements: [
    {
      id: 'backup-nifi',
      text: 'NiFi: Export flows to Registry',
      proof: [
        setting('nifi-setup', 'registry-client.json', ['properties', 'url'], {
          is: 'http://nifi-registry-service:18080',
        }),
        ...route('nifi-registry', '/nifi-registry', 'web,websecure', 'nifi-registry-service', 'http'),
        ...production.flowBackup,
      ],
    },
    { id: 'backup-kafka', text: 'Kafka: Topic backup via MirrorMaker', proof: production.topicBackup },
    { id: 'backup-elasticsearch', text: 'Elasticsearch: Snapshot API', proof: production.snapshots },
    {
      id: 'backup-volumes',
      text: 'Persistent Volumes: Regular backups of /tmp/*-data',
      proof: production.volumeBackup,
    },
  ],
};

export const recoveryProcedures: Section = {
  title: 'Disaster Recovery: Recovery Procedures',
  statements: [
    {
      id: 'recovery-redeploy',
      text: 'Full platform redeploy: ~15 minutes',
      notYet: 'a measurement on a real node',
    },
    { id: 'recovery-data', text: 'Data restore: Depends on volume size', proof: production.restores },
    {
      id: 'recovery-git',
      text: 'Configuration: Stored in Git',
      proof: [
        { object: fluxKustomization('*'), path: ['spec', 'sourceRef', 'kind'], is: 'GitRepository' },
        { object: fluxKustomization('*'), path: ['spec', 'prune'], is: true },
      ],
    },
  ],
};

const ownerContainers = (
  [
    ['nifi', '1000:1000'],
    ['nifi-registry', '1000:1000'],
    ['kafka', '1000:1000'],
    ['elasticsearch', '1000:0'],
    ['grafana', '472:472'],
    ['prometheus', '65534:65534'],
    ['alertmanager', '65534:65534'],
  ] as const
).map(([name, owner]) => [statefulSet(name), owner] as const);

export const designDecisions: Section = {
  title: 'Key Design Decisions',
  statements: [
    {
      id: 'decision-kraft',
      text: 'KRaft Mode: Kafka without ZooKeeper for simplicity',
      proof: [
        variable(kafka, 'kafka', 'KAFKA_PROCESS_ROLES', { is: 'broker,controller' }),
        variable(kafka, 'kafka', 'KAFKA_CONTROLLER_LISTENER_NAMES', { is: 'CONTROLLER' }),
        { object: kafka, path: container('kafka', 'env', { name: 'KAFKA_ZOOKEEPER_CONNECT' }), absent: true },
      ],
    },
    {
      id: 'decision-local-storage',
      text: 'Local Storage: Fast prototyping without cloud dependencies',
      proof: [
        { object: 'PersistentVolume/*', path: ['spec', 'storageClassName'], is: 'local-storage' },
        {
          object: 'StorageClass/local-storage',
          path: ['provisioner'],
          is: 'kubernetes.io/no-provisioner',
        },
      ],
    },
    {
      id: 'decision-namespace',
      text: 'Single Namespace: All components in `infometis` namespace',
      deviation: 'node-exporter-namespace',
      proof: [
        { object: 'Namespace/infometis', path: ['metadata', 'name'], is: 'infometis' },
        { object: 'Namespace/node-exporter', path: ['metadata', 'name'], is: 'node-exporter' },
        { object: 'Role/flux-system/infometis-prometheus', path: ['rules', 0, 'resources'], is: ['pods'] },
        ...[
          traefik,
          nifi,
          statefulSet('nifi-registry'),
          kafka,
          schemaRegistry,
          deployment('kafka-ui'),
          jobManager,
          taskManager,
          ksqldb,
          elasticsearch,
          prometheus,
          statefulSet('alertmanager'),
          grafana,
          deployment('kube-state-metrics'),
          deployment('kafka-exporter'),
          deployment('elasticsearch-exporter'),
        ].map((object): Proof => ({ object, path: ['metadata', 'namespace'], is: 'infometis' })),
      ],
    },
    {
      id: 'decision-init-containers',
      text: 'Init Containers: Handle permission issues automatically',
      proof: [
        ...[
          ...ownerContainers,
          [jobManager, '9999:9999'] as const,
          [taskManager, '9999:9999'] as const,
        ].flatMap(([object, owner]): Proof[] => [
          { object, path: initContainer('set-owner', 'command', 2), contains: `chown -R ${owner} ` },
          { object, path: initContainer('set-owner', 'securityContext', 'runAsUser'), is: 0 },
        ]),
      ],
    },
    {
      id: 'decision-traefik',
      text: 'Traefik Ingress: Unified access point for all services',
      proof: [
        { object: ingress('*'), path: ['spec', 'ingressClassName'], is: 'traefik' },
        // Neither a NodePort nor a LoadBalancer beside it.
        { object: service('*'), path: ['spec', 'type'], absent: true },
        {
          object: 'ValidatingAdmissionPolicyBinding/infometis-host-ports',
          path: ['spec', 'validationActions'],
          contains: 'Deny',
        },
      ],
    },
  ],
};

export const suitableFor: Section = {
  title: 'Suitable For',
  statements: [
    {
      id: 'suitable-prototype',
      text: 'Proof of concepts, development environments, learning and experimentation',
      proof: [
        { object: fluxKustomization('kafka'), path: ['spec', 'path'], is: './overlays/prototype/kafka' },
        { object: 'Namespace/infometis', path: ['metadata', 'name'], is: 'infometis' },
      ],
    },
    {
      id: 'suitable-production',
      text: 'Small-scale production with modifications',
      proof: production.smallProduction,
    },
  ],
};
