import { done, notYet, waitFor } from '../harness/wait.ts';

/** Waits until a check finds no problem any more. @throws at the deadline, with the problems that are left */
export const eventually = (
  what: string,
  problems: () => Promise<readonly string[]>,
  deadlineMs = 60_000,
): Promise<void> =>
  waitFor(
    what,
    async () => {
      const found = await problems();
      return found.length === 0 ? done(undefined) : notYet(found.join('\n'));
    },
    { deadlineMs, pollMs: 250 },
  );
