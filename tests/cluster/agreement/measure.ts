import type { Client } from '../harness/client.ts';
import type { Case } from './case.ts';
import { type Kubeconform, runKubeconform } from './kubeconform.ts';
import { openGate, serverVerdict, type Verdict } from './verdicts.ts';

/** What the API server says of a case, and what a checker says. */
export interface Result {
  readonly case: Case;
  /** Of the case as it is applied. Undefined where the server's answer hangs on what the cluster holds. */
  readonly server: Verdict | undefined;
  /** Of the case as it is created; asked where the server lets it be applied and a checker refuses it. */
  readonly created?: Verdict | undefined;
  readonly checker: Verdict;
}

export interface Measurement {
  readonly gate: readonly Result[];
  /** The same cases. */
  readonly kubeconform:
    | (Extract<Kubeconform, { readonly ok: true }> & { readonly results: readonly Result[] })
    | Extract<Kubeconform, { readonly ok: false }>;
  readonly serverMs: number;
  readonly gateMs: number;
}

/** Asks the server, the gate and kubeconform for their verdict on each case. */
export async function measure(client: Client, cases: readonly Case[]): Promise<Measurement> {
  const gate = openGate();
  const started = performance.now();
  const servers = await inFlight(8, cases, (one) => serverVerdict(client, one.object, 'apply'));
  const between = performance.now();
  const gates = cases.map((one) => gate(one.object));
  const ended = performance.now();
  const kubeconform = await runKubeconform(cases);
  const others = kubeconform.ok ? kubeconform.verdicts : [];
  const created = await inFlight(8, cases, async (one, index) =>
    servers[index]?.accepts && (!gates[index]?.accepts || others[index]?.accepts === false)
      ? serverVerdict(client, one.object, 'create')
      : undefined,
  );
  const resultsOf = (verdicts: readonly Verdict[]): Result[] =>
    cases.map((one, index) => ({
      case: one,
      server: servers[index],
      created: created[index],
      checker: verdicts[index]!,
    }));
  return {
    gate: resultsOf(gates),
    kubeconform: kubeconform.ok ? { ...kubeconform, results: resultsOf(others) } : kubeconform,
    serverMs: between - started,
    gateMs: ended - between,
  };
}

/** Runs a task for each item, so many at once; the answers are in the order of the items. */
export async function inFlight<T, R>(
  width: number,
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      answers[index] = await task(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return answers;
}

export const outcomes = [
  'both accept',
  'both refuse',
  /** The server stores it as something else when it is applied, and refuses it when it is created: so does the checker. */
  'refused when created only',
  'false acceptance',
  'false rejection',
] as const;
export type Outcome = (typeof outcomes)[number];

export const agrees = (outcome: Outcome): boolean =>
  outcome !== 'false acceptance' && outcome !== 'false rejection';

/** A rejection is false where the server takes the object both ways. Undefined where its answer hangs on the cluster. */
export function outcomeOf({ server, created, checker }: Result): Outcome | undefined {
  if (server === undefined) return undefined;
  if (!server.accepts) return checker.accepts ? 'false acceptance' : 'both refuse';
  if (checker.accepts) return 'both accept';
  return created?.accepts === false ? 'refused when created only' : 'false rejection';
}
