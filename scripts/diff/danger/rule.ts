import type { ObjectReference } from '../../finding.ts';
import type { Origin } from '../../yaml/node.ts';
import type { EnvironmentChange } from '../change.ts';

/** `danger`: data or service can be lost, or the cluster refuses it. `notice`: look at it before it is merged. */
export type DangerSeverity = 'danger' | 'notice';

export interface DangerReport {
  readonly message: string;
  /** The rule's own where absent. */
  readonly severity?: DangerSeverity;
  readonly fix?: string;
  readonly component: string;
  readonly object: ObjectReference;
  /** What set the value: of the new state, or of the old one where the object is gone. */
  readonly at: Origin;
}

/** Looks at what a change does to one environment. It is pure: the same change, the same reports. */
export interface DangerRule {
  readonly id: string;
  readonly severity: DangerSeverity;
  /** One line: what is dangerous. */
  readonly title: string;
  /** What would happen in the cluster. */
  readonly why: string;
  /** How to reach the aim without the danger. */
  readonly fix: string;
  check(change: EnvironmentChange): Iterable<DangerReport>;
}
