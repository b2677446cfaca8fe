import type { Finding } from '../../finding.ts';
import type { GateResult } from '../../gate.ts';

/** Everything that a report may tell. */
export interface Run extends GateResult {
  readonly durationMs: number;
  /** For the source lines that `pretty` shows: the text of a finding's file, or undefined. */
  readonly read: (finding: Finding) => string | undefined;
  /** A file as it is shown to the person: relative to where they are. */
  readonly place: (file: string) => string;
  readonly color: boolean;
}

/** A report's whole text, to be written to standard output at once. */
export type Reporter = (run: Run) => string;
