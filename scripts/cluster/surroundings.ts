import { type ExitCode, interrupted, type UsageError } from '../cli/exit.ts';

/** How a command that touches a cluster talks to the person and the machine. */
export interface Surroundings {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  /** What is being done just now, for who watches; empty takes the last one away. */
  readonly step: (text: string) => void;
  /** Undefined where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  readonly signal: AbortSignal;
  readonly pollMs: number;
}

export type Outcome =
  | { readonly ok: true; readonly code: ExitCode | typeof interrupted }
  | { readonly ok: false; readonly error: UsageError };

/** Ends a run that Ctrl-C has cut off, with what that means for the cluster. */
export function stopped({ write }: Pick<Surroundings, 'write'>, text: string): Outcome {
  write(`\nStopped. ${text}\n`);
  return { ok: true, code: interrupted };
}
