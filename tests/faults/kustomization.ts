import type { Fault } from './fault.ts';
import { add, append, edit, remove, replace } from './overlay-files.ts';

const kafkaOverlay = 'overlays/prototype/kafka/kustomization.yaml';
const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const hostListener = 'components/public-host/kafka/host-listener.patch.yaml';

/** Faults in how files are put together and built. */
export const kustomizationFaults: readonly Fault[] = [
  {
    name: 'a strategic patch with a name that no object has',
    edits: [replace(settings, '  name: kafka\n  namespace', '  name: kafak\n  namespace')],
    rule: 'render/build-failed',
    file: settings,
    find: '  name: kafak',
    says: ['kafak', 'did you mean StatefulSet `kafka`'],
  },
  {
    name: 'a strategic patch for another namespace, in a component',
    edits: [replace(hostListener, 'namespace: infometis', 'namespace: infometi')],
    rule: 'render/build-failed',
    file: hostListener,
    find: 'namespace: infometi',
    says: ['infometi/kafka', 'did you mean StatefulSet `infometis/kafka`'],
  },
  {
    name: 'a patch whose target matches nothing, in a component',
    edits: [
      replace(
        'components/public-host/kafka/kustomization.yaml',
        '  - path: host-listener.patch.yaml\n',
        '  - path: host-listener.patch.yaml\n    target:\n      kind: StatefulSet\n      name: kafak\n',
      ),
      // Without the variable that the patch brings, the replacement below would fail first.
      edit('components/public-host/kafka/kustomization.yaml', (text) =>
        text.replace(/^replacements:[\s\S]*/m, ''),
      ),
    ],
    rule: 'kustomization/unmatched-patch',
    file: 'components/public-host/kafka/kustomization.yaml',
    find: '      name: kafak',
    says: ['kafak', 'kafka'],
  },
  {
    name: 'a patch whose target matches nothing, so that a replacement finds no field',
    edits: [
      replace(
        'components/bind-address/traefik/kustomization.yaml',
        '  - path: host-ports.patch.yaml\n',
        '  - path: host-ports.patch.yaml\n    target:\n      kind: Deployment\n      name: traefic\n',
      ),
    ],
    rule: 'kustomization/unmatched-patch',
    file: 'components/bind-address/traefik/kustomization.yaml',
    find: '      name: traefic',
    says: ['traefic', 'did you mean name `traefik`'],
    consequences: ['render/build-failed components/bind-address/traefik/kustomization.yaml'],
  },
  {
    name: 'a JSON patch whose target has a misspelt name, in an overlay',
    edits: [
      append(
        'overlays/prototype/ksqldb/kustomization.yaml',
        'patches:\n  - target:\n      kind: StatefulSet\n      name: ksqlbd\n    patch: |-\n      - op: replace\n        path: /spec/replicas\n        value: 2\n',
      ),
    ],
    rule: 'kustomization/unmatched-patch',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: '      name: ksqlbd',
    says: ['ksqlbd', 'did you mean name `ksqldb`'],
  },
  {
    name: 'a label selector that matches no Flux Kustomization, in flux/',
    edits: [
      replace(
        'flux/prototype/kustomization.yaml',
        'labelSelector: app.kubernetes.io/part-of=infometis',
        'labelSelector: app.kubernetes.io/part-of=infometi',
      ),
    ],
    rule: 'kustomization/unmatched-patch',
    file: 'flux/prototype/kustomization.yaml',
    find: 'labelSelector: app.kubernetes.io/part-of=infometi',
    says: ['infometi', 'did you mean labelSelector `app.kubernetes.io/part-of=infometis`'],
    consequences: [
      'flux/required-fields flux/prototype/kustomization.yaml',
      'schema/required flux/prototype/kustomization.yaml',
    ],
  },
  {
    name: 'an image name with a typo, in a base',
    edits: [
      replace(
        'base/kafka-ui/kustomization.yaml',
        'name: ghcr.io/kafbat/kafka-ui',
        'name: ghcr.io/kafbat/kafkaui',
      ),
    ],
    rule: 'kustomization/unmatched-image',
    file: 'base/kafka-ui/kustomization.yaml',
    find: 'name: ghcr.io/kafbat/kafkaui',
    says: ['ghcr.io/kafbat/kafkaui'],
    consequences: ['policy/admission base/kafka-ui/deployment.yaml'],
  },
  {
    name: 'an image that an overlay pins and nobody uses',
    edits: [
      append(
        'overlays/prototype/kafka-ui/kustomization.yaml',
        'images:\n  - name: kafbat/kafka-ui\n    newTag: 1.5.1\n',
      ),
    ],
    rule: 'kustomization/unmatched-image',
    file: 'overlays/prototype/kafka-ui/kustomization.yaml',
    find: 'name: kafbat/kafka-ui',
    says: ['kafbat/kafka-ui'],
  },
  {
    name: 'a replacement whose target object does not exist',
    edits: [
      replace(
        'components/public-host/grafana/kustomization.yaml',
        '          kind: StatefulSet\n          name: grafana\n',
        '          kind: StatefulSet\n          name: grafna\n',
      ),
    ],
    rule: 'kustomization/unmatched-replacement',
    file: 'components/public-host/grafana/kustomization.yaml',
    find: '          name: grafna',
    says: ['grafna', 'grafana'],
  },
  {
    name: 'a replacement whose target is of another kind',
    edits: [
      replace(
        'components/public-host/nifi/kustomization.yaml',
        '          kind: StatefulSet\n',
        '          kind: Deployment\n',
      ),
    ],
    rule: 'kustomization/unmatched-replacement',
    file: 'components/public-host/nifi/kustomization.yaml',
    find: '          kind: Deployment',
    says: ['Deployment', 'did you mean kind `StatefulSet`'],
  },
  {
    name: 'a replacement into a field that does not exist',
    edits: [
      replace(
        'components/public-host/grafana/kustomization.yaml',
        'env.[name=PUBLIC_HOST].value',
        'env.[name=PUBLIC_HOSTNAME].value',
      ),
    ],
    rule: 'render/build-failed',
    file: 'components/public-host/grafana/kustomization.yaml',
    find: 'env.[name=PUBLIC_HOSTNAME].value',
    says: ['PUBLIC_HOSTNAME'],
  },
  {
    name: 'a replacement whose source field does not exist',
    edits: [
      replace(
        'components/maven-repository/flink/kustomization.yaml',
        'fieldPath: data.mavenRepository',
        'fieldPath: data.mavenRepo',
      ),
    ],
    rule: 'render/build-failed',
    file: 'components/maven-repository/flink/kustomization.yaml',
    find: 'fieldPath: data.mavenRepo',
    says: ['mavenRepo'],
  },
  {
    name: 'a manifest that the kustomization of its base does not list',
    edits: [replace('base/grafana/kustomization.yaml', '  - ingress.yaml\n', '')],
    rule: 'kustomization/orphan-file',
    file: 'base/grafana/ingress.yaml',
    find: 'apiVersion: networking.k8s.io/v1',
    says: ['base/grafana/ingress.yaml', 'base/grafana/kustomization.yaml'],
  },
  {
    name: 'a patch that nobody applies, in an overlay',
    edits: [replace(kafkaOverlay, '  - path: settings.patch.yaml\n', '')],
    rule: 'kustomization/orphan-file',
    file: settings,
    find: 'apiVersion: apps/v1',
    says: ['settings.patch.yaml'],
    consequences: ['configuration/kafka-cluster-id base/kafka/statefulset.yaml'],
  },
  {
    name: 'a new manifest that nobody lists, in a component',
    edits: [
      add(
        'components/flux-metrics/prometheus/extra.yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n',
      ),
    ],
    rule: 'kustomization/orphan-file',
    file: 'components/flux-metrics/prometheus/extra.yaml',
    find: 'apiVersion: v1',
    says: ['extra.yaml'],
  },
  {
    name: 'a Flux Kustomization that nobody lists: its overlay is not deployed',
    edits: [replace('flux/prototype/kustomization.yaml', '  - kafka-ui.yaml\n', '')],
    rule: 'kustomization/orphan-file',
    file: 'flux/prototype/kafka-ui.yaml',
    find: 'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    says: ['flux/prototype/kafka-ui.yaml'],
    consequences: [
      'kustomization/orphan-directory overlays/prototype/kafka-ui/kustomization.yaml',
      'reference/service-address base/prometheus/config/prometheus.yml',
    ],
  },
  {
    name: 'a configuration file that no generator packs',
    edits: [replace('base/prometheus/kustomization.yaml', '      - config/rules/nifi.yml\n', '')],
    rule: 'kustomization/orphan-file',
    file: 'base/prometheus/config/rules/nifi.yml',
    find: 'groups:',
    says: ['config/rules/nifi.yml'],
  },
  {
    name: 'an overlay that no Flux Kustomization builds',
    edits: [
      add(
        'overlays/prototype/kafka-two/kustomization.yaml',
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../../base/kafka\n',
      ),
    ],
    rule: 'kustomization/orphan-directory',
    file: 'overlays/prototype/kafka-two/kustomization.yaml',
    find: 'apiVersion: kustomize.config.k8s.io/v1beta1',
    says: ['overlays/prototype/kafka-two', 'kafka-two'],
  },
  {
    name: '`resources: []` in an overlay',
    edits: [
      replace(
        'overlays/prototype/kafka-ui/kustomization.yaml',
        'resources:\n  - ../../../base/kafka-ui\n',
        'resources: []\n',
      ),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'overlays/prototype/kafka-ui/kustomization.yaml',
    find: 'resources: []',
    says: ['yields no object'],
    consequences: ['reference/service-address base/prometheus/config/prometheus.yml'],
  },
  {
    name: '`resources:` without a list in an overlay',
    edits: [
      replace(
        'overlays/prototype/storage/kustomization.yaml',
        'resources:\n  - ../../../base/storage\n',
        'resources:\n',
      ),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'overlays/prototype/storage/kustomization.yaml',
    find: 'resources:',
    says: ['yields no object'],
  },
  {
    name: 'an empty `resources:` in a base',
    edits: [
      replace('base/storage/kustomization.yaml', 'resources:\n  - storageclass.yaml\n', 'resources: []\n'),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'base/storage/kustomization.yaml',
    find: 'resources: []',
    says: ['yields no object'],
    consequences: ['kustomization/orphan-file base/storage/storageclass.yaml'],
  },
  {
    name: 'an empty `resources:` in a component',
    edits: [
      replace(
        'components/flux-metrics/prometheus/kustomization.yaml',
        'resources:\n  - role.yaml\n  - rolebinding.yaml\n',
        'resources: []\n',
      ),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'components/flux-metrics/prometheus/kustomization.yaml',
    find: 'resources: []',
    says: ['`resources` is empty'],
    consequences: [
      'kustomization/orphan-file components/flux-metrics/prometheus/role.yaml',
      'kustomization/orphan-file components/flux-metrics/prometheus/rolebinding.yaml',
    ],
  },
  {
    name: 'an empty kustomization for all of Flux',
    edits: [
      edit('flux/prototype/kustomization.yaml', (text) =>
        text.replace(/^resources:\n(?: {2}- .*\n)*/m, 'resources: []\n'),
      ),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'flux/prototype/kustomization.yaml',
    find: 'resources: []',
    says: ['yields no object'],
    consequences: ['kustomization/unmatched-patch flux/prototype/kustomization.yaml'],
  },
  {
    name: 'a misspelt field of a kustomization, in a base',
    edits: [replace('base/kafka/kustomization.yaml', 'configMapGenerator:', 'configMapGenerators:')],
    rule: 'kustomization/unknown-field',
    file: 'base/kafka/kustomization.yaml',
    find: 'configMapGenerators:',
    says: ['configMapGenerators', 'configMapGenerator'],
    consequences: [
      'kustomization/orphan-file base/kafka/config/jmx-exporter.yml',
      'kustomization/orphan-file base/kafka/config/start.sh',
    ],
  },
  {
    name: 'a misspelt field of a kustomization, in an overlay',
    edits: [replace('overlays/prototype/namespace/kustomization.yaml', 'patches:', 'patchs:')],
    rule: 'kustomization/unknown-field',
    file: 'overlays/prototype/namespace/kustomization.yaml',
    find: 'patchs:',
    says: ['patchs', 'patches'],
    consequences: [
      'kustomization/orphan-file overlays/prototype/namespace/pod-security.patch.yaml',
      // What is left is the base's level, restricted.
      'policy/pod-security *',
    ],
  },
  {
    name: 'a misspelt field within a replacement of a component',
    edits: [replace('components/public-host/grafana/kustomization.yaml', 'fieldPaths:', 'fieldPath:')],
    rule: 'kustomization/unknown-field',
    file: 'components/public-host/grafana/kustomization.yaml',
    find: '        fieldPath:',
    says: ['fieldPath', 'fieldPaths'],
  },
  {
    name: 'a file of a configMapGenerator that does not exist',
    edits: [remove('base/kafka/config/start.sh')],
    rule: 'kustomization/missing-file',
    file: 'base/kafka/kustomization.yaml',
    find: '- config/start.sh',
    says: ['base/kafka/config/start.sh'],
  },
  {
    name: 'a resource that does not exist',
    edits: [replace('base/grafana/kustomization.yaml', '  - service.yaml\n', '  - services.yaml\n')],
    rule: 'kustomization/missing-file',
    file: 'base/grafana/kustomization.yaml',
    find: '- services.yaml',
    says: ['services.yaml'],
    consequences: ['kustomization/orphan-file base/grafana/service.yaml'],
  },
  {
    name: 'a component that does not exist',
    edits: [replace(kafkaOverlay, 'components/public-host/kafka', 'components/public-hosts/kafka')],
    rule: 'kustomization/missing-file',
    file: kafkaOverlay,
    find: 'components/public-hosts/kafka',
    says: ['components/public-hosts/kafka'],
    consequences: ['kustomization/orphan-directory components/public-host/kafka/kustomization.yaml'],
  },
  {
    name: 'a Component among the resources',
    edits: [
      replace(
        'overlays/prototype/traefik/kustomization.yaml',
        'components:\n  - ../environment\n',
        '  - ../environment\ncomponents:\n',
      ),
    ],
    rule: 'kustomization/component-kind',
    file: 'overlays/prototype/traefik/kustomization.yaml',
    find: '- ../environment',
    says: ['Component'],
  },
  {
    name: 'a JSON patch that adds below a parent that is missing',
    edits: [
      append(
        'overlays/prototype/ksqldb/kustomization.yaml',
        'patches:\n  - target:\n      kind: StatefulSet\n      name: ksqldb\n    patch: |-\n      - op: add\n        path: /spec/template/metadata/annotations/example.com~1restart\n        value: "1"\n',
      ),
    ],
    rule: 'render/build-failed',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: 'path: /spec/template/metadata/annotations/example.com~1restart',
    says: ['annotations'],
  },
  {
    name: 'a replica count for a workload that does not exist',
    edits: [
      append(
        'overlays/prototype/ksqldb/kustomization.yaml',
        'replicas:\n  - name: ksqldb-server\n    count: 2\n',
      ),
    ],
    rule: 'render/build-failed',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: '- name: ksqldb-server',
    says: ['ksqldb-server'],
  },
  {
    name: 'commonLabels, which change the selectors of what runs already',
    edits: [
      append('overlays/prototype/ksqldb/kustomization.yaml', 'commonLabels:\n  example.com/tier: gold\n'),
    ],
    rule: 'kustomization/selector-labels',
    severity: 'warning',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: 'commonLabels:',
    says: ['selector'],
  },
  {
    name: 'two files for one kustomization',
    edits: [
      add(
        'base/kafka/kustomization.yml',
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml]\n',
      ),
    ],
    rule: 'kustomization/rival-file',
    file: 'base/kafka/kustomization.yml',
    find: 'apiVersion: kustomize.config.k8s.io/v1beta1',
    says: ['kustomization.yaml'],
    consequences: ['render/build-failed base/kafka/kustomization.yaml'],
  },
  {
    name: 'a base that reads a file from outside its directory',
    edits: [replace('base/kafka/kustomization.yaml', '- config/start.sh', '- ../ksqldb/config/start.sh')],
    rule: 'kustomization/load-restriction',
    file: 'base/kafka/kustomization.yaml',
    find: '- ../ksqldb/config/start.sh',
    says: ['../ksqldb/config/start.sh'],
    consequences: [
      'kustomization/orphan-file base/kafka/config/start.sh',
      // Nor is the other component's directory among those that Kafka's source checks out.
      'kustomization/not-in-artifact base/kafka/kustomization.yaml',
    ],
  },
  {
    name: 'a file outside of the repository',
    edits: [replace('base/kafka/kustomization.yaml', '- config/start.sh', '- ../../../start.sh')],
    rule: 'kustomization/outside-repository',
    file: 'base/kafka/kustomization.yaml',
    find: '- ../../../start.sh',
    says: ['../../../start.sh'],
    consequences: ['kustomization/orphan-file base/kafka/config/start.sh'],
  },
  {
    name: 'one resource listed twice',
    edits: [
      replace(
        'base/grafana/kustomization.yaml',
        '  - service.yaml\n',
        '  - service.yaml\n  - ./service.yaml\n',
      ),
    ],
    rule: 'kustomization/repeated-reference',
    file: 'base/grafana/kustomization.yaml',
    find: '- ./service.yaml',
    says: ['service.yaml'],
  },
  {
    name: 'a file that Flux leaves out of its artifact',
    edits: [append('.sourceignore', '/base/kafka/config/start.sh\n')],
    rule: 'kustomization/not-in-artifact',
    file: 'base/kafka/kustomization.yaml',
    find: '- config/start.sh',
    says: ['config/start.sh', 'source-controller ignores'],
  },
];
