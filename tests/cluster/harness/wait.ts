import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly deadlineMs?: number;
  readonly pollMs?: number;
  /** Something that makes waiting pointless, looked at in every round: a process that has ended, say. */
  readonly giveUp?: () => string | undefined;
}

/** What a check says: done, or what is seen instead. */
export type Check<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly seen: string };

export const done = <T>(value: T): Check<T> => ({ done: true, value });
export const notYet = (seen: string): Check<never> => ({ done: false, seen });

/**
 * Asks until the check is done, and returns its value.
 *
 * @param what completes "waiting for …"
 * @throws at the deadline, with what was seen last, and where `giveUp` has a reason
 */
export async function waitFor<T>(
  what: string,
  check: () => Check<T> | Promise<Check<T>>,
  { deadlineMs = 60_000, pollMs = 100, giveUp }: WaitOptions = {},
): Promise<T> {
  const started = performance.now();
  for (;;) {
    const result = await check();
    if (result.done) return result.value;
    const reason = giveUp?.();
    if (reason !== undefined) throw new Error(`waiting for ${what}: ${reason}; seen: ${result.seen}`);
    const left = deadlineMs - (performance.now() - started);
    if (left <= 0)
      throw new Error(`waiting for ${what}: not within ${deadlineMs / 1000} s; seen: ${result.seen}`);
    await sleep(Math.min(pollMs, left));
  }
}
