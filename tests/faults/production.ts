import type { Fault } from './fault.ts';
import { add, append, type Edit, edit, remove, replace } from './overlay-files.ts';

/** The undoing of something that small-production is there for. */
export interface ProductionFault extends Fault {
  /** The statement of the seed (tests/seed) that it undoes; absent where the seed says nothing of it. */
  readonly undoes?: string;
}

const overlay = 'overlays/small-production';
const flux = 'flux/small-production';
const kafkaHa = 'components/high-availability/kafka/brokers.patch.yaml';
const kafkaLogin = 'components/sasl/kafka/users.patch.yaml';
const facts = `${overlay}/environment/environment.yaml`;
const kafkaResources = 'components/footprint-recommended/kafka/resources.patch.yaml';
const access = 'base/kafka-access/config/platform.access';
const kafkaPolicy = 'components/network-policy/kafka/networkpolicy.yaml';
const namespacePolicies = 'components/network-policy/namespace';
const kafkaUiLogin = 'components/oidc/kafka-ui/login.patch.yaml';
const kafkaUiOverlay = `${overlay}/kafka-ui/kustomization.yaml`;
const componentRole = `${flux}/rbac/clusterrole-component-applier.yaml`;
const certManager = 'base/cert-manager/helmrelease.yaml';

/** Takes out the lines that a pattern finds. */
const without = (path: string, lines: RegExp): Edit => edit(path, (text) => text.replace(lines, ''));

/** The value of a variable, one line below its name. */
const variable = (path: string, name: string, from: string, to: string): Edit =>
  edit(path, (text) =>
    text.replace(
      `- name: ${name}\n              value: ${from}`,
      `- name: ${name}\n              value: ${to}`,
    ),
  );

export const productionFaults: readonly ProductionFault[] = [
  // Capacity.
  {
    undoes: 'ha-nodes',
    name: 'more memory asked for than the nodes have',
    edits: [edit(kafkaResources, (text) => text.replaceAll('4Gi', '24Gi'))],
    rule: 'capacity/nodes',
    file: facts,
    find: 'nodeMemory: 32Gi',
    says: ['3 nodes have 96Gi', `StatefulSet infometis/kafka (3 × 24Gi, ${kafkaResources}:`, 'Helm releases'],
  },
  {
    undoes: 'ha-nodes',
    name: 'a loss of one node that the others have no memory for',
    edits: [replace(facts, 'nodeMemory: 32Gi', 'nodeMemory: 24Gi')],
    rule: 'capacity/node-loss',
    file: facts,
    find: 'nodeMemory: 24Gi',
    says: ['with one of 3 nodes down', '2 nodes have 48Gi', 'StatefulSet infometis/kafka (2 × 4Gi'],
  },
  {
    undoes: 'ha-nodes',
    name: 'two nodes, one of which would have to run everything',
    edits: [replace(facts, 'nodeCount: "3"', 'nodeCount: "2"')],
    rule: 'capacity/node-loss',
    file: facts,
    find: 'nodeMemory: 32Gi',
    says: ['with one of 2 nodes down', 'one node has 32Gi'],
    consequences: [`capacity/node-loss ${facts}`, `capacity/rollout ${facts}`],
  },
  {
    name: 'a pod that no node can hold beside those that every node has',
    edits: [
      edit('components/footprint-recommended/flink/taskmanager.patch.yaml', (text) =>
        text.replace(/memory: 2Gi/g, 'memory: 20Gi'),
      ),
    ],
    rule: 'capacity/large-pod',
    file: 'components/footprint-recommended/flink/taskmanager.patch.yaml',
    find: 'requests:\n              cpu: 1000m\n              memory: 20Gi',
    says: ['Deployment infometis/flink-taskmanager', '20Gi', 'pods that every node has'],
    consequences: [`capacity/nodes ${facts}`],
  },
  {
    name: 'a third pod that needs a third domain, on nodes of which there are two',
    edits: [
      edit('components/high-availability/kafka/brokers.patch.yaml', (text) =>
        text
          .replace(
            'whenUnsatisfiable: DoNotSchedule',
            'whenUnsatisfiable: DoNotSchedule\n          minDomains: 4',
          )
          .replace('replicas: 3', 'replicas: 5'),
      ),
    ],
    rule: 'capacity/placement',
    file: 'components/high-availability/kafka/brokers.patch.yaml',
    find: 'minDomains: 4',
    says: ['StatefulSet infometis/kafka', 'it has 5 pods, and there are 3 nodes'],
  },
  {
    name: 'a quota that leaves no pod for a Job',
    edits: [
      add(
        'base/namespace/resourcequota.yaml',
        'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: infometis\nspec:\n  hard:\n    pods: "36"\n',
      ),
      replace(
        'base/namespace/kustomization.yaml',
        '  - namespace.yaml\n',
        '  - namespace.yaml\n  - resourcequota.yaml\n',
      ),
    ],
    rule: 'capacity/quota',
    file: 'base/namespace/resourcequota.yaml',
    find: 'pods: "36"',
    says: ['ResourceQuota infometis/infometis allows 36 of `pods`', 'a rollout or a Job'],
  },
  {
    name: 'a LimitRange that gives containers a limit below their request',
    edits: [
      add(
        'base/namespace/limitrange.yaml',
        'apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: infometis\nspec:\n  limits:\n    - type: Container\n      default:\n        cpu: 1500m\n',
      ),
      replace(
        'base/namespace/kustomization.yaml',
        '  - namespace.yaml\n',
        '  - namespace.yaml\n  - limitrange.yaml\n',
      ),
    ],
    rule: 'capacity/limit-range',
    file: kafkaResources,
    find: 'cpu: 2000m',
    says: [
      'StatefulSet infometis/kafka',
      'asks for 2 of CPU and has no limit',
      'LimitRange infometis/infometis',
    ],
    consequences: ['capacity/limit-range *'],
  },
  // Encryption.
  {
    undoes: 'production-tls',
    name: 'TLS taken off the listener for clients of Kafka',
    edits: [
      replace(kafkaLogin, 'INTERNAL:SASL_SSL,CONTROLLER:SSL', 'INTERNAL:SASL_PLAINTEXT,CONTROLLER:SSL'),
    ],
    rule: 'configuration/kafka-listener-security',
    file: kafkaLogin,
    find: 'value: INTERNAL:SASL_PLAINTEXT,CONTROLLER:SSL',
    says: ['INTERNAL', 'SASL_PLAINTEXT'],
    consequences: ['configuration/kafka-client *'],
  },
  {
    undoes: 'production-tls',
    name: 'TLS taken off the listener of the controllers of Kafka',
    edits: [
      replace(kafkaLogin, 'INTERNAL:SASL_SSL,CONTROLLER:SSL', 'INTERNAL:SASL_SSL,CONTROLLER:PLAINTEXT'),
    ],
    rule: 'configuration/kafka-listener-security',
    file: kafkaLogin,
    find: 'value: INTERNAL:SASL_SSL,CONTROLLER:PLAINTEXT',
    says: ['CONTROLLER', 'PLAINTEXT'],
  },
  {
    undoes: 'production-tls',
    name: 'controllers of Kafka that ask nobody for a certificate',
    edits: [
      variable(
        'components/tls/kafka/listeners.patch.yaml',
        'KAFKA_LISTENER_NAME_CONTROLLER_SSL_CLIENT_AUTH',
        'required',
        'none',
      ),
    ],
    rule: 'configuration/kafka-listener-security',
    file: 'components/tls/kafka/listeners.patch.yaml',
    find: 'value: none',
    says: ['CONTROLLER', 'ssl.client.auth'],
  },
  {
    undoes: 'production-tls',
    name: 'a plain listener of Schema Registry',
    edits: [
      replace(
        'components/tls/schema-registry/https.patch.yaml',
        'https://0.0.0.0:8081',
        'http://0.0.0.0:8081',
      ),
    ],
    rule: 'reference/plain-address',
    file: 'components/tls/schema-registry/https.patch.yaml',
    find: 'value: http://0.0.0.0:8081',
    says: ['SCHEMA_REGISTRY_LISTENERS', 'in the clear'],
  },
  {
    undoes: 'production-tls',
    name: 'a plain call of Schema Registry by ksqlDB',
    edits: [
      replace(
        'components/tls/ksqldb/https.patch.yaml',
        'value: https://schema-registry-service:8081',
        'value: http://schema-registry-service:8081',
      ),
    ],
    rule: 'reference/plain-address',
    file: 'components/tls/ksqldb/https.patch.yaml',
    find: 'value: http://schema-registry-service:8081',
    says: ['KSQL_KSQL_SCHEMA_REGISTRY_URL', 'in the clear'],
  },
  {
    undoes: 'production-tls',
    name: 'Elasticsearch without TLS on its API',
    edits: [
      variable(
        'components/tls/elasticsearch/security.patch.yaml',
        'xpack.security.http.ssl.enabled',
        '"true"',
        '"false"',
      ),
    ],
    rule: 'configuration/elasticsearch-security',
    file: 'components/tls/elasticsearch/security.patch.yaml',
    find: '- name: xpack.security.http.ssl.enabled\n              value: "false"',
    says: ['xpack.security.http.ssl.enabled'],
  },
  {
    undoes: 'production-tls',
    name: 'a component without TLS',
    edits: [without(`${overlay}/oauth2-proxy/kustomization.yaml`, / {2}- .*\/tls\/oauth2-proxy\n/)],
    rule: 'reference/without-certificate',
    file: 'base/oauth2-proxy/deployment.yaml',
    find: '      containers:',
    says: ['oauth2-proxy', 'no Certificate'],
    consequences: ['kustomization/orphan-directory components/tls/oauth2-proxy/kustomization.yaml'],
  },
  {
    undoes: 'production-tls',
    name: 'a certificate without a name that clients call',
    edits: [replace('components/tls/kafka/certificate.yaml', '    - kafka-service\n', '')],
    rule: 'configuration/certificate-name',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'value: kafka-service:9092',
    says: ['kafka-service', 'Certificate infometis/kafka'],
    consequences: ['configuration/certificate-name *'],
  },
  {
    undoes: 'production-tls',
    name: 'a certificate that is gone, though its Secret is mounted',
    edits: [
      without('components/tls/kafka-ui/kustomization.yaml', /resources:\n {2}- certificate.yaml\n/),
      remove('components/tls/kafka-ui/certificate.yaml'),
    ],
    rule: 'reference/secret',
    file: 'components/tls/kafka-ui/https.patch.yaml',
    find: 'secretName: kafka-ui-tls',
    says: ['kafka-ui-tls', 'does not exist'],
    consequences: ['reference/without-certificate *'],
  },
  {
    undoes: 'production-tls',
    name: 'a user interface on the plain entry point',
    edits: [
      replace('components/oidc/kafka-ui/ingress.patch.yaml', 'entrypoints: websecure', 'entrypoints: web'),
    ],
    rule: 'reference/plain-path',
    file: 'components/oidc/kafka-ui/ingress.patch.yaml',
    find: 'entrypoints: web',
    says: ['Ingress infometis/kafka-ui', '`web`'],
  },

  // Kafka's logins and rights.
  {
    undoes: 'production-sasl',
    name: 'a client of Kafka without a right',
    edits: [without(access, /allow nifi .*\n/g)],
    rule: 'configuration/kafka-access-file',
    file: access,
    find: 'user  nifi',
    says: ['nifi', 'no right'],
  },
  {
    undoes: 'production-sasl',
    name: 'a client of Kafka that is declared as no user',
    edits: [without(access, /(user|allow) +kafka-exporter.*\n/g)],
    rule: 'configuration/kafka-user',
    file: 'components/sasl/kafka-exporter/arguments.patch.yaml',
    find: 'value: --sasl.username=kafka-exporter',
    says: ['kafka-exporter', 'not declared'],
  },
  {
    undoes: 'production-sasl',
    name: 'a client of Kafka whose password nobody makes',
    edits: [without('secrets.yaml', / {2}- name: kafka-user-ksqldb\n(?: {4}.*\n)+/)],
    rule: 'reference/secret',
    file: 'components/sasl/ksqldb/login.patch.yaml',
    find: 'name: kafka-user-ksqldb',
    says: ['kafka-user-ksqldb', 'does not exist'],
    consequences: ['reference/secret *'],
  },
  {
    undoes: 'production-sasl',
    name: 'Kafka that asks nobody what they may do',
    edits: [without(kafkaLogin, / {12}- name: KAFKA_AUTHORIZER_CLASS_NAME\n.*\n/)],
    rule: 'configuration/kafka-authorization',
    file: kafkaLogin,
    find: 'value: INTERNAL:SASL_SSL,CONTROLLER:SSL',
    says: ['authorizer.class.name'],
  },
  {
    undoes: 'production-sasl',
    name: 'topics without an ACL open to everyone',
    edits: [variable(kafkaLogin, 'KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND', '"false"', '"true"')],
    rule: 'configuration/kafka-authorization',
    file: kafkaLogin,
    find: '- name: KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND\n              value: "true"',
    says: ['allow.everyone.if.no.acl.found'],
  },
  {
    undoes: 'production-sasl',
    name: 'a client of Kafka that no longer logs in',
    edits: [variable('components/sasl/ksqldb/login.patch.yaml', 'KSQL_SECURITY_PROTOCOL', 'SASL_SSL', 'SSL')],
    rule: 'configuration/kafka-client',
    file: 'components/sasl/ksqldb/login.patch.yaml',
    find: 'value: SSL',
    says: ['ksqldb', 'INTERNAL'],
  },

  // Secrets.
  {
    undoes: 'production-secrets',
    name: 'a Secret in plain text',
    edits: [
      edit(`${overlay}/secrets/kustomization.yaml`, (text) =>
        text.replace('resources: []', 'resources:\n  - plain.yaml'),
      ),
      add(
        `${overlay}/secrets/plain.yaml`,
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: kafka-user-admin\n  namespace: infometis\nstringData:\n  password: aaaabbbbccccdddd\n',
      ),
    ],
    rule: 'flux/plain-secret',
    file: `${overlay}/secrets/plain.yaml`,
    find: 'password: aaaabbbbccccdddd',
    says: ['kafka-user-admin', 'unencrypted'],
  },
  {
    undoes: 'production-secrets',
    name: 'a Secret that a component makes from a literal',
    edits: [
      append(
        kafkaUiOverlay,
        'secretGenerator:\n  - name: kafka-ui-oidc\n    namespace: infometis\n    literals:\n      - client-secret=aaaa\n',
      ),
    ],
    rule: 'flux/plain-secret',
    file: kafkaUiOverlay,
    find: '- client-secret=aaaa',
    says: ['kafka-ui-oidc', 'unencrypted'],
    consequences: [`flux/applier-rights ${flux}/kafka-ui.yaml`],
  },
  {
    undoes: 'production-secrets',
    name: 'encrypted Secrets that nobody is told to decrypt',
    edits: [
      without(`${flux}/secrets.yaml`, / {2}# The key that decrypts[\s\S]*?(?= {2}dependsOn)/),
      edit(`${overlay}/secrets/kustomization.yaml`, (text) =>
        text.replace('resources: []', 'resources:\n  - user.yaml'),
      ),
      add(
        `${overlay}/secrets/user.yaml`,
        `apiVersion: v1
kind: Secret
metadata:
  name: kafka-user-admin
  namespace: infometis
stringData:
  password: ENC[AES256_GCM,data:Ts1ZHcQ=,iv:b2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2M=,tag:dGFndGFndGFndGFndGFnMQ==,type:str]
sops:
  age: []
  lastmodified: "2026-01-01T00:00:00Z"
  mac: ENC[AES256_GCM,data:Ts1ZHcQ=,iv:b2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2M=,tag:dGFndGFndGFndGFndGFnMQ==,type:str]
  encrypted_regex: ^(data|stringData)$
  version: 3.9.0
`,
      ),
    ],
    rule: 'flux/decryption',
    file: `${overlay}/secrets/user.yaml`,
    find: 'password: ENC[AES256_GCM,data:Ts1ZHcQ=,iv:b2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2N0ZXRzb2M=,tag:dGFndGFndGFndGFndGFnMQ==,type:str]\nsops:',
    says: ['does not decrypt', 'flux-system/secrets'],
  },
  {
    undoes: 'production-identity',
    name: 'the key of an OIDC client that its Secret does not have',
    edits: [replace(kafkaUiLogin, 'key: client-secret', 'key: secret')],
    rule: 'reference/secret-key',
    file: kafkaUiLogin,
    find: 'key: secret',
    says: ['kafka-ui-oidc', 'client-secret'],
  },

  // The network.
  {
    undoes: 'production-network-policies',
    name: 'a policy that lets everyone in',
    edits: [
      edit(kafkaPolicy, (text) =>
        text.replace(
          / {4}- from:\n(?: {8}.*\n)+? {6}ports:\n {8}- port: 7071/,
          '    - ports:\n        - port: 7071',
        ),
      ),
    ],
    rule: 'network/undeclared-path',
    file: kafkaPolicy,
    find: '    - ports:',
    says: ['kafka', '7071/TCP'],
  },
  {
    undoes: 'production-network-policies',
    name: 'a flow that is needed, closed',
    edits: [
      without(
        kafkaPolicy,
        / {8}- podSelector:\n {12}matchLabels:\n {14}app.kubernetes.io\/name: schema-registry\n/,
      ),
    ],
    rule: 'network/blocked-flow',
    file: kafkaPolicy,
    find: '  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: kafka\n  policyTypes: [Ingress, Egress]\n  ingress:',
    says: ['schema-registry', 'kafka', '9092/TCP'],
    consequences: ['network/blocked-address *'],
  },
  {
    undoes: 'production-network-policies',
    name: 'a namespace without a default',
    edits: [
      without(`${namespacePolicies}/kustomization.yaml`, / {2}- networkpolicy-default-deny.yaml\n/),
      remove(`${namespacePolicies}/networkpolicy-default-deny.yaml`),
    ],
    rule: 'network/default-deny',
    file: 'base/namespace/namespace.yaml',
    find: 'kind: Namespace',
    says: ['infometis', 'ingress'],
  },
  {
    undoes: 'production-network-policies',
    name: 'pods that cannot ask for names',
    edits: [
      without(`${namespacePolicies}/kustomization.yaml`, / {2}- networkpolicy-dns.yaml\n/),
      remove(`${namespacePolicies}/networkpolicy-dns.yaml`),
    ],
    rule: 'network/blocked-flow',
    file: 'network/flows.yaml',
    find: 'flows:\n  # The cluster itself\n  - from:',
    says: ['kube-dns', '53/UDP'],
  },

  // Who somebody is.
  {
    undoes: 'production-identity',
    name: 'a user interface that asks nobody who they are',
    edits: [
      replace(
        'components/oidc/prometheus/ingress.patch.yaml',
        'sign-in@file,require-viewer@file',
        'sign-in@file',
      ),
    ],
    rule: 'reference/anonymous-path',
    file: 'components/oidc/prometheus/ingress.patch.yaml',
    find: 'middlewares: sign-in@file',
    says: ['/prometheus', 'prometheus has no login of its own'],
  },
  {
    undoes: 'production-identity',
    name: 'an API that asks nobody who they are',
    edits: [
      replace(
        'components/oidc/ksqldb/ingress.patch.yaml',
        'require-operator@file,strip-ksqldb@file',
        'strip-ksqldb@file',
      ),
    ],
    rule: 'reference/anonymous-path',
    file: 'components/oidc/ksqldb/ingress.patch.yaml',
    find: 'middlewares: strip-ksqldb@file',
    says: ['/ksqldb'],
  },
  {
    undoes: 'production-identity',
    name: 'Grafana open to whoever comes',
    edits: [
      edit('base/grafana/config/grafana.ini', (text) =>
        text.replace('[auth.anonymous]\nenabled = false', '[auth.anonymous]\nenabled = true'),
      ),
    ],
    rule: 'reference/anonymous-path',
    file: 'base/grafana/ingress.yaml',
    find: '  annotations:',
    says: ['grafana', 'auth.anonymous.enabled'],
  },
  {
    undoes: 'production-identity',
    name: 'NiFi open to whoever comes',
    edits: [
      replace(
        'components/tls/nifi/config/nifi-tls.properties',
        'allow.anonymous.authentication=false',
        'allow.anonymous.authentication=true',
      ),
    ],
    rule: 'reference/anonymous-path',
    file: 'base/nifi/ingress.yaml',
    find: '  name: nifi\n  annotations:',
    says: ['nifi.security.allow.anonymous.authentication'],
  },
  {
    undoes: 'production-identity',
    name: 'the dashboard of Traefik open to whoever comes',
    edits: [
      replace(
        'components/oidc/traefik/config/dashboard.yml',
        'middlewares: [sign-in, require-admin]',
        'middlewares: [sign-in]',
      ),
    ],
    rule: 'reference/anonymous-path',
    file: 'components/oidc/traefik/config/dashboard.yml',
    find: '    dashboard:',
    says: ['router dashboard', 'api@internal'],
  },

  // Availability.
  {
    undoes: 'ha-elasticsearch',
    name: 'a PodDisruptionBudget dropped',
    edits: [
      without(
        'components/high-availability/elasticsearch/kustomization.yaml',
        /resources:\n {2}- poddisruptionbudget.yaml\n/,
      ),
      remove('components/high-availability/elasticsearch/poddisruptionbudget.yaml'),
    ],
    rule: 'reference/availability',
    file: 'components/high-availability/elasticsearch/nodes.patch.yaml',
    find: '  replicas: 3',
    says: ['elasticsearch', 'no PodDisruptionBudget'],
  },
  {
    undoes: 'ha-nodes',
    name: 'one replica where there were two',
    edits: [
      replace('components/high-availability/traefik/replicas.patch.yaml', 'replicas: 2', 'replicas: 1'),
    ],
    rule: 'reference/availability',
    file: 'components/high-availability/traefik/replicas.patch.yaml',
    find: 'replicas: 1',
    says: ['traefik', '1 replica', 'PodDisruptionBudget'],
  },
  {
    undoes: 'ha-nodes',
    name: 'pods that may all lie on one node',
    edits: [
      without(
        'components/high-availability/traefik/replicas.patch.yaml',
        / {6}topologySpreadConstraints:[\s\S]*$/,
      ),
    ],
    rule: 'reference/availability',
    file: 'components/high-availability/traefik/replicas.patch.yaml',
    find: 'replicas: 2',
    says: ['traefik', 'different nodes'],
  },
  {
    undoes: 'ha-nodes',
    name: 'a node that can never be drained',
    edits: [
      replace(
        'components/high-availability/kafka/poddisruptionbudget.yaml',
        'maxUnavailable: 1',
        'minAvailable: 3',
      ),
    ],
    rule: 'reference/blocked-drain',
    file: 'components/high-availability/kafka/poddisruptionbudget.yaml',
    find: 'minAvailable: 3',
    says: ['kafka', '3 pods'],
  },
  {
    undoes: 'ha-nodes',
    name: 'a PriorityClass that is not there',
    edits: [
      replace(
        `${overlay}/namespace/priorityclass-data.yaml`,
        'name: infometis-data',
        'name: infometis-stores',
      ),
    ],
    rule: 'reference/own-class',
    file: kafkaHa,
    find: 'priorityClassName: infometis-data',
    says: ['PriorityClass infometis-data'],
    consequences: ['reference/own-class *'],
  },
  {
    undoes: 'ha-nodes',
    name: 'a StorageClass that is not there',
    edits: [without(`${flux}/kustomization.yaml`, / {2}- storage.yaml\n/), remove(`${flux}/storage.yaml`)],
    rule: 'reference/own-class',
    file: 'base/zookeeper/statefulset.yaml',
    find: 'storageClassName: local-storage',
    says: ['StorageClass local-storage'],
    consequences: [
      'reference/own-class *',
      `kustomization/orphan-directory ${overlay}/storage/kustomization.yaml`,
    ],
  },
  {
    undoes: 'scale-kafka',
    name: 'a broker less, of which the others know nothing',
    edits: [replace(kafkaHa, '  replicas: 3\n', '  replicas: 2\n')],
    rule: 'configuration/kafka-quorum',
    file: kafkaHa,
    find: '- name: KAFKA_CONTROLLER_QUORUM_VOTERS\n              value:',
    says: ['kafka-2'],
    consequences: ['configuration/kafka-replication *'],
  },
  {
    undoes: 'ha-kafka',
    name: 'more copies than brokers',
    edits: [variable(kafkaHa, 'KAFKA_DEFAULT_REPLICATION_FACTOR', '"3"', '"4"')],
    rule: 'configuration/kafka-replication',
    file: kafkaHa,
    find: 'value: "4"',
    says: ['default.replication.factor', '3 brokers'],
  },
  {
    undoes: 'ha-kafka',
    name: 'as many copies that must be in sync as there are',
    edits: [variable(kafkaHa, 'KAFKA_MIN_INSYNC_REPLICAS', '"2"', '"3"')],
    rule: 'configuration/kafka-replication',
    file: kafkaHa,
    find: '- name: KAFKA_MIN_INSYNC_REPLICAS\n              value: "3"',
    says: ['min.insync.replicas', 'nobody can write'],
  },
  {
    undoes: 'ha-kafka',
    name: 'records that one broker alone has when they are acknowledged',
    edits: [variable(kafkaHa, 'KAFKA_MIN_INSYNC_REPLICAS', '"2"', '"1"')],
    rule: 'configuration/kafka-replication',
    file: kafkaHa,
    find: '- name: KAFKA_MIN_INSYNC_REPLICAS\n              value: "1"',
    says: ['min.insync.replicas', 'lost'],
  },
  {
    undoes: 'scale-elasticsearch',
    name: 'a node of Elasticsearch that is to elect a master, and is not there',
    edits: [
      replace(
        'components/high-availability/elasticsearch/nodes.patch.yaml',
        'elasticsearch-0,elasticsearch-1,elasticsearch-2',
        'elasticsearch-0,elasticsearch-1,elasticsearch-3',
      ),
    ],
    rule: 'configuration/elasticsearch-discovery',
    file: 'components/high-availability/elasticsearch/nodes.patch.yaml',
    find: 'value: elasticsearch-0,elasticsearch-1,elasticsearch-3',
    says: ['elasticsearch-3'],
  },
  {
    undoes: 'ha-nifi',
    name: 'three nodes of NiFi that are no cluster',
    edits: [
      variable(
        'components/high-availability/nifi/statefulset.patch.yaml',
        'NIFI_CLUSTER_IS_NODE',
        '"true"',
        '"false"',
      ),
    ],
    rule: 'configuration/nifi-cluster',
    file: 'components/high-availability/nifi/statefulset.patch.yaml',
    find: 'value: "false"',
    says: ['nifi', '3 replicas'],
  },
  {
    undoes: 'scale-nifi',
    name: 'one node of NiFi where there were three',
    edits: [
      replace(
        'components/high-availability/nifi/statefulset.patch.yaml',
        '  replicas: 3\n',
        '  replicas: 1\n',
      ),
    ],
    rule: 'reference/availability',
    file: 'components/high-availability/nifi/statefulset.patch.yaml',
    find: '  replicas: 1',
    says: ['nifi', '1 replica'],
    consequences: ['configuration/nifi-cluster *'],
  },
  {
    undoes: 'ha-flink',
    name: 'a Flink that calls ZooKeeper on a port that is closed',
    edits: [
      edit('components/tls/flink/config/tls.yaml', (text) =>
        text.replace(
          'zookeeper-0.zookeeper-headless.infometis.svc.cluster.local:2281',
          'zookeeper-0.zookeeper-headless.infometis.svc.cluster.local:2181',
        ),
      ),
    ],
    rule: 'configuration/zookeeper-client',
    file: 'components/tls/flink/config/tls.yaml',
    find: 'high-availability.zookeeper.quorum:',
    says: ['2181'],
  },
  {
    undoes: 'scale-flink',
    name: 'TaskManagers without a budget',
    edits: [
      without(
        'components/high-availability/flink/kustomization.yaml',
        / {2}- poddisruptionbudget-taskmanager.yaml\n/,
      ),
      remove('components/high-availability/flink/poddisruptionbudget-taskmanager.yaml'),
    ],
    rule: 'reference/availability',
    file: 'components/high-availability/flink/taskmanager.patch.yaml',
    find: '  replicas: 2',
    says: ['flink-taskmanager', 'no PodDisruptionBudget'],
  },

  // Pods.
  {
    name: 'a lower Pod Security level for the namespace',
    edits: [
      replace(
        'base/namespace/namespace.yaml',
        'kubernetes.io/enforce: restricted',
        'kubernetes.io/enforce: baseline',
      ),
    ],
    rule: 'policy/namespace-level',
    file: 'base/namespace/namespace.yaml',
    find: 'kubernetes.io/enforce: baseline',
    says: ['infometis', 'restricted'],
  },
  {
    name: 'a pod that restricted refuses',
    edits: [
      replace(
        'components/tls/kafka/listeners.patch.yaml',
        '        - name: kafka\n          env:',
        '        - name: kafka\n          securityContext:\n            allowPrivilegeEscalation: true\n          env:',
      ),
    ],
    rule: 'policy/pod-security',
    file: 'components/tls/kafka/listeners.patch.yaml',
    find: 'allowPrivilegeEscalation: true',
    says: ['restricted', 'kafka'],
    consequences: ['policy/admission components/tls/kafka/listeners.patch.yaml'],
  },
  {
    name: 'a directory of the node in a pod',
    edits: [
      replace(
        'components/tls/kafka-ui/https.patch.yaml',
        '          volumeMounts:\n            - name: tls\n',
        '          volumeMounts:\n            - name: node\n              mountPath: /node\n            - name: tls\n',
      ),
      replace(
        'components/tls/kafka-ui/https.patch.yaml',
        '      volumes:\n',
        '      volumes:\n        - name: node\n          hostPath:\n            path: /etc\n',
      ),
    ],
    rule: 'policy/admission',
    file: 'components/tls/kafka-ui/https.patch.yaml',
    find: '          hostPath:',
    says: ['hostPath'],
    consequences: ['policy/pod-security components/tls/kafka-ui/https.patch.yaml'],
  },
  {
    name: 'a port of the node for a pod',
    edits: [
      replace(
        'components/high-availability/alertmanager/replicas.patch.yaml',
        '              protocol: TCP',
        '              protocol: TCP\n              hostPort: 9094',
      ),
    ],
    rule: 'policy/pod-security',
    file: 'components/high-availability/alertmanager/replicas.patch.yaml',
    find: 'hostPort: 9094',
    says: ['hostPort'],
    consequences: ['policy/admission *'],
  },
  {
    name: 'an image from a registry that nobody trusts',
    edits: [
      append(
        kafkaUiOverlay,
        'images:\n  - name: ghcr.io/kafbat/kafka-ui\n    newName: registry.invalid/kafka-ui\n    newTag: v1.5.0\n',
      ),
    ],
    rule: 'policy/admission',
    file: kafkaUiOverlay,
    find: 'newName: registry.invalid/kafka-ui\n    newTag: v1.5.0',
    says: ['registry.invalid/kafka-ui'],
  },
  {
    name: 'an image whose tag moves',
    edits: [append(kafkaUiOverlay, 'images:\n  - name: ghcr.io/kafbat/kafka-ui\n    newTag: latest\n')],
    rule: 'policy/admission',
    file: kafkaUiOverlay,
    find: 'newTag: latest',
    says: ['latest'],
  },

  // Backups.
  {
    undoes: 'backup-volumes',
    name: 'copies of volumes without the password that encrypts them',
    edits: [without('secrets.yaml', / {2}- name: backup-repository\n(?: {4}.*\n)+/)],
    rule: 'reference/secret',
    file: 'base/backup/schedule.yaml',
    find: 'name: backup-repository',
    says: ['repoPasswordSecretRef', 'backup-repository'],
  },
  {
    undoes: 'backup-elasticsearch',
    name: 'no snapshots',
    edits: [
      without(
        `${overlay}/elasticsearch-access/kustomization.yaml`,
        / {2}- .*\/backup\/elasticsearch-access\n/,
      ),
    ],
    rule: 'kustomization/orphan-directory',
    file: 'components/backup/elasticsearch-access/kustomization.yaml',
    find: '# A snapshot',
    says: ['components/backup/elasticsearch-access'],
  },
  {
    undoes: 'backup-kafka',
    name: 'copies of topics that go nowhere',
    edits: [without(`${overlay}/mirror-maker/kustomization.yaml`, / {2}- .*\/backup\/mirror-maker\n/)],
    rule: 'kustomization/orphan-directory',
    file: 'components/backup/mirror-maker/kustomization.yaml',
    find: '# Where the copies go',
    says: ['components/backup/mirror-maker'],
  },
  {
    undoes: 'backup-nifi',
    name: 'flows that are no longer exported',
    edits: [without('components/backup/nifi-registry/kustomization.yaml', / {2}- cronjob.yaml\n/)],
    rule: 'kustomization/orphan-file',
    file: 'components/backup/nifi-registry/cronjob.yaml',
    find: 'apiVersion: batch/v1',
    says: ['cronjob.yaml'],
    consequences: [
      'kustomization/unmatched-replacement *',
      'network/policy-selector *',
      'network/unmatched-peer *',
      'network/flow-end *',
    ],
  },

  // What Flux does.
  {
    name: 'a chart without a fixed version',
    edits: [edit(certManager, (text) => text.replace(/version: v[\d.]+/, "version: '>=1.0.0'"))],
    rule: 'flux/chart-version',
    file: certManager,
    find: "version: '>=1.0.0'",
    says: ['cert-manager', 'range'],
  },
  {
    name: 'a component from another branch',
    edits: [replace(`${flux}/kafka.yaml`, 'branch: main', 'branch: next')],
    rule: 'flux/own-source',
    file: `${flux}/kafka.yaml`,
    find: 'branch: next',
    says: ['kafka', 'next'],
  },
  {
    name: 'a component from another repository',
    edits: [
      replace(
        `${flux}/kustomization.yaml`,
        '          - name: flux-system\n',
        '          - name: flux-system\n          - name: kafka\n',
      ),
    ],
    rule: 'flux/own-source',
    file: `${flux}/source.patch.yaml`,
    find: 'url: https://example.com',
    says: ['kafka', 'not this repository'],
  },
  {
    name: 'a component whose source leaves out what it is made of',
    edits: [replace(`${flux}/kafka.yaml`, '    - components\n', '')],
    rule: 'kustomization/not-in-artifact',
    file: `${overlay}/kafka/kustomization.yaml`,
    find: '- ../../../components/tls/kafka',
    says: ['components/tls/kafka', 'the sparseCheckout of GitRepository flux-system/kafka'],
    consequences: [`kustomization/not-in-artifact ${overlay}/kafka/kustomization.yaml`],
  },
  {
    name: 'an account of Flux that may not make what it applies',
    edits: [replace(componentRole, 'resources: [poddisruptionbudgets]', 'resources: [podtemplates]')],
    rule: 'flux/applier-rights',
    file: `${flux}/oauth2-proxy.yaml`,
    find: 'serviceAccountName: component-applier',
    says: ['PodDisruptionBudget', 'component-applier', 'poddisruptionbudgets.policy'],
    consequences: ['flux/applier-rights *'],
  },
  {
    name: 'an add-on without its namespace',
    edits: [
      without('base/reloader/kustomization.yaml', / {2}- namespace.yaml\n/),
      remove('base/reloader/namespace.yaml'),
    ],
    rule: 'network/environment',
    file: 'network/flows.yaml',
    find: '      - reloader',
    says: ['reloader'],
  },
  {
    name: 'certificates before the kind that they are of',
    edits: [replace(`${flux}/kafka.yaml`, '    - name: certificates\n', '')],
    rule: 'flux/add-on-order',
    file: `${flux}/kafka.yaml`,
    find: '  dependsOn:',
    says: ['Certificate infometis/kafka', 'cert-manager'],
  },
];
