import type { Fault } from './fault.ts';
import { add, append, type Edit, edit, remove, replace } from './overlay-files.ts';

const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const prometheus = 'base/prometheus/config/prometheus.yml';

/** Adds a manifest to the overlay of Kafka UI, which has nothing of its own. */
const beside = (name: string, text: string): readonly Edit[] => [
  add(`overlays/prototype/kafka-ui/${name}`, text),
  append('overlays/prototype/kafka-ui/kustomization.yaml', `  - ${name}\n`),
];

/** Faults in what one object says about another. */
export const referenceFaults: readonly Fault[] = [
  {
    name: 'a typo in the selector of a Service, in a base',
    edits: [
      replace('base/kafka/service.yaml', 'app.kubernetes.io/name: kafka', 'app.kubernetes.io/name: kafak'),
    ],
    rule: 'reference/service-selector',
    file: 'base/kafka/service.yaml',
    find: 'app.kubernetes.io/name: kafak',
    says: ['kafka-service', 'kafak', 'no endpoints'],
  },
  {
    name: 'a typo in the second label of a selector',
    edits: [
      replace(
        'base/flink/service-jobmanager.yaml',
        'app.kubernetes.io/component: jobmanager',
        'app.kubernetes.io/component: job-manager',
      ),
    ],
    rule: 'reference/service-selector',
    file: 'base/flink/service-jobmanager.yaml',
    find: 'app.kubernetes.io/component: job-manager',
    says: ['flink-jobmanager-service', 'jobmanager'],
  },
  {
    name: 'a selector changed by the patch of an overlay',
    edits: [
      append('overlays/prototype/kafka-ui/kustomization.yaml', 'patches:\n  - path: selector.patch.yaml\n'),
      add(
        'overlays/prototype/kafka-ui/selector.patch.yaml',
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: kafka-ui-service\n  namespace: infometis\nspec:\n  selector:\n    app.kubernetes.io/name: kafkaui\n',
      ),
    ],
    rule: 'reference/service-selector',
    file: 'overlays/prototype/kafka-ui/selector.patch.yaml',
    find: 'app.kubernetes.io/name: kafkaui',
    says: ['kafka-ui-service', 'kafkaui'],
  },
  {
    name: 'an Ingress to a missing port by name',
    edits: [
      replace('base/grafana/ingress.yaml', '                  name: http', '                  name: web'),
    ],
    rule: 'reference/ingress-backend',
    file: 'base/grafana/ingress.yaml',
    find: '                  name: web',
    says: ['web', 'grafana-service', 'http'],
  },
  {
    name: 'an Ingress to a missing port by number',
    edits: [
      replace(
        'base/prometheus/ingress.yaml',
        '                  name: http',
        '                  number: 9091',
      ),
    ],
    rule: 'reference/ingress-backend',
    file: 'base/prometheus/ingress.yaml',
    find: 'number: 9091',
    says: ['9091', 'prometheus-service', '9090'],
  },
  {
    name: 'an Ingress to a missing Service',
    edits: [replace('base/kafka-ui/ingress.yaml', 'name: kafka-ui-service', 'name: kafka-ui')],
    rule: 'reference/ingress-backend',
    file: 'base/kafka-ui/ingress.yaml',
    find: '                name: kafka-ui',
    says: ['kafka-ui', 'kafka-ui-service'],
  },
  {
    name: 'an Ingress whose port an overlay renames in the Service',
    edits: [
      append(
        'overlays/prototype/kafka-ui/kustomization.yaml',
        'patches:\n  - target:\n      kind: Service\n      name: kafka-ui-service\n    patch: |-\n      - op: replace\n        path: /spec/ports/0/name\n        value: web\n',
      ),
    ],
    rule: 'reference/ingress-backend',
    file: 'base/kafka-ui/ingress.yaml',
    find: '                  name: http',
    says: ['http', 'kafka-ui-service', 'web'],
  },
  {
    name: 'an Ingress of a class that does not exist',
    edits: [replace('base/grafana/ingress.yaml', 'ingressClassName: traefik', 'ingressClassName: traefic')],
    rule: 'reference/ingress-class',
    file: 'base/grafana/ingress.yaml',
    find: 'ingressClassName: traefic',
    says: ['traefic', 'traefik'],
  },
  {
    name: 'a target port that no container has',
    edits: [replace('base/grafana/service.yaml', 'targetPort: http', 'targetPort: htpp')],
    rule: 'reference/service-target-port',
    file: 'base/grafana/service.yaml',
    find: 'targetPort: htpp',
    says: ['htpp', 'http'],
  },
  {
    name: 'a container port that was renamed below its Service',
    edits: [
      replace(
        'base/flink/deployment-taskmanager.yaml',
        '            - name: metrics\n',
        '            - name: prometheus\n',
      ),
    ],
    rule: 'reference/service-target-port',
    severity: 'warning',
    file: 'base/flink/service-taskmanager-headless.yaml',
    find: 'targetPort: metrics',
    says: ['metrics', 'flink-taskmanager'],
  },
  {
    name: 'a ConfigMap that does not exist, in a volume of a StatefulSet',
    edits: [replace('base/kafka/statefulset.yaml', 'name: kafka-config', 'name: kafka-configuration')],
    rule: 'reference/config-map',
    file: 'base/kafka/statefulset.yaml',
    find: 'name: kafka-configuration',
    says: ['kafka-configuration', 'kafka-config'],
  },
  {
    name: 'a ConfigMap that does not exist, in envFrom of the patch of an overlay',
    edits: [
      replace(
        settings,
        '          env:\n',
        '          envFrom:\n            - configMapRef:\n                name: kafka-setings\n          env:\n',
      ),
    ],
    rule: 'reference/config-map',
    file: settings,
    find: 'name: kafka-setings',
    says: ['kafka-setings'],
  },
  {
    name: 'a key that a ConfigMap does not have, in a volume of a Deployment',
    edits: [replace('base/traefik/deployment.yaml', '- key: nifi.yml', '- key: nify.yml')],
    rule: 'reference/config-map-key',
    file: 'base/traefik/deployment.yaml',
    find: '- key: nify.yml',
    says: ['nify.yml', 'nifi.yml'],
  },
  {
    name: 'a key that its generator no longer makes',
    edits: [
      replace(
        'base/grafana/kustomization.yaml',
        'config/provisioning/dashboards.yaml',
        'dashboard.yaml=config/provisioning/dashboards.yaml',
      ),
    ],
    rule: 'reference/config-map-key',
    file: 'base/grafana/statefulset.yaml',
    find: '- key: dashboards.yaml',
    says: ['dashboards.yaml', 'dashboard.yaml'],
  },
  {
    name: 'a key that a ConfigMap does not have, in an environment variable of a component',
    edits: [
      replace(
        'components/public-host/kafka/host-listener.patch.yaml',
        '            - name: PUBLIC_HOST\n              value: localhost\n',
        '            - name: JMX\n              valueFrom:\n                configMapKeyRef:\n                  name: kafka-config\n                  key: jmx.yml\n            - name: PUBLIC_HOST\n              value: localhost\n',
      ),
    ],
    rule: 'reference/config-map-key',
    file: 'components/public-host/kafka/host-listener.patch.yaml',
    find: 'key: jmx.yml',
    says: ['jmx.yml'],
  },
  {
    name: 'a key that a declared Secret does not have, in an environment variable',
    edits: [
      edit('base/nifi/statefulset.yaml', (text) =>
        text.replace('key: sensitive-props-key', 'key: sensitive-key'),
      ),
    ],
    rule: 'reference/secret-key',
    file: 'base/nifi/statefulset.yaml',
    find: 'key: sensitive-key',
    says: ['sensitive-key', 'nifi-credentials'],
    consequences: ['configuration/nifi-cluster base/nifi/statefulset.yaml'],
  },
  {
    name: 'a key that a declared Secret does not have, in a volume',
    edits: [replace('base/grafana/statefulset.yaml', '- key: admin-password', '- key: password')],
    rule: 'reference/secret-key',
    file: 'base/grafana/statefulset.yaml',
    find: '- key: password',
    says: ['password', 'grafana-credentials'],
  },
  {
    name: 'a Secret that is not declared',
    edits: [replace('base/nifi/job.yaml', 'secretName: nifi-credentials', 'secretName: nifi-login')],
    rule: 'reference/secret',
    file: 'base/nifi/job.yaml',
    find: 'secretName: nifi-login',
    says: ['nifi-login'],
  },
  {
    name: 'a volume mount without a volume',
    edits: [
      replace(
        'base/kafka/statefulset.yaml',
        '            - name: properties\n',
        '            - name: property\n',
      ),
    ],
    rule: 'reference/volume-mount',
    file: 'base/kafka/statefulset.yaml',
    find: '            - name: property',
    says: ['`property`', 'no such volume'],
  },
  {
    name: 'a volume mount without a volume, in the patch of an overlay',
    edits: [replace('overlays/prototype/kafka/set-owner.patch.yaml', '- name: data', '- name: datas')],
    rule: 'reference/volume-mount',
    file: 'overlays/prototype/kafka/set-owner.patch.yaml',
    find: '- name: datas',
    says: ['datas', 'data'],
  },
  {
    name: 'a subPath that is no file of its ConfigMap',
    edits: [
      replace('base/prometheus/statefulset.yaml', 'subPath: prometheus.yml', 'subPath: prometheus.yaml'),
    ],
    rule: 'reference/sub-path-key',
    file: 'base/prometheus/statefulset.yaml',
    find: 'subPath: prometheus.yaml',
    says: ['prometheus.yaml', 'prometheus.yml'],
  },
  {
    name: 'a RoleBinding to a Role that does not exist',
    edits: [
      replace(
        'base/traefik/rolebinding.yaml',
        '  kind: Role\n  name: traefik\n',
        '  kind: Role\n  name: traefic\n',
      ),
    ],
    rule: 'reference/role-reference',
    file: 'base/traefik/rolebinding.yaml',
    find: 'name: traefic',
    says: ['traefic', 'traefik'],
  },
  {
    name: 'a ClusterRoleBinding to a ServiceAccount that does not exist',
    edits: [
      replace(
        'base/kube-state-metrics/clusterrolebinding.yaml',
        '    name: kube-state-metrics',
        '    name: kube-state-metric',
      ),
    ],
    rule: 'reference/binding-subject',
    file: 'base/kube-state-metrics/clusterrolebinding.yaml',
    find: '    name: kube-state-metric',
    says: ['kube-state-metric'],
  },
  {
    name: 'a namespace for a component, which leaves the subject of a ClusterRoleBinding behind',
    edits: [
      replace(
        'base/kube-state-metrics/clusterrolebinding.yaml',
        '    namespace: infometis',
        '    namespace: node-exporter',
      ),
    ],
    rule: 'reference/binding-subject',
    file: 'base/kube-state-metrics/clusterrolebinding.yaml',
    find: 'kind: ServiceAccount\n    name: kube-state-metrics',
    says: ['node-exporter/kube-state-metrics'],
  },
  {
    name: 'a ServiceAccount that does not exist',
    edits: [
      replace(
        'base/kafka-ui/deployment.yaml',
        'serviceAccountName: kafka-ui',
        'serviceAccountName: kafka-iu',
      ),
    ],
    rule: 'reference/service-account',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'serviceAccountName: kafka-iu',
    says: ['kafka-iu', 'kafka-ui'],
  },
  {
    name: 'an autoscaler for a workload that does not exist',
    edits: beside(
      'autoscaler.yaml',
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  maxReplicas: 3\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: kafkaui\n',
    ),
    rule: 'reference/scale-target',
    file: 'overlays/prototype/kafka-ui/autoscaler.yaml',
    find: 'name: kafkaui',
    says: ['kafkaui', 'kafka-ui'],
    consequences: ['flux/applier-rights *'],
  },
  {
    name: 'a disruption budget for no pod',
    edits: beside(
      'budget.yaml',
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: kafkaui\n',
    ),
    rule: 'reference/disruption-budget',
    severity: 'warning',
    file: 'overlays/prototype/kafka-ui/budget.yaml',
    find: 'app.kubernetes.io/name: kafkaui',
    says: ['kafkaui'],
  },
  {
    name: 'an address of a Service that does not exist, in an environment variable',
    edits: [
      replace('base/kafka-ui/deployment.yaml', 'value: kafka-service:9092', 'value: kafka-srvice:9092'),
    ],
    rule: 'reference/service-address',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'value: kafka-srvice:9092',
    says: ['kafka-srvice', 'kafka-service'],
  },
  {
    name: 'an address with a port that the Service does not have',
    edits: [
      replace(
        'base/schema-registry/deployment.yaml',
        'PLAINTEXT://kafka-service:9092',
        'PLAINTEXT://kafka-service:9093',
      ),
    ],
    rule: 'reference/service-address',
    file: 'base/schema-registry/deployment.yaml',
    find: 'PLAINTEXT://kafka-service:9093',
    says: ['9093', 'kafka-service'],
    consequences: ['configuration/kafka-client base/schema-registry/deployment.yaml'],
  },
  {
    name: 'an address in generated configuration',
    edits: [replace(prometheus, 'targets: [kafka-ui-service:8080]', 'targets: [kafka-ui-service:8081]')],
    rule: 'reference/service-address',
    file: prometheus,
    find: 'kafka-ui-service:8081',
    says: ['8081', 'kafka-ui-service'],
  },
  {
    name: 'a prefix that changes the names of Services under those who address them',
    edits: [append('overlays/prototype/schema-registry/kustomization.yaml', 'namePrefix: eu-\n')],
    rule: 'reference/service-address',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'value: http://schema-registry-service:8081',
    says: ['schema-registry-service'],
    consequences: [
      'configuration/prometheus-target base/prometheus/config/prometheus.yml',
      'reference/service-address base/ksqldb/statefulset.yaml',
    ],
  },
  {
    name: 'an Ingress with a middleware that Traefik does not have',
    edits: [replace('base/elasticsearch/ingress.yaml', 'strip-elasticsearch@file', 'strip-elastic@file')],
    rule: 'reference/traefik-annotation',
    file: 'base/elasticsearch/ingress.yaml',
    find: 'strip-elastic@file',
    says: ['strip-elastic'],
  },
  {
    name: 'a middleware that was renamed in the configuration of Traefik',
    edits: [replace('base/traefik/config/dynamic/middlewares.yml', '    strip-ksqldb:', '    strip-ksql:')],
    rule: 'reference/traefik-annotation',
    file: 'base/ksqldb/ingress.yaml',
    find: 'strip-ksqldb@file',
    says: ['strip-ksqldb', 'strip-ksql'],
  },
  {
    name: 'an entry point that Traefik does not have',
    edits: [replace('base/flink/ingress.yaml', 'entrypoints: flink', 'entrypoints: flnk')],
    rule: 'reference/traefik-annotation',
    file: 'base/flink/ingress.yaml',
    find: 'entrypoints: flnk',
    says: ['flnk', 'flink'],
  },
  {
    name: 'an IngressRoute to a middleware that does not exist',
    edits: beside(
      'route.yaml',
      'apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  routes:\n    - match: PathPrefix(`/x`)\n      kind: Rule\n      middlewares:\n        - name: strip\n      services:\n        - name: kafka-ui-service\n          port: 8080\n',
    ),
    rule: 'reference/traefik-route',
    file: 'overlays/prototype/kafka-ui/route.yaml',
    find: '- name: strip',
    says: ['strip'],
    consequences: ['schema/unknown-kind overlays/prototype/kafka-ui/route.yaml'],
  },
  {
    name: 'a monitor that selects no Service',
    edits: beside(
      'monitor.yaml',
      'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  endpoints:\n    - port: http\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: kafkaui\n',
    ),
    rule: 'reference/monitor-selector',
    severity: 'warning',
    file: 'overlays/prototype/kafka-ui/monitor.yaml',
    find: 'selector:',
    says: ['kafkaui'],
    consequences: ['schema/unknown-kind overlays/prototype/kafka-ui/monitor.yaml'],
  },
  {
    name: 'a StorageClass that does not exist',
    edits: [
      replace(
        'base/flink/persistentvolumeclaim.yaml',
        'storageClassName: local-storage',
        'storageClassName: local',
      ),
    ],
    rule: 'reference/storage-class',
    file: 'base/flink/persistentvolumeclaim.yaml',
    find: 'storageClassName: local',
    says: ['local', 'local-storage'],
  },
  {
    name: 'a StorageClass that does not exist, in a claim template',
    edits: [
      replace(
        'base/kafka/statefulset.yaml',
        'storageClassName: local-storage',
        'storageClassName: local-store',
      ),
    ],
    rule: 'reference/storage-class',
    file: 'base/kafka/statefulset.yaml',
    find: 'storageClassName: local-store',
    says: ['local-store', 'local-storage'],
  },
  {
    name: 'a claim that may be mounted on one node, shared by three replicas',
    edits: [
      edit('base/flink/deployment-taskmanager.yaml', (text) => text.replace('replicas: 1', 'replicas: 3')),
      replace(
        'base/flink/persistentvolumeclaim.yaml',
        'accessModes: [ReadWriteMany]',
        'accessModes: [ReadWriteOnce]',
      ),
      replace(
        'overlays/prototype/flink/persistentvolume.yaml',
        'accessModes: [ReadWriteMany]',
        'accessModes: [ReadWriteOnce]',
      ),
    ],
    rule: 'reference/shared-claim',
    severity: 'warning',
    file: 'base/flink/deployment-taskmanager.yaml',
    find: 'claimName: flink-data',
    says: ['flink-data', '3'],
    consequences: ['configuration/flink-high-availability base/flink/config/flink-conf.yaml'],
  },
  {
    name: 'a claim that no PersistentVolume is for',
    edits: [
      remove('overlays/prototype/kafka/persistentvolume.yaml'),
      replace('overlays/prototype/kafka/kustomization.yaml', '  - persistentvolume.yaml\n', ''),
    ],
    rule: 'reference/claim-without-volume',
    file: 'base/kafka/statefulset.yaml',
    find: 'storageClassName: local-storage',
    says: ['data-kafka-0'],
  },
  {
    name: 'a volume that is smaller than its claim',
    edits: [replace('overlays/prototype/kafka/persistentvolume.yaml', 'storage: 10Gi', 'storage: 1Gi')],
    rule: 'reference/volume-claim',
    file: 'overlays/prototype/kafka/persistentvolume.yaml',
    find: 'storage: 1Gi',
    says: ['1Gi', '10Gi'],
  },
  {
    name: 'two volumes in one directory',
    edits: [
      replace(
        'overlays/prototype/kafka/persistentvolume.yaml',
        'path: /tmp/kafka-data',
        'path: /tmp/flink-data',
      ),
    ],
    rule: 'reference/shared-host-path',
    file: 'overlays/prototype/flink/persistentvolume.yaml',
    find: 'path: /tmp/flink-data',
    says: ['flink-data', 'kafka-data'],
  },
  {
    name: 'a StatefulSet whose Service does not exist',
    edits: [
      replace('base/kafka/statefulset.yaml', 'serviceName: kafka-headless', 'serviceName: kafka-headles'),
    ],
    rule: 'reference/stateful-set-service',
    file: 'base/kafka/statefulset.yaml',
    find: 'serviceName: kafka-headles',
    says: ['kafka-headles', 'kafka-headless'],
  },
  {
    name: 'a selector of a workload that its own pods do not match',
    edits: [
      replace(
        'base/kafka-ui/deployment.yaml',
        '    matchLabels:\n      app.kubernetes.io/name: kafka-ui',
        '    matchLabels:\n      app.kubernetes.io/name: kafkaui',
      ),
    ],
    rule: 'reference/selector-template',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'app.kubernetes.io/name: kafkaui',
    says: ['kafkaui', 'kafka-ui'],
    consequences: ['api-server/selector base/kafka-ui/deployment.yaml'],
  },
  {
    name: 'a namespace that nobody makes',
    edits: [
      replace('components/flux-metrics/prometheus/role.yaml', 'namespace: flux-system', 'namespace: flux'),
    ],
    rule: 'reference/namespace',
    file: 'components/flux-metrics/prometheus/role.yaml',
    find: 'namespace: flux',
    says: ['flux'],
    consequences: ['reference/role-reference components/flux-metrics/prometheus/rolebinding.yaml'],
  },
  {
    name: 'an admission binding to a policy that does not exist',
    edits: [
      replace(
        'policies/host-ports.yaml',
        'policyName: infometis-host-ports',
        'policyName: infometis-hostports',
      ),
    ],
    rule: 'reference/admission-policy',
    file: 'policies/host-ports.yaml',
    find: 'policyName: infometis-hostports',
    says: ['infometis-hostports', 'infometis-host-ports'],
  },
];
