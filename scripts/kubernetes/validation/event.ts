/** Events of both groups. Mirrors pkg/apis/core/validation/events.go. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, number, text } from './field.ts';
import { isQualifiedName } from './formats.ts';

const { fault, missing, oneOf, forbidden } = faultsOf('event');

/** What the two groups call the same fields. */
interface Names {
  readonly object: string;
  readonly note: string;
  readonly controller: string;
}

const coreNames: Names = { object: 'involvedObject', note: 'message', controller: 'reportingComponent' };
const newNames: Names = { object: 'regarding', note: 'note', controller: 'reportingController' };

/** An Event of the core group: only with an eventTime is it held to the newer rules. */
export function* validateCoreEvent(event: Field): Errors {
  yield* validateCommon(event, coreNames);
}

/** An Event of events.k8s.io, which has to be complete. */
export function* validateEvent(event: Field): Errors {
  yield* validateCommon(event, newNames);
  const series = get(event, 'series');
  if (isSet(series)) {
    const count = number(get(series, 'count')) ?? 0;
    if (count < 2)
      yield fault(get(series, 'count'), `is ${count}, and a series is at least 2`, 'write at least 2');
    if (text(get(series, 'lastObservedTime')) === '') yield missing(get(series, 'lastObservedTime'));
  }
  if (text(get(event, 'eventTime')) === '') yield missing(get(event, 'eventTime'));
  const type = get(event, 'type');
  const types = ['Normal', 'Warning'];
  if (!types.includes(text(type))) yield oneOf(type, types);
  const old = 'it is only for Events of the group v1';
  for (const key of ['deprecatedFirstTimestamp', 'deprecatedLastTimestamp'])
    if (text(get(event, key)) !== '') yield forbidden(get(event, key), old);
  if ((number(get(event, 'deprecatedCount')) ?? 0) !== 0) yield forbidden(get(event, 'deprecatedCount'), old);
  const source = get(event, 'deprecatedSource');
  if (['component', 'host'].some((key) => text(get(source, key)) !== '')) yield forbidden(source, old);
}

/** `legacyValidateEvent`. */
function* validateCommon(event: Field, names: Names): Errors {
  const namespace = text(get(event, 'metadata', 'namespace'));
  const about = get(event, names.object, 'namespace');
  const timed = text(get(event, 'eventTime')) !== '';
  // Without a namespace of its own the Event goes to one that is not known here.
  const free = timed ? ['default', 'kube-system'] : ['default'];
  const agrees = text(about) === '' ? free.includes(namespace) : timed || text(about) === namespace;
  if (namespace !== '' && !agrees)
    yield fault(
      about,
      text(about) === ''
        ? `is missing, and the Event is in \`${namespace}\``
        : `is \`${text(about)}\`, and the Event is in \`${namespace}\``,
      `write \`namespace: ${namespace}\``,
    );
  if (!timed) return;
  const controller = get(event, names.controller);
  if (text(controller) === '') yield missing(controller);
  else {
    const wrong = isQualifiedName(text(controller));
    if (wrong !== undefined) yield fault(controller, wrong, 'write a name such as `example.com/controller`');
  }
  for (const key of ['reportingInstance', 'action', 'reason'])
    if (text(get(event, key)) === '') yield missing(get(event, key));
  for (const [key, most] of [
    ['reportingInstance', 128],
    ['action', 128],
    ['reason', 128],
    [names.note, 1024],
  ] as const) {
    const bytes = Buffer.byteLength(text(get(event, key)));
    if (bytes > most)
      yield fault(get(event, key), `has ${bytes} bytes, and at most ${most} are allowed`, 'shorten it');
  }
}
