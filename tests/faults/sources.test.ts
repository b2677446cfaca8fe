// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax for variables.
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { type Fault, testFaults } from './fault.ts';
import { add, append, edit, remove, replace } from './overlay-files.ts';

// Faults in how files are written, put together and built. The catalogue of faults that the platform keeps for its validator
// has two parts that stand elsewhere: objects.test.ts has those of schemas, references and Flux's graph, and those that only
// later stages see (API server, policy, network, configuration, images, promotion) come with these stages.

const kafkaSet = 'base/kafka/statefulset.yaml';
const kafkaOverlay = 'overlays/prototype/kafka/kustomization.yaml';
const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const hostListener = 'components/public-host/kafka/host-listener.patch.yaml';
const fluxKafka = 'flux/prototype/kafka.yaml';

/** Gives a Flux Kustomization a variable, so that Flux substitutes in what it builds. */
const withVariables = (file: string, ...lines: string[]) =>
  append(file, `  postBuild:\n    substitute:\n${lines.map((line) => `      ${line}\n`).join('')}`);

test('the repository as it is, is green', () => {
  const { ok, findings } = check([]);
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(ok).toBe(true);
});

const yaml: readonly Fault[] = [
  {
    name: 'a duplicate key in a StatefulSet of a base',
    edits: [replace(kafkaSet, '  replicas: 1\n', '  replicas: 1\n  replicas: 3\n')],
    rule: 'yaml/duplicate-key',
    file: kafkaSet,
    find: '  replicas: 3',
    says: ['`replicas`'],
  },
  {
    name: 'a duplicate key in a Service',
    edits: [replace('base/grafana/service.yaml', '      port: 3000\n', '      port: 3000\n      port: 3001\n')],
    rule: 'yaml/duplicate-key',
    file: 'base/grafana/service.yaml',
    find: 'port: 3001',
    says: ['`port`'],
  },
  {
    name: 'a duplicate key in the patch of an overlay, where the last one wins',
    edits: [replace(settings, 'value: "true"', 'value: "true"\n              value: "false"')],
    rule: 'yaml/duplicate-key',
    file: settings,
    find: 'value: "false"',
    says: ['`value`'],
  },
  {
    name: 'a duplicate key in the patch of a component',
    edits: [replace(hostListener, 'containerPort: 9094', 'containerPort: 9094\n              name: outside')],
    rule: 'yaml/duplicate-key',
    file: hostListener,
    find: 'name: outside',
    says: ['`name`'],
  },
  {
    name: 'a duplicate key in a Flux Kustomization',
    edits: [replace(fluxKafka, '  timeout: 15m\n', '  timeout: 15m\n  timeout: 5m\n')],
    rule: 'yaml/duplicate-key',
    file: fluxKafka,
    find: 'timeout: 5m',
    says: ['`timeout`'],
  },
  {
    name: '`resources:` twice in a base: the first list is gone',
    edits: [append('base/kafka-ui/kustomization.yaml', 'resources:\n  - service.yaml\n')],
    rule: 'yaml/duplicate-key',
    file: 'base/kafka-ui/kustomization.yaml',
    find: 'newTag: 1.5.0\nresources:',
    says: ['`resources`'],
  },
  {
    name: 'a quote that is never closed, in an overlay',
    edits: [replace(settings, 'value: "true"', 'value: "true')],
    rule: 'yaml/syntax',
    file: settings,
    find: 'value: "true\n',
    says: ['quote'],
  },
  {
    name: 'a colon in plain text, in a base',
    edits: [
      replace('base/kafka-ui/service.yaml', 'name: kafka-ui-service', 'name: kafka-ui-service: main'),
    ],
    rule: 'yaml/syntax',
    file: 'base/kafka-ui/service.yaml',
    find: 'name: kafka-ui-service: main',
    says: [],
  },
  {
    name: 'a tab as indentation',
    edits: [replace('base/grafana/service.yaml', '      port: 3000', '\tport: 3000')],
    rule: 'yaml/tab-indentation',
    file: 'base/grafana/service.yaml',
    find: '\tport: 3000',
    says: [],
  },
  {
    name: 'a number without quotes in a ConfigMap',
    edits: [
      replace('overlays/prototype/environment/environment.yaml', 'nodeCount: "1"', 'nodeCount: 1'),
    ],
    rule: 'yaml/string-value',
    file: 'overlays/prototype/environment/environment.yaml',
    find: 'nodeCount: 1',
    says: ['nodeCount'],
  },
  {
    name: 'a boolean without quotes in an environment variable of a patch',
    edits: [replace(settings, 'value: "true"', 'value: true')],
    rule: 'yaml/string-value',
    file: settings,
    find: 'value: true',
    says: ['KAFKA_AUTO_CREATE_TOPICS_ENABLE', 'boolean'],
    consequences: [`schema/type ${settings}`],
  },
  {
    name: 'a manifest with comments alone',
    edits: [edit('base/kafka-ui/ingress.yaml', (text) => text.replace(/^/gm, '# '))],
    rule: 'yaml/empty-file',
    file: 'base/kafka-ui/ingress.yaml',
    find: '# apiVersion',
    says: ['base/kafka-ui/ingress.yaml'],
  },
  {
    name: 'a patch with comments alone',
    edits: [edit(settings, () => '# nothing yet\n')],
    rule: 'yaml/empty-file',
    file: settings,
    find: '# nothing yet',
    says: ['settings.patch.yaml'],
  },
  {
    name: 'an octal mode in quotes',
    edits: [replace('base/nifi/job.yaml', 'defaultMode: 0440', 'defaultMode: "0440"')],
    rule: 'yaml/octal-number',
    file: 'base/nifi/job.yaml',
    find: 'defaultMode: "0440"',
    says: ['0440'],
    consequences: ['schema/type base/nifi/job.yaml'],
  },
  {
    name: 'a mode that lost its leading zero',
    edits: [replace('base/nifi/job.yaml', 'defaultMode: 0440', 'defaultMode: 440')],
    rule: 'yaml/octal-number',
    file: 'base/nifi/job.yaml',
    find: 'defaultMode: 440',
    says: ['440'],
  },
  {
    name: 'a merge key whose mapping hides a part of what it merges',
    edits: [
      replace(
        'base/grafana/statefulset.yaml',
        '          readinessProbe:\n            httpGet:\n              path: /grafana/api/health\n              port: http\n            periodSeconds: 10\n            timeoutSeconds: 5\n          livenessProbe:\n',
        '          readinessProbe: &probe\n            httpGet:\n              path: /grafana/api/health\n              port: http\n            periodSeconds: 10\n            timeoutSeconds: 5\n          livenessProbe:\n            <<: *probe\n',
      ),
    ],
    rule: 'yaml/merge-key',
    severity: 'warning',
    file: 'base/grafana/statefulset.yaml',
    find: '<<: *probe\n            httpGet:',
    says: ['httpGet'],
  },
  {
    name: 'an alias without an anchor',
    edits: [replace('base/grafana/service.yaml', 'targetPort: http', 'targetPort: *http')],
    rule: 'yaml/alias',
    file: 'base/grafana/service.yaml',
    find: 'targetPort: *http',
    says: ['http'],
  },
  {
    name: 'a document after `...`',
    edits: [append('base/grafana/service.yaml', '...\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: lost\n')],
    rule: 'yaml/dropped-document',
    file: 'base/grafana/service.yaml',
    find: '...\napiVersion: v1',
    says: [],
  },
];

const kustomization: readonly Fault[] = [
  {
    name: 'a strategic patch with a name that no object has',
    edits: [replace(settings, '  name: kafka\n  namespace', '  name: kafak\n  namespace')],
    rule: 'kustomization/unmatched-patch',
    file: kafkaOverlay,
    find: 'path: settings.patch.yaml',
    says: ['kafak', 'kafka'],
    consequences: [`render/build-failed ${settings}`],
  },
  {
    name: 'a strategic patch without the namespace that the object has',
    edits: [replace(hostListener, '  namespace: infometis\n', '')],
    rule: 'kustomization/unmatched-patch',
    file: 'components/public-host/kafka/kustomization.yaml',
    find: 'path: host-listener.patch.yaml',
    says: ['namespace'],
  },
  {
    name: 'a patch whose target matches nothing, in a component',
    edits: [
      replace(
        'components/bind-address/traefik/kustomization.yaml',
        '  - path: host-ports.patch.yaml\n',
        '  - path: host-ports.patch.yaml\n    target:\n      kind: Deployment\n      name: traefic\n',
      ),
    ],
    rule: 'kustomization/unmatched-patch',
    file: 'components/bind-address/traefik/kustomization.yaml',
    find: 'path: host-ports.patch.yaml',
    says: ['traefic', 'traefik'],
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
    find: '  - target:',
    says: ['ksqlbd', 'ksqldb'],
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
    find: 'path: defaults.patch.yaml',
    says: ['infometi'],
    consequences: ['*'],
  },
  {
    name: 'an image name with a typo, in a base',
    edits: [replace('base/kafka-ui/kustomization.yaml', 'name: ghcr.io/kafbat/kafka-ui', 'name: ghcr.io/kafbat/kafkaui')],
    rule: 'kustomization/unmatched-image',
    file: 'base/kafka-ui/kustomization.yaml',
    find: 'name: ghcr.io/kafbat/kafkaui',
    says: ['ghcr.io/kafbat/kafkaui'],
  },
  {
    name: 'an image that an overlay pins and nobody uses',
    edits: [
      append('overlays/prototype/kafka-ui/kustomization.yaml', 'images:\n  - name: kafbat/kafka-ui\n    newTag: 1.5.1\n'),
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
    find: '      - select:',
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
    find: '      - select:',
    says: ['Deployment'],
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
  },
  {
    name: 'a new manifest that nobody lists, in a component',
    edits: [
      add('components/flux-metrics/prometheus/extra.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n'),
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
    consequences: ['*'],
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
    says: ['overlays/prototype/kafka-ui'],
    consequences: ['*'],
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
    says: ['overlays/prototype/storage'],
    consequences: ['*'],
  },
  {
    name: 'an empty `resources:` in a base',
    edits: [
      replace('base/storage/kustomization.yaml', 'resources:\n  - storageclass.yaml\n', 'resources: []\n'),
    ],
    rule: 'kustomization/yields-nothing',
    file: 'base/storage/kustomization.yaml',
    find: 'resources: []',
    says: ['base/storage'],
    consequences: ['*'],
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
    says: ['components/flux-metrics/prometheus'],
    consequences: ['*'],
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
    says: ['flux/prototype'],
    consequences: ['*'],
  },
  {
    name: 'a misspelt field of a kustomization, in a base',
    edits: [replace('base/kafka/kustomization.yaml', 'configMapGenerator:', 'configMapGenerators:')],
    rule: 'kustomization/unknown-field',
    file: 'base/kafka/kustomization.yaml',
    find: 'configMapGenerators:',
    says: ['configMapGenerators', 'configMapGenerator'],
    consequences: ['*'],
  },
  {
    name: 'a misspelt field of a kustomization, in an overlay',
    edits: [replace('overlays/prototype/namespace/kustomization.yaml', 'patches:', 'patchs:')],
    rule: 'kustomization/unknown-field',
    file: 'overlays/prototype/namespace/kustomization.yaml',
    find: 'patchs:',
    says: ['patchs', 'patches'],
    consequences: ['*'],
  },
  {
    name: 'a misspelt field within a replacement of a component',
    edits: [replace('components/public-host/grafana/kustomization.yaml', 'fieldPaths:', 'fieldPath:')],
    rule: 'kustomization/unknown-field',
    file: 'components/public-host/grafana/kustomization.yaml',
    find: '        fieldPath:',
    says: ['fieldPath', 'fieldPaths'],
    consequences: ['*'],
  },
  {
    name: 'a file of a configMapGenerator that does not exist',
    edits: [remove('base/kafka/config/start.sh')],
    rule: 'kustomization/missing-file',
    file: 'base/kafka/kustomization.yaml',
    find: '- config/start.sh',
    says: ['base/kafka/config/start.sh'],
    consequences: ['*'],
  },
  {
    name: 'a resource that does not exist',
    edits: [replace('base/grafana/kustomization.yaml', '  - service.yaml\n', '  - services.yaml\n')],
    rule: 'kustomization/missing-file',
    file: 'base/grafana/kustomization.yaml',
    find: '- services.yaml',
    says: ['services.yaml'],
    consequences: ['*'],
  },
  {
    name: 'a component that does not exist',
    edits: [replace(kafkaOverlay, 'components/public-host/kafka', 'components/public-hosts/kafka')],
    rule: 'kustomization/missing-file',
    file: kafkaOverlay,
    find: 'components/public-hosts/kafka',
    says: ['components/public-hosts/kafka'],
    consequences: ['*'],
  },
  {
    name: 'a Component among the resources',
    edits: [
      replace('overlays/prototype/traefik/kustomization.yaml', 'components:\n  - ../environment\n', '  - ../environment\ncomponents:\n'),
    ],
    rule: 'kustomization/component-kind',
    file: 'overlays/prototype/traefik/kustomization.yaml',
    find: '- ../environment',
    says: ['Component'],
    consequences: ['*'],
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
    find: '      - op: add',
    says: ['annotations'],
  },
  {
    name: 'a replica count for a workload that does not exist',
    edits: [
      append('overlays/prototype/ksqldb/kustomization.yaml', 'replicas:\n  - name: ksqldb-server\n    count: 2\n'),
    ],
    rule: 'render/build-failed',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: '- name: ksqldb-server',
    says: ['ksqldb-server'],
  },
  {
    name: 'commonLabels, which change the selectors of what runs already',
    edits: [append('overlays/prototype/ksqldb/kustomization.yaml', 'commonLabels:\n  example.com/tier: gold\n')],
    rule: 'kustomization/selector-labels',
    severity: 'warning',
    file: 'overlays/prototype/ksqldb/kustomization.yaml',
    find: 'commonLabels:',
    says: ['selector'],
  },
  {
    name: 'two files for one kustomization',
    edits: [
      add('base/kafka/kustomization.yml', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml]\n'),
    ],
    rule: 'kustomization/rival-file',
    file: 'base/kafka/kustomization.yml',
    find: 'apiVersion: kustomize.config.k8s.io/v1beta1',
    says: ['kustomization.yaml'],
    consequences: ['*'],
  },
  {
    name: 'a base that reads a file from outside its directory',
    edits: [replace('base/kafka/kustomization.yaml', '- config/start.sh', '- ../ksqldb/config/start.sh')],
    rule: 'kustomization/load-restriction',
    file: 'base/kafka/kustomization.yaml',
    find: '- ../ksqldb/config/start.sh',
    says: ['../ksqldb/config/start.sh'],
    consequences: ['kustomization/orphan-file base/kafka/config/start.sh'],
  },
  {
    name: 'a file outside of the repository',
    edits: [replace('base/kafka/kustomization.yaml', '- config/start.sh', '- ../../../start.sh')],
    rule: 'kustomization/outside-repository',
    file: 'base/kafka/kustomization.yaml',
    find: '- ../../../start.sh',
    says: ['../../../start.sh'],
    consequences: ['*'],
  },
  {
    name: 'one resource listed twice',
    edits: [replace('base/grafana/kustomization.yaml', '  - service.yaml\n', '  - service.yaml\n  - ./service.yaml\n')],
    rule: 'kustomization/repeated-reference',
    file: 'base/grafana/kustomization.yaml',
    find: '- ./service.yaml',
    says: ['service.yaml'],
    consequences: ['*'],
  },
  {
    name: 'a file that Flux leaves out of its artifact',
    edits: [append('flux/prototype/flux-system/gotk-sync.yaml', ''), add('.sourceignore', '/base/kafka/config/\n')],
    rule: 'kustomization/not-in-artifact',
    file: 'base/kafka/kustomization.yaml',
    find: '- config/start.sh',
    says: ['config/start.sh'],
    consequences: ['*'],
  },
];

const substitution: readonly Fault[] = [
  {
    name: 'a variable that is not set, in an environment variable',
    edits: [replace(settings, '2WQlcpuBS43JDWQlTLyRtA', '${CLUSTER_ID}'), withVariables(fluxKafka, 'REGION: home')],
    rule: 'substitution/undefined-variable',
    file: settings,
    find: '${CLUSTER_ID}',
    says: ['CLUSTER_ID'],
    consequences: ['*'],
  },
  {
    name: 'a variable with a typo, in an image',
    edits: [
      replace('base/kafka-ui/deployment.yaml', 'image: ghcr.io/kafbat/kafka-ui', 'image: ${REGISTRI}/kafbat/kafka-ui'),
      replace('base/kafka-ui/kustomization.yaml', 'images:\n', ''),
      edit('base/kafka-ui/kustomization.yaml', (text) => text.replace(/ {2}(?:#.*\n {2})?- name: ghcr[^]*$/, '')),
      withVariables('flux/prototype/kafka-ui.yaml', 'REGISTRY: ghcr.io'),
    ],
    rule: 'substitution/undefined-variable',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'image: ${REGISTRI}/kafbat/kafka-ui',
    says: ['REGISTRI', 'REGISTRY'],
    consequences: ['*'],
  },
  {
    name: 'a variable that is not set, in the host of an Ingress',
    edits: [
      replace('base/grafana/ingress.yaml', '    - http:', '    - host: ${DOMAIN}\n      http:'),
      withVariables('flux/prototype/grafana.yaml', 'HOST: localhost'),
    ],
    rule: 'substitution/undefined-variable',
    file: 'base/grafana/ingress.yaml',
    find: 'host: ${DOMAIN}',
    says: ['DOMAIN'],
    consequences: ['*'],
  },
  {
    name: 'a variable in generated configuration that is not set',
    edits: [
      append('base/kafka/config/jmx-exporter.yml', '# ${CLUSTER}\n'),
      withVariables(fluxKafka, 'REGION: home'),
    ],
    rule: 'substitution/undefined-variable',
    file: 'base/kafka/config/jmx-exporter.yml',
    find: '# ${CLUSTER}',
    says: ['CLUSTER'],
    consequences: ['*'],
  },
  {
    name: 'a script with `${…}` in a build with variables',
    edits: [
      append('base/kafka/config/start.sh', 'echo "${KAFKA_HEAP_OPTS#-X}"\n'),
      withVariables(fluxKafka, 'REGION: home'),
    ],
    rule: 'substitution/undefined-variable',
    file: 'base/kafka/config/start.sh',
    find: '${KAFKA_HEAP_OPTS#-X}',
    says: ['KAFKA_HEAP_OPTS'],
    consequences: ['*'],
  },
  {
    name: 'a script with `${…}` that Flux cannot read',
    edits: [
      append('base/kafka/config/start.sh', 'echo "${!name}"\n'),
      withVariables(fluxKafka, 'REGION: home'),
    ],
    rule: 'substitution/bad-syntax',
    file: 'base/kafka/config/start.sh',
    find: '${!name}',
    says: ['${!name}'],
    consequences: ['*'],
  },
  {
    name: 'a variable in the host of an Ingress, where nothing is substituted',
    edits: [replace('base/grafana/ingress.yaml', '    - http:', '    - host: ${DOMAIN}\n      http:')],
    rule: 'substitution/unsubstituted',
    file: 'base/grafana/ingress.yaml',
    find: 'host: ${DOMAIN}',
    says: ['DOMAIN', 'grafana'],
    consequences: ['*'],
  },
  {
    name: 'a variable in the tag of an image, where nothing is substituted',
    edits: [replace('base/grafana/kustomization.yaml', 'newTag: 10.0.3', 'newTag: ${GRAFANA_VERSION}')],
    rule: 'substitution/unsubstituted',
    file: 'base/grafana/kustomization.yaml',
    find: 'newTag: ${GRAFANA_VERSION}',
    says: ['GRAFANA_VERSION'],
    consequences: ['*'],
  },
  {
    name: 'a variable in the patch of an environment variable, where nothing is substituted',
    edits: [replace(settings, '2WQlcpuBS43JDWQlTLyRtA', '${CLUSTER_ID}')],
    rule: 'substitution/placeholder',
    file: settings,
    find: '${CLUSTER_ID}',
    says: ['${CLUSTER_ID}'],
  },
  {
    name: 'a variable in generated configuration, where nothing is substituted',
    edits: [append('base/kafka/config/jmx-exporter.yml', '# ${CLUSTER}\n')],
    rule: 'substitution/placeholder',
    file: 'base/kafka/config/jmx-exporter.yml',
    find: '# ${CLUSTER}',
    says: ['${CLUSTER}'],
  },
  {
    name: 'a variable in the storage request of a claim, where nothing is substituted',
    edits: [replace('base/flink/persistentvolumeclaim.yaml', 'storage: 5Gi', 'storage: ${SIZE}')],
    rule: 'substitution/unsubstituted',
    file: 'base/flink/persistentvolumeclaim.yaml',
    find: 'storage: ${SIZE}',
    says: ['SIZE'],
    consequences: ['*'],
  },
  {
    name: 'a variable in the path of a Flux Kustomization',
    edits: [replace(fluxKafka, 'path: ./overlays/prototype/kafka', 'path: ./overlays/${ENVIRONMENT}/kafka')],
    rule: 'substitution/unsubstituted',
    file: fluxKafka,
    find: 'path: ./overlays/${ENVIRONMENT}/kafka',
    says: ['ENVIRONMENT'],
    consequences: ['*'],
  },
  {
    name: 'a variable whose name Flux refuses',
    edits: [withVariables(fluxKafka, 'cluster-id: one')],
    rule: 'substitution/invalid-name',
    file: fluxKafka,
    find: 'cluster-id: one',
    says: ['cluster-id'],
    consequences: ['*'],
  },
  {
    name: 'a variable whose number loses its quotes',
    edits: [
      replace(settings, 'value: 2WQlcpuBS43JDWQlTLyRtA', 'value: "${NUMBER}"'),
      withVariables(fluxKafka, 'NUMBER: "12345"'),
    ],
    rule: 'substitution/lost-quotes',
    file: settings,
    find: 'value: "${NUMBER}"',
    says: ['NUMBER'],
    consequences: ['*'],
  },
];

testFaults('yaml', yaml);
testFaults('kustomization and render', kustomization);
testFaults('substitution', substitution);
