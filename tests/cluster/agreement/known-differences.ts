import type { Outcome } from './measure.ts';
import type { Difference } from './report.ts';

/** A difference between gate and server that is known, and why it is there. Any other one fails the suite. */
export interface KnownDifference {
  readonly outcome: Exclude<Outcome, 'both accept' | 'both refuse'>;
  readonly kind?: RegExp;
  /** Of what the side that refuses says. */
  readonly says: RegExp;
  readonly cause: string;
  /** Not every seed brings it up. */
  readonly rare?: boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    outcome: 'only the gate refuses',
    says: /^range: .* an integer from -2147483648 to 2147483647 is wanted/,
    cause:
      'On purpose: applied, a number beyond 32 bits is cut to another one, which is stored without a word; created, it is refused, which the suite asks for. Nobody means it.',
  },
  {
    outcome: 'only the server refuses',
    says: /(integer value of priority|string value of PreemptionPolicy) .* must not be provided in pod spec/,
    cause: 'The Priority admission plugin, which knows the classes of the cluster.',
    rare: true,
  },
  {
    outcome: 'only the server refuses',
    says: /must be an integer|Invalid value: -\d+: must be a valid resource quantity/,
    cause: 'An amount beyond 64 bits, such as 1Ei in thousandths: the server looks at what is left of it.',
    rare: true,
  },
  {
    outcome: 'only the server refuses',
    kind: /^resource\.k8s\.io\//,
    says: /undeclared reference to 'Object'|too complex, exceeds cost limit/,
    cause:
      'Of an expression with objects that it makes, or of the cost of one, the type checker at hand knows nothing.',
    rare: true,
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
