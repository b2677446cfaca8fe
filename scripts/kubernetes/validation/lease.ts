/** Leases. Mirrors `ValidateLeaseSpec`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, number, text } from './field.ts';
import { isQualifiedName } from './formats.ts';

const { fault, forbidden, oneOf } = faultsOf('lease');

export function* validateLease(object: Field): Errors {
  const spec = get(object, 'spec');
  const duration = get(spec, 'leaseDurationSeconds');
  if ((number(duration) ?? 1) < 1) yield fault(duration, 'is not more than 0', 'write at least 1');
  const transitions = get(spec, 'leaseTransitions');
  if ((number(transitions) ?? 0) < 0) yield fault(transitions, 'is negative', 'write 0 or more');
  const strategy = get(spec, 'strategy');
  if (isSet(strategy)) {
    const known = ['OldestEmulationVersion'];
    const wrong = text(strategy).includes('/') ? isQualifiedName(text(strategy)) : undefined;
    if (wrong !== undefined) yield fault(strategy, wrong, 'write a name such as `example.com/strategy`');
    if (!text(strategy).includes('/') && !known.includes(text(strategy))) yield oneOf(strategy, known);
  }
  const holder = get(spec, 'preferredHolder');
  if (text(holder) !== '' && text(strategy) === '') yield forbidden(holder, 'there is no strategy');
}
