import type { PodToCheck, Violation } from './pod.ts';

export interface PodSecurityCheck {
  /** Upstream's id; its order is the order of the message. */
  readonly id: string;
  /** By the minor version of Kubernetes since which each holds, ascending. */
  readonly versions: readonly {
    readonly since: number;
    readonly check: (pod: PodToCheck) => Violation | undefined;
    /** Baseline checks that this one, of the restricted level, takes the place of. */
    readonly overrides?: readonly string[];
  }[];
}
