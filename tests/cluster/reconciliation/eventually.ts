import { type Check, done, notYet, type WaitOptions, waitFor } from '../harness/wait.ts';

/**
 * As `waitFor`, where an API server that does not answer, or says that it is not ready for that yet, is waited for too:
 * one that has just started does so for kinds whose caches are still being filled.
 */
export const waitPatiently = <T>(
  what: string,
  check: () => Promise<Check<T>>,
  options: WaitOptions = {},
): Promise<T> =>
  waitFor(
    what,
    async () => {
      try {
        return await check();
      } catch (error) {
        return notYet(error instanceof Error ? error.message : String(error));
      }
    },
    { pollMs: 250, ...options },
  );

/** Waits until a check finds no problem any more. @throws at the deadline, with the problems that are left */
export const eventually = (
  what: string,
  problems: () => Promise<readonly string[]>,
  deadlineMs = 60_000,
): Promise<void> =>
  waitPatiently(
    what,
    async () => {
      const found = await problems();
      return found.length === 0 ? done(undefined) : notYet(found.join('\n'));
    },
    { deadlineMs },
  );
