/** Defaults of the other groups: SetDefaults_* of k8s.io/kubernetes/pkg/apis/<group>/<version>. */
import { ensure, isObject, type JsonObject, listAt, mapAt, mapsAt, setDefault } from './json.ts';

type Defaults = (value: JsonObject) => void;

const deploymentSpec: Defaults = (spec) => {
  setDefault(spec, 'replicas', 1);
  const strategy = ensure(spec, 'strategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = ensure(strategy, 'rollingUpdate');
    setDefault(rolling, 'maxUnavailable', '25%');
    setDefault(rolling, 'maxSurge', '25%');
  }
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
};

const daemonSetSpec: Defaults = (spec) => {
  const strategy = ensure(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = ensure(strategy, 'rollingUpdate');
    setDefault(rolling, 'maxUnavailable', 1);
    setDefault(rolling, 'maxSurge', 0);
  }
  setDefault(spec, 'revisionHistoryLimit', 10);
};

const statefulSetSpec: Defaults = (spec) => {
  setDefault(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = ensure(spec, 'updateStrategy');
  if (!strategy['type']) {
    strategy['type'] = 'RollingUpdate';
    ensure(strategy, 'rollingUpdate');
  }
  const rolling = strategy['rollingUpdate'];
  if (strategy['type'] === 'RollingUpdate' && isObject(rolling)) {
    setDefault(rolling, 'partition', 0);
  }
  for (const claim of mapsAt(spec, 'volumeClaimTemplates')) {
    claim['apiVersion'] = 'v1';
    claim['kind'] = 'PersistentVolumeClaim';
  }
  const retention = ensure(spec, 'persistentVolumeClaimRetentionPolicy');
  setDefault(retention, 'whenDeleted', 'Retain');
  setDefault(retention, 'whenScaled', 'Retain');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
};

const jobSpec: Defaults = (spec) => {
  if (spec['completions'] == null && spec['parallelism'] == null) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', spec['backoffLimitPerIndex'] == null ? 6 : 2_147_483_647);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(
    spec,
    'podReplacementPolicy',
    isObject(spec['podFailurePolicy']) ? 'Failed' : 'TerminatingOrFailed',
  );
  setDefault(spec, 'manualSelector', false);
};

const job: Defaults = (value) => {
  const labels = mapAt(mapAt(mapAt(mapAt(value, 'spec'), 'template'), 'metadata'), 'labels');
  const metadata = ensure(value, 'metadata');
  if (Object.keys(labels).length > 0 && Object.keys(mapAt(metadata, 'labels')).length === 0)
    metadata['labels'] = { ...labels };
  jobSpec(ensure(value, 'spec'));
};

const cronJobSpec: Defaults = (spec) => {
  setDefault(spec, 'concurrencyPolicy', 'Allow');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'successfulJobsHistoryLimit', 3);
  setDefault(spec, 'failedJobsHistoryLimit', 1);
};

const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const scaleDown = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

const autoscalerSpec: Defaults = (spec) => {
  setDefault(spec, 'minReplicas', 1);
  if (listAt(spec, 'metrics').length === 0)
    spec['metrics'] = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ];
  const behavior = spec['behavior'];
  if (!isObject(behavior)) return;
  for (const [key, rules] of Object.entries({ scaleUp, scaleDown })) {
    const own = ensure(behavior, key);
    for (const [field, value] of Object.entries(structuredClone(rules))) own[field] ??= value;
  }
};

const networkPolicySpec: Defaults = (spec) => {
  if (listAt(spec, 'policyTypes').length > 0) return;
  spec['policyTypes'] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
};

const rbacGroup = 'rbac.authorization.k8s.io';
const roleRef: Defaults = (value) => setDefault(ensure(value, 'roleRef'), 'apiGroup', rbacGroup);
const subject: Defaults = (value) => {
  if (value['kind'] === 'User' || value['kind'] === 'Group') setDefault(value, 'apiGroup', rbacGroup);
};

const selectors: Defaults = (value) => {
  setDefault(value, 'matchPolicy', 'Equivalent');
  ensure(value, 'namespaceSelector');
  ensure(value, 'objectSelector');
};

const webhook: Defaults = (value) => {
  setDefault(value, 'failurePolicy', 'Fail');
  setDefault(value, 'timeoutSeconds', 10);
  selectors(value);
};

const servicePort: Defaults = (value) => setDefault(value, 'port', 443);

/** By definition, without `io.k8s.api.`. */
export const otherDefaults: Readonly<Record<string, Defaults>> = {
  'apps.v1.DeploymentSpec': deploymentSpec,
  'apps.v1.DaemonSetSpec': daemonSetSpec,
  'apps.v1.StatefulSetSpec': statefulSetSpec,
  'apps.v1.ReplicaSetSpec': (spec) => setDefault(spec, 'replicas', 1),
  'batch.v1.Job': job,
  'batch.v1.CronJobSpec': cronJobSpec,
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': (value) => setDefault(value, 'status', 'True'),
  'autoscaling.v2.HorizontalPodAutoscalerSpec': autoscalerSpec,
  'autoscaling.v1.HorizontalPodAutoscalerSpec': (spec) => {
    setDefault(spec, 'minReplicas', 1);
    setDefault(spec, 'targetCPUUtilizationPercentage', 80);
  },
  'networking.v1.NetworkPolicySpec': networkPolicySpec,
  'networking.v1.NetworkPolicyPort': (value) => setDefault(value, 'protocol', 'TCP'),
  'networking.v1.IngressClassParametersReference': (value) => setDefault(value, 'scope', 'Cluster'),
  'storage.v1.StorageClass': (value) => {
    setDefault(value, 'reclaimPolicy', 'Delete');
    setDefault(value, 'volumeBindingMode', 'Immediate');
  },
  'storage.v1.CSIDriverSpec': (value) => {
    setDefault(value, 'attachRequired', true);
    for (const key of ['podInfoOnMount', 'storageCapacity', 'requiresRepublish', 'seLinuxMount'])
      setDefault(value, key, false);
    setDefault(value, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    if (listAt(value, 'volumeLifecycleModes').length === 0) value['volumeLifecycleModes'] = ['Persistent'];
  },
  'rbac.v1.RoleBinding': roleRef,
  'rbac.v1.ClusterRoleBinding': roleRef,
  'rbac.v1.Subject': subject,
  'scheduling.v1.PriorityClass': (value) => setDefault(value, 'preemptionPolicy', 'PreemptLowerPriority'),
  'discovery.v1.EndpointPort': (value) => {
    value['name'] ??= '';
    setDefault(value, 'protocol', 'TCP');
  },
  'admissionregistration.v1.ValidatingAdmissionPolicySpec': (value) =>
    setDefault(value, 'failurePolicy', 'Fail'),
  'admissionregistration.v1.MutatingAdmissionPolicySpec': (value) =>
    setDefault(value, 'failurePolicy', 'Fail'),
  'admissionregistration.v1.MatchResources': selectors,
  'admissionregistration.v1.NamedRuleWithOperations': (value) => setDefault(value, 'scope', '*'),
  'admissionregistration.v1.RuleWithOperations': (value) => setDefault(value, 'scope', '*'),
  'admissionregistration.v1.ValidatingWebhook': webhook,
  'admissionregistration.v1.MutatingWebhook': (value) => {
    webhook(value);
    setDefault(value, 'reinvocationPolicy', 'Never');
  },
  'admissionregistration.v1.ServiceReference': servicePort,
};
