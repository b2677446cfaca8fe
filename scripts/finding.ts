/** What the gate reports, whichever stage found it. */

export type Severity = 'error' | 'warning' | 'info';

/** A Kubernetes object by name. `namespace` is absent for cluster-scoped objects. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Finding {
  /** Id of the rule: `<stage>/<name>`. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong, with the names that matter. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** The source that set the value: path relative to the repository's root, line and column counted from 1. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly object?: ObjectReference;
  readonly environment?: string;
  readonly component?: string;
  /** Where the file is meant as this commit has it, to which the component is pinned; else as the working tree has it. */
  readonly commit?: string;
}

/** `Deployment infometis/flink-jobmanager`, as messages name objects. */
export const describe = (object: Omit<ObjectReference, 'apiVersion'>): string =>
  `${object.kind} ${object.namespace ? `${object.namespace}/` : ''}${object.name}`;

/** The same finding from several builds of one source is one finding. */
export const findingKey = (finding: Finding): string =>
  [finding.rule, finding.file, finding.line, finding.column, finding.message].join('\u0000');
