/** Defaults of the core group: SetDefaults_* of k8s.io/kubernetes/pkg/apis/core/v1. */
import { imageTag } from './image.ts';
import { ensure, isObject, type JsonObject, listAt, mapAt, mapsAt, setDefault } from './json.ts';

type Defaults = (value: JsonObject) => void;

const container: Defaults = (value) => {
  const image = typeof value['image'] === 'string' ? value['image'] : '';
  setDefault(value, 'imagePullPolicy', imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent');
  setDefault(value, 'terminationMessagePath', '/dev/termination-log');
  setDefault(value, 'terminationMessagePolicy', 'File');
};

const zeroTo =
  (defaults: Readonly<Record<string, number>>): Defaults =>
  (value) => {
    for (const [key, number] of Object.entries(defaults)) if (!value[key]) value[key] = number;
  };

const mode: Defaults = (value) => setDefault(value, 'defaultMode', 0o644);

const volumeKeys = new Set(['name']);

const volume: Defaults = (value) => {
  const hasSource = Object.keys(value).some((key) => !volumeKeys.has(key) && isObject(value[key]));
  if (!hasSource) value['emptyDir'] = {};
  const image = value['image'];
  if (isObject(image)) {
    const reference = typeof image['reference'] === 'string' ? image['reference'] : '';
    setDefault(image, 'pullPolicy', imageTag(reference) === 'latest' ? 'Always' : 'IfNotPresent');
  }
};

const podSpec: Defaults = (value) => {
  setDefault(value, 'dnsPolicy', 'ClusterFirst');
  setDefault(value, 'restartPolicy', 'Always');
  ensure(value, 'securityContext');
  setDefault(value, 'terminationGracePeriodSeconds', 30);
  setDefault(value, 'schedulerName', 'default-scheduler');
  // The old name of the field is kept in step with the new one.
  const account = value['serviceAccountName'] || value['serviceAccount'];
  if (account) {
    value['serviceAccountName'] = account;
    value['serviceAccount'] = account;
  }
};

const pod: Defaults = (value) => {
  const spec = ensure(value, 'spec');
  for (const list of ['containers', 'initContainers'])
    for (const one of mapsAt(spec, list)) {
      const limits = mapAt(mapAt(one, 'resources'), 'limits');
      if (Object.keys(limits).length > 0) {
        const requests = ensure(ensure(one, 'resources'), 'requests');
        for (const [key, limit] of Object.entries(limits)) requests[key] ??= limit ?? null;
      }
      if (spec['hostNetwork'] === true)
        for (const port of mapsAt(one, 'ports'))
          if (!port['hostPort']) port['hostPort'] = port['containerPort'] ?? 0;
    }
  const resources = mapAt(spec, 'resources');
  const limits = mapAt(resources, 'limits');
  if (Object.keys(limits).length > 0) {
    const requests = ensure(resources, 'requests');
    for (const [key, limit] of Object.entries(limits))
      if (['cpu', 'memory'].includes(key) || key.startsWith('hugepages-')) requests[key] ??= limit ?? null;
  }
  setDefault(spec, 'enableServiceLinks', true);
};

const service: Defaults = (value) => {
  const spec = ensure(value, 'spec');
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] === 'ClientIP')
    setDefault(ensure(ensure(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10_800);
  setDefault(spec, 'type', 'ClusterIP');
  for (const port of mapsAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (!port['targetPort']) port['targetPort'] = port['port'] ?? 0;
  }
  const { type } = spec;
  const external =
    type === 'NodePort' ||
    type === 'LoadBalancer' ||
    (type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0);
  if (external) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
};

const replicationController: Defaults = (value) => {
  const spec = ensure(value, 'spec');
  const labels = mapAt(mapAt(mapAt(spec, 'template'), 'metadata'), 'labels');
  if (Object.keys(labels).length === 0) return;
  if (Object.keys(mapAt(spec, 'selector')).length === 0) spec['selector'] = { ...labels };
  const metadata = ensure(value, 'metadata');
  if (Object.keys(mapAt(metadata, 'labels')).length === 0) metadata['labels'] = { ...labels };
};

const limitRangeItem: Defaults = (value) => {
  if (value['type'] !== 'Container') return;
  const fill = (into: JsonObject, from: JsonObject): void => {
    for (const [key, quantity] of Object.entries(from)) into[key] ??= quantity ?? null;
  };
  const limits = ensure(value, 'default');
  const requests = ensure(value, 'defaultRequest');
  fill(limits, mapAt(value, 'max'));
  fill(requests, limits);
  fill(requests, mapAt(value, 'min'));
};

const volumeMode: Defaults = (value) => setDefault(value, 'volumeMode', 'Filesystem');

const namespace: Defaults = (value) => {
  const metadata = ensure(value, 'metadata');
  const { name } = metadata;
  if (typeof name === 'string' && name !== '')
    ensure(metadata, 'labels')['kubernetes.io/metadata.name'] = name;
};

/** By definition, without `io.k8s.api.core.v1.`. */
export const coreDefaults: Readonly<Record<string, Defaults>> = {
  Container: container,
  EphemeralContainer: container,
  Volume: volume,
  PodSpec: podSpec,
  Pod: pod,
  Probe: zeroTo({ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
  SecretVolumeSource: mode,
  ConfigMapVolumeSource: mode,
  DownwardAPIVolumeSource: mode,
  ProjectedVolumeSource: mode,
  ServiceAccountTokenProjection: (value) => setDefault(value, 'expirationSeconds', 3600),
  HTTPGetAction: (value) => {
    setDefault(value, 'path', '/');
    setDefault(value, 'scheme', 'HTTP');
  },
  HostPathVolumeSource: (value) => {
    value['type'] ??= '';
  },
  ObjectFieldSelector: (value) => setDefault(value, 'apiVersion', 'v1'),
  Secret: (value) => setDefault(value, 'type', 'Opaque'),
  Service: service,
  PersistentVolumeSpec: (value) => {
    setDefault(value, 'persistentVolumeReclaimPolicy', 'Retain');
    volumeMode(value);
  },
  PersistentVolumeClaim: (value) => setDefault(ensure(value, 'status'), 'phase', 'Pending'),
  PersistentVolumeClaimSpec: volumeMode,
  ReplicationController: replicationController,
  ReplicationControllerSpec: (value) => setDefault(value, 'replicas', 1),
  LimitRangeItem: limitRangeItem,
  Namespace: namespace,
  EndpointPort: (value) => setDefault(value, 'protocol', 'TCP'),
};
