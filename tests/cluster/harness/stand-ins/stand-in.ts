import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client, Verdict } from '../client.ts';

/**
 * One round of a controller that cannot be had here: looks at what is there and writes what the controller would. Repeated, it
 * writes nothing more.
 */
export type Round = (client: Client) => Promise<void>;

export interface StandIns {
  /** What went wrong in the rounds so far, each once. */
  problems(): readonly string[];
  stop(): Promise<void>;
}

const pauseMs = 300;

/** Plays rounds over and over, until stopped. */
export function startStandIns(client: Client, rounds: readonly Round[]): StandIns {
  const problems = new Set<string>();
  const stopping = new AbortController();
  const play = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const round of rounds)
        await round(client).catch((error: unknown) => {
          if (!isPassing(error)) problems.add(error instanceof Error ? error.message : String(error));
        });
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const playing = play();
  return {
    problems: () => [...problems],
    async stop() {
      stopping.abort();
      await playing;
    },
  };
}

/** The API server asks to come again: a kind that was defined just now is not stored yet. */
const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'answer' in error && (error.answer as Answer).status === 429;

/** A write that may come second: somebody changed or took away the object since it was read, and the next round sees to it. */
export function mustWrite(what: string, verdict: Verdict): void {
  if (verdict.ok || verdict.reason === 'Conflict' || verdict.reason === 'NotFound') return;
  throw new Error(`${what}: ${verdict.message}`);
}

/** A status condition as controllers write it. */
export const condition = (type: string, reason: string, generation: number | undefined) => ({
  type,
  status: 'True',
  reason,
  message: 'A stand-in of the tests says so.',
  lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  observedGeneration: generation ?? 1,
});
