import type { Severity } from '../finding.ts';
import type { RenderedObject } from '../render/object.ts';
import type { Origin } from '../yaml/node.ts';

export const stages = [
  'yaml',
  'kustomization',
  'render',
  'substitution',
  'schema',
  'api-server',
  'policy',
  'reference',
  'network',
  'flux',
  'secrets',
  'configuration',
  'promotion',
  'capacity',
] as const;

/** The stages of the gate, in the order in which they run. */
export type Stage = (typeof stages)[number];

export interface RuleMeta {
  /** `<stage>/<name>`: what findings, waivers and documentation call it. */
  readonly id: `${Stage}/${string}`;
  readonly severity: Severity;
  /** One line: what must hold. */
  readonly title: string;
  /** What would happen in the cluster otherwise. */
  readonly why: string;
  /** How to put it right, for the documentation; a report may be more exact. */
  readonly fix: string;
  /** The upstream rule or document that it mirrors. */
  readonly docs?: string;
  /** `infometis` rules are about this platform and do not run with `--root` on another repository. */
  readonly scope: 'general' | 'infometis';
  /**
   * Its finding is what another rule's fault leads to: it is left out where another rule reports an error on the same line,
   * which tells more.
   */
  readonly consequence?: true;
}

export interface Report {
  readonly message: string;
  /** The rule's own `fix` where absent. */
  readonly fix?: string;
  readonly at: Origin;
  readonly object?: RenderedObject;
  readonly severity?: Severity;
}

/**
 * A rule looks at one subject at a time: a source file, a kustomization, an object or an environment, as its stage says.
 * It is pure: the same subject, the same reports.
 */
export interface Rule<Subject> extends RuleMeta {
  check(subject: Subject): Iterable<Report>;
}
