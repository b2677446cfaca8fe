// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax for variables.
import { expect, test } from 'vitest';
import { alwaysTold, check } from './check.ts';
import { inALine } from './fault.ts';
import { add, append, type Edit, edit, remove, replace } from './overlay-files.ts';

// Edits that Kubernetes and Flux take and that work: the gate must stay green. A false alarm costs more trust than a miss.

const kafkaSet = 'base/kafka/statefulset.yaml';
const kafkaUi = 'base/kafka-ui/deployment.yaml';
const settings = 'overlays/prototype/kafka/settings.patch.yaml';
const kafkaUiOverlay = 'overlays/prototype/kafka-ui/kustomization.yaml';
const hostListener = 'components/public-host/kafka/host-listener.patch.yaml';

interface Legal {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Ids of rules that may warn; an error is never right. */
  readonly warnings?: readonly string[];
}

/** Adds patches to the overlay of Kafka UI, which has none. */
const patches = (text: string): Edit => append(kafkaUiOverlay, `patches:\n${text}`);

/** A component with everything that belongs to it. */
const newComponent = (name: string): readonly Edit[] => [
  add(
    `base/${name}/kustomization.yaml`,
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: infometis
labels:
  - pairs:
      app.kubernetes.io/name: ${name}
      app.kubernetes.io/part-of: infometis
    includeTemplates: true
resources:
  - serviceaccount.yaml
  - deployment.yaml
  - service.yaml
  - ingress.yaml
configMapGenerator:
  - name: ${name}-config
    files:
      - config/settings.yml
images:
  - name: example.com/${name}
    newTag: 1.2.3
`,
  ),
  add(`base/${name}/config/settings.yml`, 'level: info\n'),
  add(
    `base/${name}/serviceaccount.yaml`,
    `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\nautomountServiceAccountToken: false\n`,
  ),
  add(
    `base/${name}/deployment.yaml`,
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      serviceAccountName: ${name}
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: main
          image: example.com/${name}
          env:
            - name: KAFKA
              value: kafka-service:9092
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
            limits:
              memory: 32Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: config
              mountPath: /etc/${name}/settings.yml
              subPath: settings.yml
      volumes:
        - name: config
          configMap:
            name: ${name}-config
`,
  ),
  add(
    `base/${name}/service.yaml`,
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}-service\nspec:\n  selector:\n    app.kubernetes.io/name: ${name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n`,
  ),
  add(
    `base/${name}/ingress.yaml`,
    `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  ingressClassName: traefik
  rules:
    - http:
        paths:
          - path: /${name}
            pathType: Prefix
            backend:
              service:
                name: ${name}-service
                port:
                  number: 80
`,
  ),
  add(
    `overlays/prototype/${name}/kustomization.yaml`,
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../../base/${name}\n`,
  ),
  add(
    `flux/prototype/${name}.yaml`,
    `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
  labels:
    app.kubernetes.io/part-of: infometis
spec:
  path: ./overlays/prototype/${name}
  serviceAccountName: component-applier
  timeout: 5m
  dependsOn:
    - name: namespace
    - name: policies
`,
  ),
  replace(
    'flux/prototype/kustomization.yaml',
    '  - kafka-ui.yaml\n',
    `  - kafka-ui.yaml\n  - ${name}.yaml\n`,
  ),
];

const legal: readonly Legal[] = [
  {
    name: 'a label more, on an object and on its pods',
    edits: [
      edit(kafkaUi, (text) =>
        text
          .replace('  name: kafka-ui\n', '  name: kafka-ui\n  labels:\n    example.com/team: data\n')
          .replace('      labels:\n', '      labels:\n        example.com/team: data\n'),
      ),
    ],
  },
  {
    name: 'comments everywhere',
    edits: [
      edit(kafkaSet, (text) =>
        text.replace(/^( *)(?=- name:|spec:|metadata:)/gm, '$1# A remark with ${VAR}\n$1'),
      ),
      edit('flux/prototype/kustomization.yaml', (text) => `# top\n${text}# end\n`),
    ],
  },
  {
    name: 'keys in another order',
    edits: [
      edit(
        'base/grafana/service.yaml',
        () =>
          'spec:\n  ports:\n    - targetPort: http\n      port: 3000\n      name: http\n  selector:\n    app.kubernetes.io/name: grafana\nmetadata:\n  name: grafana-service\nkind: Service\napiVersion: v1\n',
      ),
    ],
  },
  {
    name: 'YAML in flow style, which is JSON too',
    edits: [
      edit(
        'base/grafana/service.yaml',
        () =>
          '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "grafana-service"}, "spec": {"selector": {"app.kubernetes.io/name": "grafana"}, "ports": [{"name": "http", "port": 3000, "targetPort": "http"}]}}\n',
      ),
    ],
  },
  {
    name: 'CRLF at the ends of lines',
    edits: [edit('base/grafana/service.yaml', (text) => text.replaceAll('\n', '\r\n'))],
  },
  {
    name: 'CRLF in a patch and in a kustomization',
    edits: [
      edit(settings, (text) => text.replaceAll('\n', '\r\n')),
      edit(kafkaUiOverlay, (text) => text.replaceAll('\n', '\r\n')),
    ],
  },
  { name: 'a byte order mark', edits: [edit('base/grafana/service.yaml', (text) => `\uFEFF${text}`)] },
  { name: 'no line feed at the end', edits: [edit('base/grafana/service.yaml', (text) => text.trimEnd())] },
  {
    name: 'a document start and end, and an empty document',
    edits: [edit('base/grafana/service.yaml', (text) => `---\n${text}---\n# nothing more\n`)],
  },
  {
    name: 'an anchor and its alias within one document',
    edits: [
      edit(kafkaSet, (text) =>
        text
          .replace(
            '          readinessProbe:\n            tcpSocket:\n              port: internal\n',
            '          readinessProbe:\n            tcpSocket: &socket\n              port: internal\n',
          )
          .replace(
            '          livenessProbe:\n            tcpSocket:\n              port: internal\n',
            '          livenessProbe:\n            tcpSocket: *socket\n',
          ),
      ),
    ],
  },
  {
    name: 'numbers in quotes where a string is wanted, and quotes that are not needed',
    edits: [
      replace(kafkaUi, 'value: infometis\n', 'value: "9092"\n'),
      replace('base/grafana/service.yaml', 'port: 3000', '"port": 3000'),
      replace('base/grafana/service.yaml', 'targetPort: http', "targetPort: 'http'"),
    ],
  },
  {
    name: 'a target port by number',
    edits: [replace('base/grafana/service.yaml', 'targetPort: http', 'targetPort: 3000')],
  },
  {
    name: 'an Ingress to a port by number',
    edits: [
      replace('base/grafana/ingress.yaml', '                  name: http', '                  number: 3000'),
    ],
  },
  {
    name: 'a second port of a Service to the same container port',
    edits: [append('base/grafana/service.yaml', '    - name: web\n      port: 80\n      targetPort: http\n')],
  },
  {
    name: 'one port number for TCP and UDP',
    edits: [
      append(
        'base/grafana/service.yaml',
        '    - name: http-udp\n      port: 3000\n      protocol: UDP\n      targetPort: http-udp\n',
      ),
      replace(
        'base/grafana/statefulset.yaml',
        '              containerPort: 3000\n',
        '              containerPort: 3000\n            - name: http-udp\n              containerPort: 3000\n              protocol: UDP\n',
      ),
    ],
  },
  {
    name: 'a Service without a selector, to something outside of the cluster',
    edits: [
      add(
        'overlays/prototype/kafka-ui/outside.yaml',
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: outside\n  namespace: infometis\nspec:\n  type: ExternalName\n  externalName: example.com\n',
      ),
      append(kafkaUiOverlay, '  - outside.yaml\n'),
    ],
  },
  {
    name: 'a second Service for the same pods',
    edits: [
      add(
        'base/grafana/service-two.yaml',
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: grafana-two\nspec:\n  selector:\n    app.kubernetes.io/name: grafana\n    app.kubernetes.io/part-of: infometis\n  ports:\n    - port: 80\n      targetPort: 3000\n',
      ),
      replace(
        'base/grafana/kustomization.yaml',
        '  - service.yaml\n',
        '  - service.yaml\n  - service-two.yaml\n',
      ),
    ],
  },
  {
    name: 'a second container with a port of its own',
    edits: [
      replace(
        kafkaUi,
        '      containers:\n',
        '      containers:\n        - name: sidecar\n          image: example.com/sidecar:1.0.0\n          ports:\n            - name: admin\n              containerPort: 9901\n          resources:\n            requests:\n              cpu: 10m\n              memory: 16Mi\n            limits:\n              memory: 16Mi\n          securityContext:\n            allowPrivilegeEscalation: false\n            capabilities:\n              drop: [ALL]\n',
      ),
      append('base/kafka-ui/service.yaml', '    - name: admin\n      port: 9901\n      targetPort: admin\n'),
    ],
  },
  {
    name: 'an optional ConfigMap that does not exist, in envFrom, a variable and a volume',
    edits: [
      edit(kafkaUi, (text) =>
        text
          .replace(
            '          ports:\n',
            '          envFrom:\n            - configMapRef:\n                name: tuning\n                optional: true\n            - secretRef:\n                name: tokens\n                optional: true\n          ports:\n',
          )
          .replace(
            '          env:\n',
            '          env:\n            - name: TUNING\n              valueFrom:\n                configMapKeyRef:\n                  name: tuning\n                  key: level\n                  optional: true\n',
          )
          .replace(
            '          volumeMounts:\n',
            '          volumeMounts:\n            - name: extra\n              mountPath: /extra\n',
          )
          .replace(
            '      volumes:\n',
            '      volumes:\n        - name: extra\n          configMap:\n            name: extra\n            optional: true\n',
          ),
      ),
    ],
  },
  {
    name: 'a whole new component, with all its wiring',
    edits: newComponent('notebook'),
  },
  {
    name: 'a component that is taken out, with all its wiring',
    edits: [
      // small-production goes on building from the base.
      remove('flux/prototype/kafka-exporter.yaml'),
      replace('flux/prototype/kustomization.yaml', '  - kafka-exporter.yaml\n', ''),
      remove('overlays/prototype/kafka-exporter/kustomization.yaml'),
      edit('base/prometheus/config/prometheus.yml', (text) =>
        text.replace(/ {2}- job_name: kafka-exporter\n(?: {4}.*\n)+\n/, ''),
      ),
    ],
  },
  {
    name: 'a strategic patch that deletes an object, with everything that named it',
    edits: [
      patches('  - path: no-ingress.patch.yaml\n'),
      add(
        'overlays/prototype/kafka-ui/no-ingress.patch.yaml',
        '$patch: delete\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: kafka-ui\n  namespace: infometis\n',
      ),
    ],
  },
  {
    name: 'a strategic patch that deletes an item of a list',
    edits: [
      patches('  - path: less.patch.yaml\n'),
      add(
        'overlays/prototype/kafka-ui/less.patch.yaml',
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  template:\n    spec:\n      containers:\n        - name: kafka-ui\n          env:\n            - name: KAFKA_CLUSTERS_0_KSQLDBSERVER\n              $patch: delete\n',
      ),
    ],
  },
  {
    name: 'a strategic patch that sets a field to null',
    edits: [
      patches('  - path: null.patch.yaml\n'),
      add(
        'overlays/prototype/kafka-ui/null.patch.yaml',
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  revisionHistoryLimit: null\n',
      ),
    ],
  },
  {
    name: 'a strategic patch of a base by its name before the namespace was added',
    edits: [replace(hostListener, '  namespace: infometis\n', '')],
  },
  {
    name: 'JSON patches: inline and from a file, in YAML and in JSON',
    edits: [
      patches(
        '  - target:\n      kind: Deployment\n      name: kafka-ui\n    patch: |-\n      - op: replace\n        path: /spec/replicas\n        value: 2\n      - op: add\n        path: /metadata/labels/example.com~1team\n        value: data\n  - target:\n      kind: Service\n    path: service.patch.json\n',
      ),
      add(
        'overlays/prototype/kafka-ui/service.patch.json',
        '[{"op": "add", "path": "/metadata/annotations", "value": {"example.com/a": "1"}}]\n',
      ),
    ],
  },
  {
    name: 'one patch for several kinds by an expression',
    edits: [
      patches(
        '  - target:\n      kind: Deployment|Service\n      name: kafka-ui.*\n    patch: |-\n      - op: add\n        path: /metadata/labels/example.com~1team\n        value: data\n',
      ),
    ],
  },
  {
    name: 'an overlay that pins another tag and a digest',
    edits: [
      append(
        kafkaUiOverlay,
        `images:\n  - name: ghcr.io/kafbat/kafka-ui\n    newTag: v1.5.1\n    digest: sha256:${'a'.repeat(64)}\n`,
      ),
    ],
  },
  {
    name: 'a replica count in an overlay',
    edits: [append(kafkaUiOverlay, 'replicas:\n  - name: kafka-ui\n    count: 2\n')],
  },
  {
    name: 'a generator that merges keys into the ConfigMap of a base',
    edits: [
      append(
        'overlays/prototype/ksqldb/kustomization.yaml',
        'configMapGenerator:\n  - name: ksqldb-config\n    namespace: infometis\n    behavior: merge\n    literals:\n      - extra=1\n',
      ),
    ],
  },
  {
    name: 'labels from an overlay that stay out of selectors',
    edits: [
      append(
        kafkaUiOverlay,
        'labels:\n  - pairs:\n      example.com/stage: trial\n    includeTemplates: true\n',
      ),
    ],
  },
  {
    name: 'annotations for everything in an overlay',
    edits: [append(kafkaUiOverlay, 'commonAnnotations:\n  example.com/owner: data\n')],
  },
  {
    name: 'a kustomization without apiVersion and kind',
    edits: [edit(kafkaUiOverlay, (text) => text.replace(/^apiVersion.*\nkind.*\n/m, ''))],
  },
  {
    name: 'a disruption budget and an autoscaler for pods that exist',
    edits: [
      add(
        'overlays/prototype/kafka-ui/availability.yaml',
        'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: kafka-ui\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  maxReplicas: 3\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: kafka-ui\n',
      ),
      append(
        'flux/prototype/rbac/clusterrole-component-applier.yaml',
        '  - apiGroups: [autoscaling]\n    resources: [horizontalpodautoscalers]\n    verbs: [get, list, create, patch, delete]\n',
      ),
      append(kafkaUiOverlay, '  - availability.yaml\n'),
    ],
  },
  {
    name: 'a network policy with ports by name',
    // In an environment whose network is open on purpose nothing proves it.
    warnings: ['network/environment'],
    edits: [
      add(
        'overlays/prototype/kafka-ui/networkpolicy.yaml',
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: kafka-ui\n  namespace: infometis\nspec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: kafka-ui\n  ingress:\n    - ports:\n        - port: http\n',
      ),
      append(kafkaUiOverlay, '  - networkpolicy.yaml\n'),
    ],
  },
  {
    name: 'a default-deny network policy for the whole namespace',
    // Legal, and the end of all traffic: who is shut out is told.
    warnings: ['network/environment', 'network/blocked-address'],
    edits: [
      add(
        'overlays/prototype/namespace/networkpolicy.yaml',
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  namespace: infometis\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n',
      ),
      replace(
        'overlays/prototype/namespace/kustomization.yaml',
        '  - ../../../base/namespace\n',
        '  - ../../../base/namespace\n  - networkpolicy.yaml\n',
      ),
    ],
  },
  {
    name: 'variables that are set, with defaults where they are not',
    edits: [
      append(
        'flux/prototype/kafka-ui.yaml',
        '  postBuild:\n    substitute:\n      CLUSTER_NAME: infometis\n',
      ),
      replace(kafkaUi, 'value: infometis\n', 'value: ${CLUSTER_NAME}-${SUFFIX:-one}\n'),
    ],
  },
  {
    name: 'a script with `$$` for a dollar in a build with variables',
    edits: [
      append(
        'flux/prototype/kafka-ui.yaml',
        '  postBuild:\n    substitute:\n      CLUSTER_NAME: infometis\n',
      ),
      replace(kafkaUi, 'value: infometis\n', 'value: $${CLUSTER_NAME}\n'),
    ],
  },
  {
    name: 'a dependency on another component, and a longer interval for one',
    edits: [
      append('flux/prototype/kafka-ui.yaml', '    - name: kafka\n'),
      replace('flux/prototype/kafka.yaml', '  timeout: 15m\n', '  timeout: 15m\n  force: false\n'),
    ],
  },
  {
    name: 'the small footprint switched on',
    edits: [
      edit('flux/prototype/kustomization.yaml', (text) =>
        text.replace('#components:\n#  -', 'components:\n  -'),
      ),
    ],
  },
  {
    name: 'another value of the environment',
    edits: [
      replace(
        'overlays/prototype/environment/environment.yaml',
        'publicHost: localhost',
        'publicHost: data.example.com',
      ),
    ],
  },
  {
    name: 'what `flux bootstrap` writes into gotk-sync.yaml',
    edits: [
      append(
        'flux/prototype/flux-system/gotk-sync.yaml',
        '---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 1m0s\n  ref:\n    branch: main\n  secretRef:\n    name: flux-system\n  url: ssh://git@example.com/infometis\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 10m0s\n  path: ./flux/prototype\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n',
      ),
    ],
  },
  {
    name: 'files that are no manifests: notes, scripts, licences',
    edits: [
      add('base/kafka/README.md', '# Kafka\n'),
      add('overlays/prototype/README.md', '# Prototype\n'),
      add('components/LICENSE', 'free\n'),
      add('flux/README.md', '# Flux\n'),
    ],
  },
];

test.each(legal)('$name', ({ edits, warnings = [] }) => {
  const { ok, findings } = check(edits, { environments: ['prototype'] });
  const told = findings.filter(
    ({ severity, rule, file }) =>
      severity === 'error' ||
      (severity === 'warning' && !warnings.includes(rule) && !alwaysTold.has(`${rule} ${file}`)),
  );
  expect(told.map(inALine)).toEqual([]);
  expect(ok).toBe(true);
});
