import { type Edit, edit, remove, replace } from './overlay-files.ts';

/**
 * Undoings that leave everything consistent: the gate has nothing against a platform without snapshots. What the seed recommends is
 * gone all the same, and `npm test` says so, since the statement (tests/seed) no longer holds.
 */
export interface Undoing {
  /** Id of the statement. */
  readonly undoes: string;
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Words of what the proof then says. */
  readonly says: readonly string[];
}

const without = (path: string, lines: RegExp): Edit => edit(path, (text) => text.replace(lines, ''));

export const undoings: readonly Undoing[] = [
  {
    undoes: 'production-tls',
    name: 'a port for metrics that others may reach',
    edits: [
      replace(
        'components/network-policy/kafka/networkpolicy.yaml',
        '      ports:\n        - port: 7071 # metrics\n',
        '        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: grafana\n      ports:\n        - port: 7071 # metrics\n',
      ),
    ],
    says: ['port 7071', 'open to grafana'],
  },
  {
    undoes: 'production-sasl',
    name: 'topics that are made by whoever writes to them',
    edits: [
      edit('base/kafka/statefulset.yaml', (text) =>
        text.replace(/(- name: KAFKA_AUTO_CREATE_TOPICS_ENABLE\n +value: )"false"/, '$1"true"'),
      ),
    ],
    says: ['KAFKA_AUTO_CREATE_TOPICS_ENABLE', '"true"'],
  },
  {
    undoes: 'production-network-policies',
    name: 'a network that enforces no policy',
    edits: [replace('k0s/small-production.yaml', 'provider: kuberouter', 'provider: custom')],
    says: ['provider', 'kuberouter'],
  },
  {
    undoes: 'production-identity',
    name: 'people without a group let into Grafana',
    edits: [
      edit('components/oidc/grafana/sign-in.patch.yaml', (text) =>
        text.replace(/(- name: GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT\n +value: )"true"/, '$1"false"'),
      ),
    ],
    says: ['GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT'],
  },
  {
    undoes: 'ha-nodes',
    name: 'a node less',
    edits: [
      replace('overlays/small-production/environment/environment.yaml', 'nodeCount: "3"', 'nodeCount: "2"'),
    ],
    says: ['nodeCount', '"3"'],
  },
  {
    undoes: 'ha-kafka',
    name: 'brokers that are replaced before they are in sync',
    edits: [
      replace(
        'components/high-availability/kafka/brokers.patch.yaml',
        'command: [/bin/bash, /etc/infometis/in-sync.sh]',
        'command: [/bin/bash, -c, "true"]',
      ),
    ],
    says: ['startupProbe', 'in-sync.sh'],
  },
  {
    undoes: 'ha-elasticsearch',
    name: 'indices without a copy',
    edits: [
      replace(
        'base/elasticsearch-access/config/component-template-infometis-defaults.json',
        '"index.number_of_replicas": 1',
        '"index.number_of_replicas": 0',
      ),
    ],
    says: ['index.number_of_replicas'],
  },
  {
    undoes: 'ha-flink',
    name: 'checkpoints on the disk of a pod',
    edits: [
      replace(
        'components/high-availability/flink/config/high-availability.yaml',
        'state.checkpoints.dir: s3://$CHECKPOINT_BUCKET/flink/checkpoints',
        'state.checkpoints.dir: file:///tmp/checkpoints',
      ),
    ],
    says: ['state.checkpoints.dir', 's3://'],
  },
  {
    undoes: 'ha-nifi',
    name: 'a browser that is sent from one node to the next',
    edits: [
      replace(
        'components/high-availability/nifi/service.patch.yaml',
        'service.sticky.cookie: "true"',
        'service.sticky.cookie: "false"',
      ),
    ],
    says: ['sticky.cookie'],
  },
  {
    undoes: 'backup-nifi',
    name: 'nobody told of an export that is late',
    edits: [
      edit('components/backup/prometheus/config/rules/backup.yml', (text) =>
        text.replace('alert: NiFiFlowExportLate', 'alert: FlowExportLate'),
      ),
    ],
    says: ['NiFiFlowExportLate'],
  },
  {
    undoes: 'backup-kafka',
    name: 'a mirror that is switched off',
    edits: [
      replace(
        'base/mirror-maker/config/mirror-maker.properties',
        'primary->backup.enabled=true',
        'primary->backup.enabled=false',
      ),
    ],
    says: ['primary->backup.enabled'],
  },
  {
    undoes: 'backup-elasticsearch',
    name: 'no policy for snapshots',
    edits: [
      without(
        'components/backup/elasticsearch-access/kustomization.yaml',
        /configMapGenerator:\n[\s\S]*?slm-nightly.json\n/,
      ),
      remove('components/backup/elasticsearch-access/config/slm-nightly.json'),
    ],
    says: ['slm-nightly.json'],
  },
  {
    undoes: 'backup-volumes',
    name: 'a volume that is no longer copied',
    edits: [
      replace(
        'components/backup/grafana/claim.patch.yaml',
        'k8up.io/backup: "true"',
        'k8up.io/backup: "false"',
      ),
    ],
    says: ['grafana/data', 'nobody copies it'],
  },
  {
    undoes: 'backup-volumes',
    name: 'copies that are not kept',
    edits: [edit('base/backup/schedule.yaml', (text) => text.replace('keepDaily: 14', 'keepDaily: 1'))],
    says: ['keepDaily'],
  },
];
