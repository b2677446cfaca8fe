import { type Outcome, outcomeOf, type Result } from './measure.ts';

export type Counts = Record<Outcome | 'depends on the cluster', number>;

export interface Difference {
  readonly id: string;
  readonly kind: string;
  readonly family: string;
  readonly outcome: Outcome;
  readonly server: string;
  readonly gate: string;
  readonly object: unknown;
}

export interface Report {
  readonly cases: number;
  /** Cases on which the server's answer is about the object alone. */
  readonly compared: number;
  /** Of the compared ones. */
  readonly agreement: number;
  readonly total: Counts;
  readonly byKind: Readonly<Record<string, Counts>>;
  readonly byFamily: Readonly<Record<string, Counts>>;
  readonly differences: readonly Difference[];
}

const noCounts = (): Counts => ({
  'both accept': 0,
  'both refuse': 0,
  'only the server refuses': 0,
  'only the gate refuses': 0,
  'depends on the cluster': 0,
});

export function reportOf(results: readonly Result[]): Report {
  const total = noCounts();
  const byKind: Record<string, Counts> = {};
  const byFamily: Record<string, Counts> = {};
  const differences: Difference[] = [];
  for (const result of results) {
    const outcome = outcomeOf(result);
    const { id, kind, family, object } = result.case;
    byKind[kind] ??= noCounts();
    byFamily[family] ??= noCounts();
    for (const counts of [total, byKind[kind], byFamily[family]])
      counts[outcome ?? 'depends on the cluster'] += 1;
    if (outcome === 'only the server refuses' || outcome === 'only the gate refuses')
      differences.push({
        id,
        kind,
        family,
        outcome,
        server: result.server?.accepts === false ? result.server.message : 'accepts',
        gate: result.gate.accepts ? 'accepts' : result.gate.message,
        object,
      });
  }
  const compared = results.length - total['depends on the cluster'];
  const agreed = total['both accept'] + total['both refuse'];
  return {
    cases: results.length,
    compared,
    agreement: compared === 0 ? 0 : agreed / compared,
    total,
    byKind,
    byFamily,
    differences,
  };
}

/** The report for a person: the matrix by kind and by family, then an example of each sort of difference. */
export function printReport(report: Report, examples = 40): string {
  const { total } = report;
  const lines = [
    `${report.cases} cases, ${total['depends on the cluster']} of which hang on what the cluster holds.`,
    `Agreement ${percent(report.agreement)} of ${report.compared}: both accept ${total['both accept']}, both refuse ` +
      `${total['both refuse']}, only the server refuses ${total['only the server refuses']}, only the gate refuses ` +
      `${total['only the gate refuses']}.`,
    '',
    ...table('kind', report.byKind),
    '',
    ...table('family', report.byFamily),
  ];
  const sorts = new Map<string, Difference[]>();
  for (const one of report.differences) {
    const sort = `${one.outcome}\n${one.kind}\n${sortOf(one)}`;
    sorts.set(sort, [...(sorts.get(sort) ?? []), one]);
  }
  const shown = [...sorts.values()].sort((a, b) => b.length - a.length).slice(0, examples);
  if (shown.length > 0) lines.push('', `Differences, ${shown.length} of ${sorts.size} sorts:`);
  for (const group of shown) {
    const [first] = group;
    if (first === undefined) continue;
    lines.push(
      `- ${group.length} × ${first.outcome}: ${first.id}`,
      `    server: ${cut(first.server)}`,
      `    gate: ${cut(first.gate)}`,
    );
  }
  return lines.join('\n');
}

/** Differences with the same cause mostly share what refuses them, but for the values in it. */
function sortOf({ outcome, server, gate }: Difference): string {
  const text = outcome === 'only the server refuses' ? server : gate;
  return text.replace(/"[^"]*"|`[^`]*`|\d+/g, '…').slice(0, 160);
}

function table(title: string, rows: Readonly<Record<string, Counts>>): string[] {
  const head = [title, 'accept', 'refuse', 'server only', 'gate only', 'agreement'];
  const body = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, counts]) => {
      const agreed = counts['both accept'] + counts['both refuse'];
      const all = agreed + counts['only the server refuses'] + counts['only the gate refuses'];
      return [
        name,
        String(counts['both accept']),
        String(counts['both refuse']),
        String(counts['only the server refuses']),
        String(counts['only the gate refuses']),
        all === 0 ? '–' : percent(agreed / all),
      ];
    });
  const widths = head.map((text, column) => Math.max(text.length, ...body.map((row) => row[column]!.length)));
  return [head, ...body].map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)))
      .join('  '),
  );
}

export const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
