import type { Client } from '../harness/client.ts';
import type { Case } from './case.ts';
import { openGate, serverVerdict, type Verdict } from './verdicts.ts';

export interface Result {
  readonly case: Case;
  /** Undefined where the server's answer hangs on what the cluster holds. */
  readonly server: Verdict | undefined;
  readonly gate: Verdict;
}

export interface Measurement {
  readonly results: readonly Result[];
  readonly serverMs: number;
  readonly gateMs: number;
}

/** Asks the server and the gate for their verdict on each case. */
export async function measure(client: Client, cases: readonly Case[]): Promise<Measurement> {
  const gate = openGate();
  const started = performance.now();
  const servers = await inFlight(8, cases, (one) => serverVerdict(client, one.object, 'apply'));
  const between = performance.now();
  const gates = cases.map((one) => gate(one.object));
  const ended = performance.now();
  return {
    results: cases.map((one, index) => ({ case: one, server: servers[index], gate: gates[index]! })),
    serverMs: between - started,
    gateMs: ended - between,
  };
}

/** Runs a task for each item, so many at once; the answers are in the order of the items. */
export async function inFlight<T, R>(
  width: number,
  items: readonly T[],
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      answers[index] = await task(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return answers;
}

export type Outcome = 'both accept' | 'both refuse' | 'only the server refuses' | 'only the gate refuses';

export function outcomeOf({ server, gate }: Result): Outcome | undefined {
  if (server === undefined) return undefined;
  if (server.accepts) return gate.accepts ? 'both accept' : 'only the gate refuses';
  return gate.accepts ? 'only the server refuses' : 'both refuse';
}
