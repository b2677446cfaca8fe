import { createInterface } from 'node:readline/promises';
import { openProgress, type Progress } from '../cli/progress.ts';
import type { Surroundings } from './surroundings.ts';

export interface Terminal {
  readonly progress: Progress;
  readonly surroundings: Surroundings;
}

/**
 * The terminal of a command that touches a cluster. Ctrl-C aborts `surroundings.signal`, at a question too; the command then
 * tidies up and says how far it came.
 */
export function openTerminal(root: string): Terminal {
  // Whoever closes the pipe early, as `head` does, has seen enough: the work goes on.
  process.stdout.removeAllListeners('error').on('error', () => {});
  const progress = openProgress();
  const interruption = new AbortController();
  process.on('SIGINT', () => interruption.abort());
  process.on('SIGTERM', () => interruption.abort());
  return {
    progress,
    surroundings: {
      root,
      environment: process.env,
      write: (words) => {
        progress.done();
        process.stdout.write(words);
      },
      step: (words) => (words === '' ? progress.done() : progress.step(words)),
      confirm:
        process.stdin.isTTY && process.stdout.isTTY ? (question) => ask(question, interruption) : undefined,
      signal: interruption.signal,
      pollMs: 3000,
    },
  };
}

async function ask(question: string, interruption: AbortController): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // readline takes Ctrl-C for itself.
  terminal.on('SIGINT', () => interruption.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: interruption.signal })).trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
