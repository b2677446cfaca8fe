// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax for variables.
import type { Fault } from './fault.ts';
import { append, edit, replace } from './overlay-files.ts';

const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const fluxKafka = 'flux/prototype/kafka.yaml';

/** Gives a Flux Kustomization a variable, so that Flux substitutes in what it builds. */
const withVariables = (file: string, ...lines: string[]) =>
  append(file, `  postBuild:\n    substitute:\n${lines.map((line) => `      ${line}\n`).join('')}`);

/** Faults with variables. */
export const substitutionFaults: readonly Fault[] = [
  {
    name: 'a variable that is not set, in an environment variable',
    edits: [
      replace(settings, '2WQlcpuBS43JDWQlTLyRtA', '${CLUSTER_ID}'),
      withVariables(fluxKafka, 'REGION: home'),
    ],
    rule: 'substitution/undefined-variable',
    file: settings,
    find: '${CLUSTER_ID}',
    says: ['CLUSTER_ID'],
  },
  {
    name: 'a variable with a typo, in an image',
    edits: [
      replace(
        'base/kafka-ui/deployment.yaml',
        'image: ghcr.io/kafbat/kafka-ui',
        'image: ${REGISTRI}/kafbat/kafka-ui',
      ),
      replace('base/kafka-ui/kustomization.yaml', 'images:\n', ''),
      edit('base/kafka-ui/kustomization.yaml', (text) =>
        text.replace(/ {2}(?:#.*\n {2})?- name: ghcr[\s\S]*$/, ''),
      ),
      withVariables('flux/prototype/kafka-ui.yaml', 'REGISTRY: ghcr.io'),
    ],
    rule: 'substitution/undefined-variable',
    file: 'base/kafka-ui/deployment.yaml',
    find: 'image: ${REGISTRI}/kafbat/kafka-ui',
    says: ['REGISTRI', 'REGISTRY'],
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
    says: ['`CLUSTER`'],
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
  },
  {
    name: 'a variable in the host of an Ingress, where nothing is substituted',
    edits: [replace('base/grafana/ingress.yaml', '    - http:', '    - host: ${DOMAIN}\n      http:')],
    rule: 'substitution/unsubstituted',
    file: 'base/grafana/ingress.yaml',
    find: 'host: ${DOMAIN}',
    says: ['DOMAIN', 'grafana'],
    consequences: ['api-server/ingress base/grafana/ingress.yaml'],
  },
  {
    name: 'a variable in the tag of an image, where nothing is substituted',
    edits: [replace('base/grafana/kustomization.yaml', 'newTag: 10.0.3', 'newTag: ${GRAFANA_VERSION}')],
    rule: 'substitution/unsubstituted',
    file: 'base/grafana/kustomization.yaml',
    find: 'newTag: ${GRAFANA_VERSION}',
    says: ['GRAFANA_VERSION'],
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
    consequences: ['schema/format base/flink/persistentvolumeclaim.yaml'],
  },
  {
    name: 'a variable in the path of a Flux Kustomization',
    edits: [replace(fluxKafka, 'path: ./overlays/prototype/kafka', 'path: ./overlays/${ENVIRONMENT}/kafka')],
    rule: 'substitution/unsubstituted',
    file: fluxKafka,
    find: 'path: ./overlays/${ENVIRONMENT}/kafka',
    says: ['ENVIRONMENT'],
  },
  {
    name: 'a variable whose name Flux refuses',
    edits: [withVariables(fluxKafka, 'cluster-id: one')],
    rule: 'substitution/invalid-name',
    file: fluxKafka,
    find: 'cluster-id: one',
    says: ['cluster-id'],
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
    consequences: ['schema/type overlays/prototype/kafka/settings.patch.yaml'],
  },
];
