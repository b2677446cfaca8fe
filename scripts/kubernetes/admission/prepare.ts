/**
 * What the API server does to an object of a built-in kind after defaulting and before validating admission: the kind's
 * strategy (PrepareForCreate), and the admission plugins that change objects. Values that only the server can choose, such
 * as a uid or a cluster address, are stand-ins of the same form.
 */
import type { Json, JsonObject } from '../defaults/index.ts';

const uid = '00000000-0000-4000-8000-000000000000';
const created = '2026-01-01T00:00:00Z';
const clusterAddress = '10.96.0.254';
const nodePort = 30_000;

const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value: unknown): JsonObject => (isMap(value) ? value : {});
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value : []);

/** Kinds whose strategy starts to count generations. */
const generations = new Set([
  'Pod',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Ingress',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'IngressClass',
  'EndpointSlice',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'PriorityClass',
  'PodTemplate',
  'FlowSchema',
  'PriorityLevelConfiguration',
]);

const emptyStatus: Readonly<Record<string, JsonObject>> = {
  Deployment: {},
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  ReplicaSet: { replicas: 0 },
  ReplicationController: { replicas: 0 },
  Job: {},
  CronJob: {},
  Ingress: { loadBalancer: {} },
  Service: { loadBalancer: {} },
  PersistentVolume: { phase: 'Pending', lastPhaseTransitionTime: created },
  PersistentVolumeClaim: { phase: 'Pending' },
  PodDisruptionBudget: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
  Namespace: { phase: 'Active' },
};

const quality = (spec: JsonObject): string => {
  const containers = [...listOf(spec['containers']), ...listOf(spec['initContainers'])].map(mapOf);
  const counted = ['cpu', 'memory'];
  const used = (one: JsonObject, list: 'requests' | 'limits'): [string, Json][] =>
    Object.entries(mapOf(mapOf(one['resources'])[list])).filter(
      (entry): entry is [string, Json] => counted.includes(entry[0]) && entry[1] !== '0',
    );
  if (containers.every((one) => used(one, 'requests').length === 0 && used(one, 'limits').length === 0))
    return 'BestEffort';
  const guaranteed = containers.every((one) => {
    const limits = mapOf(mapOf(one['resources'])['limits']);
    const requests = mapOf(mapOf(one['resources'])['requests']);
    return counted.every((key) => limits[key] !== undefined && limits[key] === requests[key]);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
};

const toleration = (key: string): JsonObject => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
});

const tolerates = (tolerations: readonly Json[], key: string): boolean =>
  tolerations
    .map(mapOf)
    .some((one) => (one['key'] === key || !one['key']) && (one['effect'] === 'NoExecute' || !one['effect']));

const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** What is known of the cluster that the plugins look at. */
export interface ClusterView {
  readonly serviceAccount: (namespace: string, name: string) => JsonObject | undefined;
  readonly priorityClass: (name: string) => JsonObject | undefined;
}

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function appArmorProfile(annotation: string): JsonObject | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return name === '' ? undefined : { type: 'Localhost', localhostProfile: name };
}

/** A pod's old AppArmor annotations become fields, unless the pod as a whole already says the same. */
export function syncAppArmor(annotations: JsonObject, spec: JsonObject): void {
  if (mapOf(spec['os'])['name'] === 'windows') return;
  const whole = JSON.stringify(mapOf(spec['securityContext'])['appArmorProfile']);
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const container of listOf(spec[list]).map(mapOf)) {
      const annotation = annotations[`${appArmorPrefix}${String(container['name'])}`];
      const context = mapOf(container['securityContext']);
      if (typeof annotation !== 'string' || context['appArmorProfile'] !== undefined) continue;
      const profile = appArmorProfile(annotation);
      if (profile && JSON.stringify(profile) !== whole)
        container['securityContext'] = { ...context, appArmorProfile: profile };
    }
}

/** ServiceAccount, DefaultTolerationSeconds and Priority. */
function preparePod(object: JsonObject, namespace: string, cluster: ClusterView): void {
  const spec = mapOf(object['spec']);
  syncAppArmor(mapOf(mapOf(object['metadata'])['annotations']), spec);
  const account = typeof spec['serviceAccountName'] === 'string' ? spec['serviceAccountName'] : 'default';
  spec['serviceAccountName'] = account;
  spec['serviceAccount'] = account;
  const own = cluster.serviceAccount(namespace, account) ?? {};
  const secrets = listOf(own['imagePullSecrets']);
  if (listOf(spec['imagePullSecrets']).length === 0 && secrets.length > 0)
    spec['imagePullSecrets'] = structuredClone(secrets);
  const wanted = spec['automountServiceAccountToken'] ?? own['automountServiceAccountToken'] ?? true;
  if (wanted !== false) mountToken(spec);
  const tolerations = [...listOf(spec['tolerations'])];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
    if (!tolerates(tolerations, key)) tolerations.push(toleration(key));
  spec['tolerations'] = tolerations;
  const className = spec['priorityClassName'];
  const priorityClass = typeof className === 'string' ? cluster.priorityClass(className) : undefined;
  spec['priority'] =
    priorityClass?.['value'] ?? (typeof className === 'string' ? (systemPriorities[className] ?? 0) : 0);
  spec['preemptionPolicy'] = priorityClass?.['preemptionPolicy'] ?? 'PreemptLowerPriority';
  object['status'] = { phase: 'Pending', qosClass: quality(spec) };
}

const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

function mountToken(spec: JsonObject): void {
  const name = 'kube-api-access-00000';
  let mounted = false;
  for (const list of ['initContainers', 'containers'])
    for (const container of listOf(spec[list]).map(mapOf)) {
      const mounts = listOf(container['volumeMounts']);
      if (mounts.map(mapOf).some((mount) => mount['mountPath'] === tokenDirectory)) continue;
      container['volumeMounts'] = [...mounts, { name, readOnly: true, mountPath: tokenDirectory }];
      mounted = true;
    }
  if (!mounted) return;
  const root = { key: 'ca.crt', path: 'ca.crt' };
  const field = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  spec['volumes'] = [
    ...listOf(spec['volumes']),
    {
      name,
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [root] } },
          { downwardAPI: { items: [field] } },
        ],
        defaultMode: 0o644,
      },
    },
  ];
}

function prepareService(object: JsonObject): void {
  const spec = mapOf(object['spec']);
  if (spec['type'] === 'ExternalName') return;
  const headless = spec['clusterIP'] === 'None';
  const anyFamily = headless && Object.keys(mapOf(spec['selector'])).length === 0;
  spec['ipFamilyPolicy'] ??= anyFamily ? 'RequireDualStack' : 'SingleStack';
  spec['ipFamilies'] ??= anyFamily ? ['IPv4', 'IPv6'] : ['IPv4'];
  spec['clusterIP'] ??= clusterAddress;
  spec['clusterIPs'] ??= [spec['clusterIP']];
  if (!headless && (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer'))
    listOf(spec['ports'])
      .map(mapOf)
      .forEach((port, index) => {
        port['nodePort'] ??= nodePort + index;
      });
}

function prepareJob(object: JsonObject, name: string): void {
  const spec = mapOf(object['spec']);
  if (spec['manualSelector'] === true) return;
  const template = mapOf(spec['template']);
  const metadata = mapOf(template['metadata']);
  template['metadata'] = metadata;
  const own = mapOf(object['metadata']);
  const labels = mapOf(metadata['labels']);
  // A Job without labels takes its template's, and the two then are one map.
  const shared =
    own['labels'] !== undefined && JSON.stringify(own['labels']) === JSON.stringify(metadata['labels']);
  metadata['labels'] = {
    ...labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  if (shared) own['labels'] = { ...metadata['labels'] };
  spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

function mergeStringData(object: JsonObject): void {
  const plain = mapOf(object['stringData']);
  delete object['stringData'];
  if (Object.keys(plain).length === 0) return;
  const encoded = Object.entries(plain).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ]);
  object['data'] = { ...mapOf(object['data']), ...Object.fromEntries(encoded) };
}

const protections: Readonly<Record<string, string>> = {
  PersistentVolume: 'kubernetes.io/pv-protection',
  PersistentVolumeClaim: 'kubernetes.io/pvc-protection',
};

/** Changes a defaulted object of a built-in kind in place. */
export function prepareForCreate(object: JsonObject, namespace: string, cluster: ClusterView): void {
  const kind = String(object['kind']);
  const metadata = mapOf(object['metadata']);
  object['metadata'] = metadata;
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  if (namespace !== '') metadata['namespace'] = namespace;
  metadata['uid'] ??= uid;
  metadata['creationTimestamp'] = created;
  if (generations.has(kind)) metadata['generation'] = 1;
  const status = emptyStatus[kind];
  if (status) object['status'] = structuredClone(status);
  const protection = protections[kind];
  if (protection) metadata['finalizers'] = [...listOf(metadata['finalizers']), protection];
  if (kind === 'Pod') preparePod(object, namespace, cluster);
  if (kind === 'Service') prepareService(object);
  if (kind === 'Job') prepareJob(object, name);
  if (kind === 'Secret') mergeStringData(object);
  if (kind === 'HorizontalPodAutoscaler')
    object['status'] =
      object['apiVersion'] === 'autoscaling/v1'
        ? { currentReplicas: 0, desiredReplicas: 0 }
        : { desiredReplicas: 0, currentMetrics: null };
  if (kind === 'DaemonSet')
    metadata['annotations'] = {
      ...mapOf(metadata['annotations']),
      'deprecated.daemonset.template.generation': '1',
    };
  if (kind === 'Namespace') object['spec'] = { finalizers: ['kubernetes'], ...mapOf(object['spec']) };
}
