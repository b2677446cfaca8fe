import { conditionOf, firstLine } from '../cluster/condition.ts';
import { field, list, objects, textField } from '../cluster/json.ts';
import type { Json, JsonObject } from '../yaml/node.ts';
import type { Snapshot } from './snapshot.ts';

/** Why something is not as it should be. */
export interface Reason {
  /** `Pod infometis/kafka-0`. */
  readonly object: string;
  readonly message: string;
}

export const nameOf = (object: JsonObject): string => textField(object, 'metadata', 'name') ?? '';
export const namespaceOf = (object: JsonObject): string => textField(object, 'metadata', 'namespace') ?? '';
export const kindOf = (object: JsonObject): string => textField(object, 'kind') ?? '';

/** `Pod infometis/kafka-0`. */
export const describeObject = (object: JsonObject): string =>
  `${kindOf(object)} ${namespaceOf(object) === '' ? '' : `${namespaceOf(object)}/`}${nameOf(object)}`;

const number = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

/** The latest warning about an object, of one of these reasons. */
function warning(
  { warnings }: Pick<Snapshot, 'warnings'>,
  object: JsonObject,
  reasons: readonly string[],
): string | undefined {
  const found = warnings.filter(
    (event) =>
      textField(event, 'involvedObject', 'kind') === kindOf(object) &&
      textField(event, 'involvedObject', 'name') === nameOf(object) &&
      (textField(event, 'involvedObject', 'namespace') ?? '') === namespaceOf(object) &&
      // One of the same name from before, as StatefulSets make them, has a uid of its own.
      (textField(event, 'involvedObject', 'uid') ?? textField(object, 'metadata', 'uid')) ===
        textField(object, 'metadata', 'uid') &&
      reasons.includes(textField(event, 'reason') ?? ''),
  );
  const message = textField(found.at(-1), 'message');
  return message === undefined ? undefined : firstLine(message);
}

const mounting = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'FailedMapVolume'];
const harmlessWaiting: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);
const stuckMs = 5 * 60_000;

/** Why a pod is not Ready, as far as it, its claims and its events tell; empty where it is, or has done its work. */
export function reasonsOfPod(pod: JsonObject, snapshot: Snapshot, now: number): readonly Reason[] {
  const because = (message: string): Reason => ({ object: describeObject(pod), message });
  const deleted = textField(pod, 'metadata', 'deletionTimestamp');
  if (deleted !== undefined)
    return now - Date.parse(deleted) > stuckMs
      ? [because(`is being deleted since ${deleted}: its node does not answer, or a finalizer holds it`)]
      : [];
  const phase = textField(pod, 'status', 'phase');
  if (phase === 'Succeeded') return [];
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return [
      because(`no node takes it: ${firstLine(scheduled.message || scheduled.reason)}`),
      ...claimsOf(pod, snapshot).flatMap((claim) => reasonsOfClaim(claim, snapshot)),
    ];
  const statuses = [
    ...objects(field(pod, 'status', 'initContainerStatuses')),
    ...objects(field(pod, 'status', 'containerStatuses')),
  ];
  const found = statuses.flatMap((status) => {
    const reason = reasonOfContainer(status);
    return reason === undefined ? [] : [because(`container ${textField(status, 'name')}: ${reason}`)];
  });
  if (found.length > 0) return found;
  if (phase === 'Failed') {
    const reason = textField(pod, 'status', 'reason') ?? 'failed';
    return [because(`${reason}: ${firstLine(textField(pod, 'status', 'message') ?? 'no message')}`)];
  }
  if (conditionOf(pod, 'Ready')?.status === 'True') return [];
  const mount = warning(snapshot, pod, mounting);
  const waits = statuses.some((status) =>
    harmlessWaiting.has(textField(status, 'state', 'waiting', 'reason') ?? ''),
  );
  if (mount !== undefined && (waits || statuses.length === 0)) return [because(mount)];
  const probe = warning(snapshot, pod, ['Unhealthy']);
  if (probe !== undefined) return [because(`not ready yet: ${probe}`)];
  const open = statuses.filter((status) => field(status, 'ready') !== true);
  return [
    because(
      open.length === 0
        ? 'not ready yet'
        : `starting: ${open.map((status) => textField(status, 'name') ?? '').join(', ')}`,
    ),
  ];
}

function reasonOfContainer(status: JsonObject): string | undefined {
  const restarts = number(field(status, 'restartCount'));
  const again = restarts > 0 ? `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}` : '';
  const waiting = textField(status, 'state', 'waiting', 'reason');
  if (waiting !== undefined && !harmlessWaiting.has(waiting)) {
    const last = ended(field(status, 'lastState', 'terminated'));
    if (waiting === 'CrashLoopBackOff') return `CrashLoopBackOff, ${last ?? 'no exit code known'}${again}`;
    return `${waiting}: ${firstLine(textField(status, 'state', 'waiting', 'message') ?? 'no message')}`;
  }
  const terminated = field(status, 'state', 'terminated');
  if (terminated !== undefined && number(field(terminated, 'exitCode')) !== 0)
    return `ended, ${ended(terminated)}${again}`;
  return undefined;
}

function ended(terminated: Json | undefined): string | undefined {
  if (terminated === undefined) return undefined;
  const reason = textField(terminated, 'reason');
  const message = textField(terminated, 'message');
  return [
    `exit code ${number(field(terminated, 'exitCode'))}`,
    ...(reason !== undefined && reason !== 'Error' ? [` (${reason})`] : []),
    ...(message === undefined || message.trim() === '' ? [] : [`: ${firstLine(message)}`]),
  ].join('');
}

function claimsOf(pod: JsonObject, { running }: Snapshot): readonly JsonObject[] {
  const names = list(field(pod, 'spec', 'volumes')).flatMap(
    (volume) => textField(volume, 'persistentVolumeClaim', 'claimName') ?? [],
  );
  return running.filter(
    (object) =>
      kindOf(object) === 'PersistentVolumeClaim' &&
      namespaceOf(object) === namespaceOf(pod) &&
      names.includes(nameOf(object)),
  );
}

/** Why a claim has no volume; empty where it has one. */
export function reasonsOfClaim(claim: JsonObject, snapshot: Snapshot): readonly Reason[] {
  const because = (message: string): Reason => ({ object: describeObject(claim), message });
  const phase = textField(claim, 'status', 'phase');
  if (phase === 'Lost') return [because(`its volume ${textField(claim, 'spec', 'volumeName')} is gone`)];
  if (phase !== 'Pending') return [];
  const kept = snapshot.running.find(
    (object) =>
      kindOf(object) === 'PersistentVolume' &&
      textField(object, 'spec', 'claimRef', 'namespace') === namespaceOf(claim) &&
      textField(object, 'spec', 'claimRef', 'name') === nameOf(claim),
  );
  const state = textField(kept, 'status', 'phase');
  if (kept && (state === 'Released' || state === 'Failed'))
    return [
      because(
        `its volume ${nameOf(kept)} is ${state}: it belongs to an earlier claim of this name. \`npm run reset\` makes it anew, without its data`,
      ),
    ];
  const failed = warning(snapshot, claim, ['ProvisioningFailed', 'FailedBinding', 'VolumeMismatch']);
  const storageClass = textField(claim, 'spec', 'storageClassName') ?? 'the default';
  return [
    because(
      `unbound: ${failed ?? (kept ? `volume ${nameOf(kept)} is ${state ?? 'not looked at yet'}` : `there is no volume for it in class ${storageClass}`)}`,
    ),
  ];
}

/** What a workload says of its pods. */
export function reasonsOfWorkload(
  workload: JsonObject,
  pods: readonly JsonObject[],
  snapshot: Snapshot,
  now: number,
): readonly Reason[] {
  if (isHealthy(workload)) return [];
  const ofPods = pods.flatMap((pod) => reasonsOfPod(pod, snapshot, now));
  if (kindOf(workload) === 'Job') {
    const failed = conditionOf(workload, 'Failed');
    if (failed?.status === 'True')
      return [
        { object: describeObject(workload), message: `${failed.reason}: ${firstLine(failed.message)}` },
        ...ofPods,
      ];
  }
  // Pods that are refused are nowhere to be seen: only who wanted to make them knows.
  const refused =
    warning(snapshot, workload, ['FailedCreate']) ?? conditionOf(workload, 'ReplicaFailure')?.message;
  if (refused && ofPods.length === 0)
    return [{ object: describeObject(workload), message: `its pods are not let in: ${firstLine(refused)}` }];
  if (ofPods.length > 0) return ofPods;
  const progressing = conditionOf(workload, 'Progressing');
  return [
    {
      object: describeObject(workload),
      message:
        progressing?.status === 'False' ? firstLine(progressing.message) : 'not all of its pods are ready',
    },
  ];
}

/** Whether a workload has as many current, ready pods as it wants; of a Job, whether it is done. */
export function isHealthy(workload: JsonObject): boolean {
  const status = (...path: readonly string[]): number => number(field(workload, 'status', ...path));
  const generation = number(field(workload, 'metadata', 'generation'));
  const wanted =
    field(workload, 'spec', 'replicas') === undefined ? 1 : number(field(workload, 'spec', 'replicas'));
  const current = status('observedGeneration') >= generation;
  switch (kindOf(workload)) {
    case 'Deployment':
      // As `kubectl rollout status`: while the new pods are not ready the old ones are still counted as available.
      return (
        current &&
        status('updatedReplicas') >= wanted &&
        status('replicas') <= status('updatedReplicas') &&
        status('availableReplicas') >= wanted
      );
    case 'StatefulSet':
      return (
        current &&
        status('readyReplicas') >= wanted &&
        (status('updatedReplicas') >= wanted ||
          textField(workload, 'status', 'updateRevision') ===
            textField(workload, 'status', 'currentRevision') ||
          textField(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete')
      );
    case 'DaemonSet':
      return (
        current &&
        status('numberReady') >= status('desiredNumberScheduled') &&
        status('updatedNumberScheduled') >= status('desiredNumberScheduled')
      );
    case 'Job':
      return (
        conditionOf(workload, 'Complete')?.status === 'True' || field(workload, 'spec', 'suspend') === true
      );
    default:
      return true;
  }
}
