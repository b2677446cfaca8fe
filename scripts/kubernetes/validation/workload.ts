/** Deployments, StatefulSets, DaemonSets, ReplicaSets and ReplicationControllers. Mirrors pkg/apis/apps/validation. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, items, number, size, text } from './field.ts';
import { isDnsLabel } from './formats.ts';
import { atMostAll, countOf, notNegative, numberOrPercent } from './numbers.ts';
import { validateClaimSpec } from './persistent-volume-claim.ts';
import { validatePodTemplate } from './pod.ts';
import { isEmptySelector, validateLabelSelector, validateSelectorMatches } from './selector.ts';

const faults = faultsOf('workload');
const { fault, missing, forbidden, oneOf } = faults;
const selectors = faultsOf('selector');

/** What all workloads whose pods never end have in common. */
function* validateReplicated(spec: Field, kind: string, claimTemplates: readonly string[] = []): Errors {
  for (const key of ['replicas', 'minReadySeconds', 'revisionHistoryLimit'])
    if (key !== 'revisionHistoryLimit' || kind === 'Deployment' || kind === 'DaemonSet')
      yield* notNegative(get(spec, key), faults);
  yield* validateTemplate(spec, kind, claimTemplates);
  const selector = get(spec, 'selector');
  if (!isSet(selector)) return yield selectors.missing(selector);
  yield* validateLabelSelector(selector);
  if (isEmptySelector(selector))
    yield selectors.fault(
      selector,
      'is empty, and would select every pod of the namespace',
      'write the labels of the template',
    );
  else yield* validateSelectorMatches(selector, get(spec, 'template', 'metadata', 'labels'));
}

function* validateTemplate(spec: Field, kind: string, claimTemplates: readonly string[]): Errors {
  const template = get(spec, 'template');
  yield* validatePodTemplate(template, claimTemplates);
  const policy = get(template, 'spec', 'restartPolicy');
  if (text(policy) !== '' && text(policy) !== 'Always')
    yield fault(
      policy,
      `is ${text(policy)}, and the pods of a ${kind} can only have Always`,
      'write Always, or leave it out',
    );
  const deadline = get(template, 'spec', 'activeDeadlineSeconds');
  if (isSet(deadline)) yield forbidden(deadline, `the pods of a ${kind} have no deadline`);
}

/** `ValidateDeployment`. */
export function* validateDeployment(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateReplicated(spec, 'Deployment');
  const strategy = get(spec, 'strategy');
  const type = get(strategy, 'type');
  const rolling = get(strategy, 'rollingUpdate');
  if (text(type) === 'Recreate') {
    if (isSet(rolling)) yield forbidden(rolling, 'the strategy is Recreate');
  } else if (text(type) === '' || text(type) === 'RollingUpdate') yield* validateRollingDeployment(rolling);
  else yield oneOf(type, ['Recreate', 'RollingUpdate']);
  const deadline = get(spec, 'progressDeadlineSeconds');
  yield* notNegative(deadline, faults);
  const ready = number(get(spec, 'minReadySeconds')) ?? 0;
  const seconds = number(deadline) ?? 600;
  if (seconds <= ready)
    yield fault(
      isSet(deadline) ? deadline : get(spec, 'minReadySeconds'),
      `leaves no time: progressDeadlineSeconds is ${seconds}, and minReadySeconds ${ready}`,
      'make progressDeadlineSeconds larger than minReadySeconds',
    );
}

/** `ValidateRollingUpdateDeployment`. */
function* validateRollingDeployment(rolling: Field): Errors {
  const unavailable = get(rolling, 'maxUnavailable');
  const surge = get(rolling, 'maxSurge');
  for (const field of [unavailable, surge]) yield* numberOrPercent(field, faults);
  yield* atMostAll(unavailable, faults);
  // Both are 25% where they are missing.
  if (countOf(unavailable, 25) === 0 && countOf(surge, 25) === 0)
    yield fault(
      unavailable,
      'and maxSurge are both 0, so no pod could ever be replaced',
      'raise one of them',
    );
}

/** `ValidateReplicaSet`. */
export function* validateReplicaSet(object: Field): Errors {
  yield* validateReplicated(get(object, 'spec'), 'ReplicaSet');
}

/** `ValidateStatefulSet`. */
export function* validateStatefulSet(object: Field): Errors {
  const spec = get(object, 'spec');
  const templates = items(get(spec, 'volumeClaimTemplates'));
  // The controller sets these two of each pod, so the template's own are not looked at.
  const pod = get(spec, 'template', 'spec').value;
  const value = typeof pod === 'object' && pod !== null ? { ...pod, hostname: '', subdomain: '' } : pod;
  yield* validateReplicated(
    replaced(spec, ['template', 'spec'], value),
    'StatefulSet',
    templates.map((template) => text(get(template, 'metadata', 'name'))),
  );
  for (const template of templates) {
    const name = get(template, 'metadata', 'name');
    if (text(name) === '') yield missing(name, 'the pods mount it by its name');
    yield* validateClaimSpec(get(template, 'spec'));
  }
  const management = get(spec, 'podManagementPolicy');
  if (text(management) !== '' && !['OrderedReady', 'Parallel'].includes(text(management)))
    yield oneOf(management, ['OrderedReady', 'Parallel']);
  const strategy = get(spec, 'updateStrategy');
  const type = get(strategy, 'type');
  const rolling = get(strategy, 'rollingUpdate');
  if (text(type) === 'OnDelete') {
    if (isSet(rolling)) yield forbidden(rolling, 'the strategy is OnDelete');
  } else if (text(type) === '' || text(type) === 'RollingUpdate')
    yield* notNegative(get(rolling, 'partition'), faults);
  else yield oneOf(type, ['RollingUpdate', 'OnDelete']);
  for (const key of ['whenDeleted', 'whenScaled']) {
    const field = get(spec, 'persistentVolumeClaimRetentionPolicy', key);
    if (text(field) !== '' && !['Retain', 'Delete'].includes(text(field)))
      yield oneOf(field, ['Retain', 'Delete']);
  }
  yield* notNegative(get(spec, 'ordinals', 'start'), faults);
  const service = get(spec, 'serviceName');
  const wrong = text(service) === '' ? undefined : isDnsLabel(text(service));
  if (wrong !== undefined) yield fault(service, wrong, 'write the name of a Service');
}

/** The same field with another value at a path. */
function replaced(field: Field, path: readonly string[], value: unknown): Field {
  const [key, ...rest] = path;
  if (key === undefined) return { ...field, value };
  if (typeof field.value !== 'object' || field.value === null) return field;
  return { ...field, value: { ...field.value, [key]: replaced(get(field, key), rest, value).value } };
}

/** `ValidateDaemonSet`. */
export function* validateDaemonSet(object: Field): Errors {
  const spec = get(object, 'spec');
  yield* validateReplicated(spec, 'DaemonSet');
  const strategy = get(spec, 'updateStrategy');
  const type = get(strategy, 'type');
  if (text(type) === 'OnDelete') return;
  if (text(type) !== '' && text(type) !== 'RollingUpdate')
    return yield oneOf(type, ['RollingUpdate', 'OnDelete']);
  const unavailable = get(strategy, 'rollingUpdate', 'maxUnavailable');
  const surge = get(strategy, 'rollingUpdate', 'maxSurge');
  for (const field of [unavailable, surge]) {
    yield* numberOrPercent(field, faults);
    yield* atMostAll(field, faults);
  }
  // One pod may be missing where nothing is said, none more.
  const down = countOf(unavailable, 1) !== 0;
  const extra = countOf(surge, 0) !== 0;
  if (down && extra)
    yield fault(
      surge,
      'and maxUnavailable are both set, and only one may be more than 0',
      'write `maxUnavailable: 0` beside maxSurge',
    );
  if (!down && !extra)
    yield fault(
      unavailable,
      'and maxSurge are both 0, so no pod could ever be replaced',
      'raise one of them',
    );
}

/** `ValidateReplicationController`; its selector is plain labels, the template's own where it is missing. */
export function* validateReplicationController(object: Field): Errors {
  const spec = get(object, 'spec');
  const template = get(spec, 'template');
  for (const key of ['replicas', 'minReadySeconds']) yield* notNegative(get(spec, key), faults);
  if (!isSet(template)) return yield missing(template);
  yield* validateTemplate(spec, 'ReplicationController', []);
  const labels = get(template, 'metadata', 'labels');
  const selector = get(spec, 'selector');
  if (size(selector) === 0) {
    if (entries(labels).length === 0)
      yield selectors.missing(selector, 'the template has no labels to take instead');
    return;
  }
  yield* validateSelectorMatches({ value: { matchLabels: selector.value }, path: selector.path }, labels);
}

/** `ValidateControllerRevisionCreate`. */
export function* validateControllerRevision(object: Field): Errors {
  yield* notNegative(get(object, 'revision'), faults);
  if (!isSet(get(object, 'data'))) yield missing(get(object, 'data'));
}
