import type { Fault } from './fault.ts';
import { append, edit, replace } from './overlay-files.ts';

const fluxKafka = 'flux/prototype/kafka.yaml';
const defaults = 'flux/prototype/defaults.patch.yaml';

const dependsOn = (name: string): string => `    - name: ${name}\n`;

/** Faults in what Flux is told to do. */
export const fluxFaults: readonly Fault[] = [
  {
    name: 'a dependency that does not exist, for a component',
    edits: [replace(fluxKafka, dependsOn('policies'), dependsOn('policy'))],
    rule: 'flux/depends-on',
    file: fluxKafka,
    find: '- name: policy',
    says: ['flux-system/policy', 'does not exist'],
  },
  {
    name: 'a dependency that does not exist, for a cluster-scoped component',
    edits: [replace('flux/prototype/traefik.yaml', dependsOn('namespace'), dependsOn('namespaces'))],
    rule: 'flux/depends-on',
    file: 'flux/prototype/traefik.yaml',
    find: '- name: namespaces',
    says: ['namespaces', 'namespace'],
  },
  {
    name: 'a dependency that does not exist, in the shared defaults',
    edits: [append(defaults, '  dependsOn:\n    - name: cert-manager\n')],
    rule: 'flux/depends-on',
    file: defaults,
    find: '- name: cert-manager',
    says: ['cert-manager'],
  },
  {
    name: 'a dependency in a namespace where it is not',
    edits: [
      replace(
        'flux/prototype/flink.yaml',
        dependsOn('policies'),
        `${dependsOn('policies')}      namespace: infometis\n`,
      ),
    ],
    rule: 'flux/depends-on',
    file: 'flux/prototype/flink.yaml',
    find: '- name: policies',
    says: ['policies', 'infometis'],
  },
  {
    name: 'two components that wait for each other',
    edits: [append('flux/prototype/policies.yaml', `  dependsOn:\n${dependsOn('kafka')}`)],
    rule: 'flux/dependency-cycle',
    file: fluxKafka,
    find: '- name: policies',
    says: ['kafka', 'policies'],
  },
  {
    name: 'a path that does not exist',
    edits: [replace(fluxKafka, 'path: ./overlays/prototype/kafka', 'path: ./overlays/prototype/kafak')],
    rule: 'flux/path',
    file: fluxKafka,
    find: 'path: ./overlays/prototype/kafak',
    says: ['kafak', 'did you mean `./overlays/prototype/kafka`'],
  },
  {
    name: 'a path to a file',
    edits: [
      replace(
        'flux/prototype/storage.yaml',
        'path: ./overlays/prototype/storage',
        'path: ./overlays/prototype/storage/kustomization.yaml',
      ),
    ],
    rule: 'flux/path',
    file: 'flux/prototype/storage.yaml',
    find: 'path: ./overlays/prototype/storage/kustomization.yaml',
    says: ['kustomization.yaml', 'not a directory'],
  },
  {
    name: 'a source that does not exist, in the shared defaults',
    edits: [replace(defaults, '    name: flux-system', '    name: flux-sytem')],
    rule: 'flux/source-reference',
    file: defaults,
    find: '    name: flux-sytem',
    says: ['flux-sytem', 'flux-system'],
  },
  {
    name: 'variables from a ConfigMap that does not exist',
    edits: [
      append(
        fluxKafka,
        '  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: cluster-settings\n',
      ),
    ],
    rule: 'flux/substitute-from',
    file: fluxKafka,
    find: 'name: cluster-settings',
    says: ['cluster-settings'],
  },
  {
    name: 'a health check for an object that does not exist',
    edits: [
      append(
        fluxKafka,
        '  healthChecks:\n    - apiVersion: apps/v1\n      kind: StatefulSet\n      namespace: infometis\n      name: kafka-broker\n',
      ),
      edit(defaults, (text) => text.replace('  wait: true\n', '')),
    ],
    rule: 'flux/health-check',
    file: fluxKafka,
    find: 'name: kafka-broker',
    says: ['kafka-broker'],
    consequences: ['flux/required-fields *'],
  },
  {
    name: 'an account for Flux that does not exist',
    edits: [
      replace(
        'flux/prototype/grafana.yaml',
        'serviceAccountName: component-applier',
        'serviceAccountName: component-aplier',
      ),
    ],
    rule: 'flux/service-account',
    file: 'flux/prototype/grafana.yaml',
    find: 'serviceAccountName: component-aplier',
    says: ['component-aplier', 'component-applier'],
  },
  {
    name: 'two Kustomizations of one name',
    edits: [
      edit('flux/prototype/kafka-ui.yaml', (text) => text.replace('  name: kafka-ui', '  name: kafka')),
    ],
    rule: 'render/build-failed',
    file: 'flux/prototype/kustomization.yaml',
    find: '- kafka-ui.yaml',
    says: ['Kustomization flux-system/kafka is there already', 'flux/prototype/kafka.yaml'],
  },
  {
    name: 'two Kustomizations that apply the same objects',
    edits: [
      replace(
        'flux/prototype/kafka-ui.yaml',
        'path: ./overlays/prototype/kafka-ui',
        'path: ./overlays/prototype/kafka',
      ),
    ],
    rule: 'flux/double-ownership',
    severity: 'warning',
    file: 'base/kafka/statefulset.yaml',
    find: 'kind: StatefulSet\nmetadata:\n  name: kafka',
    says: ['kafka', 'kafka-ui'],
    consequences: [
      'configuration/kafka-quorum base/kafka/statefulset.yaml',
      'configuration/kafka-replication *',

      'kustomization/orphan-directory overlays/prototype/kafka-ui/kustomization.yaml',
      'reference/service-address base/prometheus/config/prometheus.yml',
    ],
  },
  {
    name: 'a volume that Flux would delete with its component',
    edits: [
      edit('overlays/prototype/kafka/persistentvolume.yaml', (text) =>
        text.replace(/ {2}annotations:\n(?: {4}.*\n)+/, ''),
      ),
    ],
    rule: 'flux/prune-protection',
    file: 'overlays/prototype/kafka/persistentvolume.yaml',
    find: '  name: kafka-data',
    says: ['kafka-data'],
    consequences: ['flux/applier-rights *'],
  },
  {
    name: 'a claim that Flux would delete with its component',
    edits: [
      edit('base/flink/persistentvolumeclaim.yaml', (text) =>
        text.replace(/ {2}annotations:\n(?: {4}.*\n)+/, ''),
      ),
    ],
    rule: 'flux/prune-protection',
    file: 'base/flink/persistentvolumeclaim.yaml',
    find: 'metadata:\n  name: flink-data',
    says: ['flink-data'],
    consequences: ['flux/applier-rights *'],
  },
  {
    name: 'a claim whose protection has a value that Flux does not know',
    edits: [
      replace(
        'base/flink/persistentvolumeclaim.yaml',
        'kustomize.toolkit.fluxcd.io/prune: disabled',
        'kustomize.toolkit.fluxcd.io/prune: "false"',
      ),
    ],
    rule: 'flux/prune-protection',
    file: 'base/flink/persistentvolumeclaim.yaml',
    find: 'kustomize.toolkit.fluxcd.io/prune: "false"',
    says: ['flink-data', '`false`', '`disabled`'],
    consequences: ['flux/applier-rights *'],
  },
  {
    name: 'a Job whose annotation has a value that Flux does not know',
    edits: [
      replace(
        'base/nifi/job.yaml',
        'kustomize.toolkit.fluxcd.io/force: enabled',
        'kustomize.toolkit.fluxcd.io/force: "true"',
      ),
    ],
    rule: 'flux/job',
    file: 'base/nifi/job.yaml',
    find: 'kustomize.toolkit.fluxcd.io/force: "true"',
    says: ['nifi-setup', '`true`', '`enabled`'],
  },
  {
    name: 'a Job that cannot be changed',
    edits: [edit('base/nifi/job.yaml', (text) => text.replace(/ {2}annotations:\n(?: {4}.*\n)+/, ''))],
    rule: 'flux/job',
    file: 'base/nifi/job.yaml',
    find: 'kind: Job\nmetadata:',
    says: ['nifi-setup'],
  },
  {
    name: 'a component without the account that limits it',
    edits: [replace(fluxKafka, '  serviceAccountName: component-applier\n', '')],
    rule: 'flux/required-fields',
    file: fluxKafka,
    find: 'spec:',
    says: ['serviceAccountName', 'cluster-admin'],
  },
  {
    name: 'a component that is deployed before its namespace',
    edits: [replace(fluxKafka, dependsOn('namespace'), '')],
    rule: 'flux/namespace-order',
    severity: 'warning',
    file: fluxKafka,
    find: 'dependsOn:',
    says: ['namespace'],
  },
  {
    name: 'a name that is reserved for what `flux bootstrap` writes',
    edits: [
      edit('flux/prototype/storage.yaml', (text) => text.replace('  name: storage', '  name: flux-system')),
    ],
    rule: 'flux/reserved-name',
    file: 'flux/prototype/storage.yaml',
    find: '  name: flux-system',
    says: ['flux-system'],
  },
  {
    name: 'a component that is suspended in Git',
    edits: [append(fluxKafka, '  suspend: true\n')],
    rule: 'flux/suspended',
    severity: 'warning',
    file: fluxKafka,
    find: 'suspend: true',
    says: ['kafka'],
  },
];
