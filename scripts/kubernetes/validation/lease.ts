/** Leases. Mirrors `ValidateLeaseSpec`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, number } from './field.ts';

const { fault } = faultsOf('lease');

export function* validateLease(object: Field): Errors {
  const spec = get(object, 'spec');
  const duration = get(spec, 'leaseDurationSeconds');
  if ((number(duration) ?? 1) < 1) yield fault(duration, 'is not more than 0', 'write at least 1');
  const transitions = get(spec, 'leaseTransitions');
  if ((number(transitions) ?? 0) < 0) yield fault(transitions, 'is negative', 'write 0 or more');
  // strategy and preferredHolder are behind a feature gate that is off: the server drops them.
}
