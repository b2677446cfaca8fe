import type { Machine } from './machine.ts';
import type { Target } from './target.ts';

/**
 * `problem`: it will not run, or will lose data. `warning`: it runs, with a limit that one should know. `unknown`: it could not
 * be looked at, which is neither.
 */
export type Status = 'ok' | 'warning' | 'problem' | 'unknown';

export interface Result {
  readonly status: Status;
  /** What was found, with the real names and numbers; for `unknown`, why it could not be looked at. */
  readonly detail: string;
  /** What to do; lines to type or to write stand on lines of their own. */
  readonly fix?: string;
}

/** One thing to look at. Checks change nothing. */
export interface Check {
  /** `tmp-cleaning`: how --only names it. */
  readonly id: string;
  readonly title: string;
  /** What would go wrong. */
  readonly why: string;
  /** One result for each thing that can be mended by itself; never none. */
  run(machine: Machine, target: Target): readonly Result[] | Promise<readonly Result[]>;
}

export const ok = (detail: string): Result => ({ status: 'ok', detail });
export const warning = (detail: string, fix: string): Result => ({ status: 'warning', detail, fix });
export const problem = (detail: string, fix: string): Result => ({ status: 'problem', detail, fix });
export const unknown = (detail: string, fix?: string): Result => ({
  status: 'unknown',
  detail,
  ...(fix !== undefined && { fix }),
});
