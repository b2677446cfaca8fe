import type { Outcome } from './measure.ts';
import type { Difference } from './report.ts';

/** A difference between gate and server that is known, and why it is there. Any other one fails the suite. */
export interface KnownDifference {
  readonly outcome: Exclude<Outcome, 'both accept' | 'both refuse'>;
  readonly kind?: RegExp;
  /** Of what the side that refuses says. */
  readonly says: RegExp;
  readonly cause: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    outcome: 'only the gate refuses',
    says: /^range: .* an integer from -2147483648 to 2147483647 is wanted/,
    cause:
      'On purpose: applied, a number beyond 32 bits is cut to another number and stored; created, it is refused. Nobody means it.',
  },
];

/** Which entry a difference falls under; undefined for a new one. */
export const knownCause = (difference: Difference): KnownDifference | undefined =>
  knownDifferences.find(
    ({ outcome, kind, says }) =>
      outcome === difference.outcome &&
      (kind === undefined || kind.test(difference.kind)) &&
      says.test(outcome === 'only the gate refuses' ? difference.gate : difference.server),
  );
