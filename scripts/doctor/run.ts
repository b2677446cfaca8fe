import { type Check, type Result, type Status, unknown } from './check.ts';
import type { Machine } from './machine.ts';
import type { Target } from './target.ts';

export interface CheckReport {
  readonly check: Check;
  readonly results: readonly Result[];
}

/** Runs checks one after another. One that fails itself has found nothing out: it is unknown, and the others go on. */
export async function runChecks(
  checks: readonly Check[],
  machine: Machine,
  target: Target,
  step: (title: string) => void = () => {},
): Promise<readonly CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const check of checks) {
    step(check.title);
    reports.push({ check, results: await resultsOf(check, machine, target) });
  }
  return reports;
}

async function resultsOf(check: Check, machine: Machine, target: Target): Promise<readonly Result[]> {
  try {
    const results = await check.run(machine, target);
    return results.length > 0 ? results : [unknown('the check said nothing')];
  } catch (error) {
    return [unknown(`the check itself failed: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

/** How many results there are of each status. */
export function count(reports: readonly CheckReport[]): Readonly<Record<Status, number>> {
  const sum = { ok: 0, warning: 0, problem: 0, unknown: 0 };
  for (const { results } of reports) for (const { status } of results) sum[status] += 1;
  return sum;
}
