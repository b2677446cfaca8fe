/** Containers of pods. Mirrors `validateContainers`, `validateInitContainers` and `validateEphemeralContainers`. */

import { validateEnvironment } from './environment.ts';
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, items, number, size, text } from './field.ts';
import { isDnsLabel } from './formats.ts';
import { validateHostPorts, validatePorts } from './port.ts';
import { validateLifecycle, validateProbe } from './probe.ts';
import { containerResourceNameFault, validateResourceRequirements } from './resources.ts';
import { validateSecurityContext } from './security-context.ts';
import { type Volumes, validateFileVolumes, validateMounts } from './volume.ts';

const { fault, missing, forbidden, duplicate, oneOf } = faultsOf('container');

/** What the containers of a pod have in common. */
export interface PodContext {
  readonly volumes: Volumes;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  /** Seconds. */
  readonly gracePeriod: number;
  readonly restartPolicy: string;
  /** Whether the pod uses the host's user ids, which is the default. */
  readonly hostUsers: boolean;
  /** False in a template, where a few checks wait for the pod itself. */
  readonly isPod: boolean;
  readonly hostNetwork: boolean;
}

/** All containers of a pod. */
export function* validateAllContainers(spec: Field, pod: PodContext): Errors {
  const containers = items(get(spec, 'containers'));
  if (containers.length === 0) yield missing(get(spec, 'containers'), 'a pod has at least one container');
  const names = new Set<string>();
  for (const container of containers) yield* validateContainer(container, names, pod);
  const onHost = pod.isPod && pod.hostNetwork;
  yield* validateHostPorts(containers, onHost);
  for (const container of items(get(spec, 'initContainers'))) {
    yield* validateInitContainer(container, names, pod);
    yield* validateHostPorts([container], onHost);
  }
  for (const container of items(get(spec, 'ephemeralContainers')))
    yield* validateEphemeralContainer(container, names, pod);
}

function* validateName(container: Field, names: Set<string>): Errors {
  const name = get(container, 'name');
  if (text(name) === '') return yield missing(name);
  const wrong = isDnsLabel(text(name));
  if (wrong !== undefined) yield fault(name, wrong, 'rename the container');
  if (names.has(text(name))) yield duplicate(name, text(name));
  names.add(text(name));
}

/** `validateContainerCommon`. */
function* validateCommon(container: Field, pod: PodContext): Errors {
  const image = get(container, 'image');
  if (text(image) === '') yield missing(image);
  else if (pod.isPod && text(image) !== text(image).trim())
    yield fault(image, 'begins or ends with white space', 'remove the white space');
  const messages = get(container, 'terminationMessagePolicy');
  const messagePolicies = ['File', 'FallbackToLogsOnError'];
  if (text(messages) !== '' && !messagePolicies.includes(text(messages)))
    yield oneOf(messages, messagePolicies);
  const pull = get(container, 'imagePullPolicy');
  const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
  if (text(pull) !== '' && !pullPolicies.includes(text(pull))) yield oneOf(pull, pullPolicies);
  yield* validatePorts(get(container, 'ports'));
  yield* validateEnvironment(container);
  yield* validateMounts(container, pod.volumes);
  yield* validateFileVolumes(container, pod.volumes);
  yield* validateResourceRequirements(get(container, 'resources'), containerResourceNameFault, pod.claims);
  yield* validateResizePolicy(get(container, 'resizePolicy'), pod);
  yield* validateSecurityContext(get(container, 'securityContext'), pod.hostUsers);
}

function* validateResizePolicy(policies: Field, pod: PodContext): Errors {
  const seen = new Set<string>();
  for (const policy of items(policies)) {
    const resource = get(policy, 'resourceName');
    const restart = get(policy, 'restartPolicy');
    if (!['cpu', 'memory'].includes(text(resource))) yield oneOf(resource, ['cpu', 'memory']);
    if (seen.has(text(resource))) yield duplicate(resource, text(resource));
    seen.add(text(resource));
    if (!['NotRequired', 'RestartContainer'].includes(text(restart)))
      yield oneOf(restart, ['NotRequired', 'RestartContainer']);
    if (pod.restartPolicy === 'Never' && text(restart) === 'RestartContainer')
      yield fault(restart, 'wants a restart, and the pod has `restartPolicy: Never`', 'write NotRequired');
  }
}

/** `validateContainerRestartPolicy`. */
function* validateRestartPolicy(container: Field): Errors {
  const policy = get(container, 'restartPolicy');
  const rules = get(container, 'restartPolicyRules');
  const policies = ['Always', 'Never', 'OnFailure'];
  if (!isSet(policy)) {
    if (size(rules) > 0) yield missing(policy, 'restartPolicyRules need it');
  } else if (!policies.includes(text(policy))) yield oneOf(policy, policies);
  if (size(rules) > 20)
    yield fault(rules, `has ${size(rules)} rules, and at most 20 are allowed`, 'join some of the rules');
  for (const rule of items(rules)) {
    const action = get(rule, 'action');
    const actions = ['Restart', 'RestartAllContainers'];
    if (!actions.includes(text(action))) yield oneOf(action, actions);
    const codes = get(rule, 'exitCodes');
    if (!isSet(codes)) {
      yield missing(codes);
      continue;
    }
    if (!['In', 'NotIn'].includes(text(get(codes, 'operator'))))
      yield oneOf(get(codes, 'operator'), ['In', 'NotIn']);
    if (size(get(codes, 'values')) > 255)
      yield fault(get(codes, 'values'), 'has more than 255 codes', 'shorten it');
  }
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function* validateLife(container: Field, pod: PodContext): Errors {
  yield* validateLifecycle(get(container, 'lifecycle'), pod.gracePeriod);
  for (const kind of probes) yield* validateProbe(get(container, kind), kind, pod.gracePeriod);
}

function* validateContainer(container: Field, names: Set<string>, pod: PodContext): Errors {
  yield* validateName(container, names);
  yield* validateCommon(container, pod);
  yield* validateLife(container, pod);
  yield* validateRestartPolicy(container);
}

function* validateInitContainer(container: Field, names: Set<string>, pod: PodContext): Errors {
  yield* validateName(container, names);
  yield* validateCommon(container, pod);
  yield* validateRestartPolicy(container);
  if (text(get(container, 'restartPolicy')) === 'Always') return yield* validateLife(container, pod);
  // A stop signal is behind a feature gate that is off: the server drops it, and what is empty then.
  const handlers = entries(get(container, 'lifecycle')).filter(([, field]) => isSet(field));
  const dropped = handlers.length > 0 && handlers.every(([key]) => key === 'stopSignal');
  for (const key of ['lifecycle', ...probes])
    if (isSet(get(container, key)) && !(key === 'lifecycle' && dropped))
      yield forbidden(
        get(container, key),
        'an init container has it only as a sidecar, with `restartPolicy: Always`',
      );
  for (const policy of items(get(container, 'resizePolicy')))
    if (text(get(policy, 'restartPolicy')) === 'RestartContainer')
      yield fault(
        get(policy, 'restartPolicy'),
        'wants a restart, and an init container that is no sidecar has none',
        'write NotRequired',
      );
}

const notForEphemeral = [
  'ports',
  'resources',
  'lifecycle',
  ...probes,
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
] as const;

function* validateEphemeralContainer(container: Field, names: Set<string>, pod: PodContext): Errors {
  const target = get(container, 'targetContainerName');
  if (text(target) !== '' && !names.has(text(target)))
    yield fault(
      target,
      `is \`${text(target)}\`, and the pod has no such container`,
      'name a container of the pod',
    );
  yield* validateName(container, names);
  yield* validateCommon(container, pod);
  for (const key of notForEphemeral)
    if (size(get(container, key)) > 0 || text(get(container, key)) !== '')
      yield forbidden(get(container, key), 'an ephemeral container cannot have it');
}

/** `terminationGracePeriodSeconds`, with its default. */
export const gracePeriodOf = (spec: Field): number =>
  number(get(spec, 'terminationGracePeriodSeconds')) ?? 30;
