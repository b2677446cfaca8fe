/** Probes and lifecycle hooks. Mirrors `validateProbe`, `validateHandler` and `validateLifecycle`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, number, size, text } from './field.ts';
import { isHeaderName, isPortNumber } from './formats.ts';
import { portFault } from './port.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('probe');

export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** One probe, or none. */
export function* validateProbe(probe: Field, kind: ProbeKind, gracePeriod: number): Errors {
  if (!isSet(probe)) return;
  yield* validateHandler(probe, ['exec', 'httpGet', 'tcpSocket', 'grpc'], gracePeriod);
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ])
    if ((number(get(probe, key)) ?? 0) < 0) yield fault(get(probe, key), 'is negative', 'write 0 or more');
  const grace = get(probe, 'terminationGracePeriodSeconds');
  if (kind === 'readinessProbe') {
    if (isSet(grace)) yield forbidden(grace, 'a readiness probe ends no container');
    return;
  }
  if ((number(grace) ?? 1) <= 0)
    yield fault(grace, `is ${number(grace)}, which is not more than 0`, 'write at least 1');
  const successes = get(probe, 'successThreshold');
  // 0 is read as absent.
  if (![0, 1].includes(number(successes) ?? 1))
    yield fault(
      successes,
      `is ${number(successes)}, and a ${kind} allows only 1`,
      'write 1, or leave it out',
    );
}

/** The hooks of a container, or none. */
export function* validateLifecycle(lifecycle: Field, gracePeriod: number): Errors {
  for (const hook of ['postStart', 'preStop'])
    if (isSet(get(lifecycle, hook)))
      yield* validateHandler(get(lifecycle, hook), ['exec', 'httpGet', 'tcpSocket', 'sleep'], gracePeriod);
}

function* validateHandler(handler: Field, kinds: readonly string[], gracePeriod: number): Errors {
  const present = kinds.filter((kind) => isSet(get(handler, kind)));
  if (present.length === 0) yield fault(handler, 'has no handler', `write one of ${kinds.join(', ')}`);
  if (present.length > 1)
    yield fault(handler, `has ${present.join(' and ')}, and only one is allowed`, 'write one of them');
  for (const kind of present) {
    const action = get(handler, kind);
    if (kind === 'exec' && size(get(action, 'command')) === 0) yield missing(get(action, 'command'));
    if (kind === 'httpGet') yield* validateHttp(action);
    if (kind === 'tcpSocket') yield* validatePort(get(action, 'port'));
    if (kind === 'grpc' && !isPortNumber(number(get(action, 'port')) ?? 0))
      yield fault(
        get(action, 'port'),
        `is ${number(get(action, 'port')) ?? 'missing'}, which is not between 1 and 65535`,
        'write a port number',
      );
    if (kind === 'sleep') yield* validateSleep(action, gracePeriod);
  }
}

function* validatePort(port: Field): Errors {
  const wrong = portFault(port.value);
  if (wrong !== undefined) yield fault(port, wrong, 'write the number or the name of a port');
}

function* validateHttp(action: Field): Errors {
  yield* validatePort(get(action, 'port'));
  const scheme = get(action, 'scheme');
  if (text(scheme) !== '' && !['HTTP', 'HTTPS'].includes(text(scheme)))
    yield oneOf(scheme, ['HTTP', 'HTTPS']);
  for (const header of items(get(action, 'httpHeaders'))) {
    const wrong = isHeaderName(text(get(header, 'name')));
    if (wrong !== undefined) yield fault(get(header, 'name'), wrong, 'write the name of an HTTP header');
  }
}

function* validateSleep(action: Field, gracePeriod: number): Errors {
  const seconds = get(action, 'seconds');
  const value = number(seconds) ?? 0;
  if (value < 0 || value > gracePeriod)
    yield fault(
      seconds,
      `is ${value}, which is not between 0 and the pod's terminationGracePeriodSeconds of ${gracePeriod}`,
      'sleep for less, or raise terminationGracePeriodSeconds',
    );
}
