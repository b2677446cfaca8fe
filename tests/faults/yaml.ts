import type { Fault } from './fault.ts';
import { append, edit, replace } from './overlay-files.ts';

const kafkaSet = 'base/kafka/statefulset.yaml';
const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const hostListener = 'components/public-host/kafka/host-listener.patch.yaml';
const fluxKafka = 'flux/prototype/kafka.yaml';

/** Faults in how a file is written. */
export const yamlFaults: readonly Fault[] = [
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
    find: 'newTag: v1.5.0\nresources:',
    says: ['`resources`'],
  },
  {
    name: 'a quote that is never closed, in an overlay',
    edits: [replace(settings, 'value: "true"', 'value: "true')],
    rule: 'yaml/syntax',
    file: settings,
    find: 'value: "true',
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
  },
  {
    name: 'a manifest with comments alone',
    edits: [edit('base/kafka-ui/ingress.yaml', (text) => text.replace(/^/gm, '# '))],
    rule: 'yaml/empty-file',
    file: 'base/kafka-ui/ingress.yaml',
    find: '# apiVersion',
    says: ['manifest', 'comments'],
  },
  {
    name: 'a patch with comments alone',
    edits: [edit(settings, () => '# nothing yet\n')],
    rule: 'yaml/empty-file',
    file: settings,
    find: '# nothing yet',
    says: ['patch', 'comments'],
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
    severity: 'warning',
    file: 'base/nifi/job.yaml',
    find: 'defaultMode: 440',
    says: ['0670', '0440'],
  },
  {
    name: 'a merge key whose mapping hides a part of what it merges',
    edits: [
      replace(
        'base/grafana/statefulset.yaml',
        '          readinessProbe:\n            httpGet:\n              path: /grafana/api/health\n              port: http\n            periodSeconds: 10\n            timeoutSeconds: 5\n          livenessProbe:\n',
        '          readinessProbe: &probe\n            httpGet:\n              scheme: HTTP\n              path: /grafana/api/health\n              port: http\n            periodSeconds: 10\n            timeoutSeconds: 5\n          livenessProbe:\n            <<: *probe\n',
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
    find: '\n...',
    says: ['dropped'],
  },
];

