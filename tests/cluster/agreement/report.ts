import { agrees, type Measurement, type Outcome, outcomeOf, outcomes, type Result } from './measure.ts';

export type Counts = Record<Outcome | 'depends on the cluster', number>;

export interface Difference {
  readonly id: string;
  readonly kind: string;
  readonly family: string;
  readonly outcome: Outcome;
  readonly server: string;
  readonly checker: string;
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
  /** False acceptances, false rejections, and what is refused when created only. */
  readonly differences: readonly Difference[];
}

const noCounts = (): Counts =>
  Object.fromEntries([...outcomes, 'depends on the cluster'].map((name) => [name, 0])) as Counts;

/** How far a checker's verdicts are the server's. */
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
    if (outcome === undefined || outcome === 'both accept' || outcome === 'both refuse') continue;
    const refusal = outcome === 'refused when created only' ? result.created : result.server;
    differences.push({
      id,
      kind,
      family,
      outcome,
      server: refusal?.accepts === false ? refusal.message : 'accepts',
      checker: result.checker.accepts ? 'accepts' : result.checker.message,
      object,
    });
  }
  return {
    cases: results.length,
    compared: comparedOf(total),
    agreement: agreementOf([total]),
    total,
    byKind,
    byFamily,
    differences,
  };
}

const comparedOf = (counts: Counts): number => outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);

/** Of the compared cases of all these rows; 1 where nothing was compared. */
export function agreementOf(rows: readonly Counts[]): number {
  const compared = rows.reduce((sum, counts) => sum + comparedOf(counts), 0);
  const wrong = rows.reduce(
    (sum, counts) => sum + outcomes.filter((one) => !agrees(one)).reduce((all, one) => all + counts[one], 0),
    0,
  );
  return compared === 0 ? 1 : (compared - wrong) / compared;
}

/** The report for a person: the matrix by kind and by family, then an example of each sort of difference. */
export function printReport(report: Report, examples = 40): string {
  const lines = [
    `${report.cases} cases, ${report.total['depends on the cluster']} of which hang on what the cluster holds.`,
    summary(report),
    '',
    ...countsTable('kind', report.byKind),
    '',
    ...countsTable('family', report.byFamily),
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
      `    checker: ${cut(first.checker)}`,
    );
  }
  return lines.join('\n');
}

/** The agreement in words. */
const summary = ({ agreement, compared, total }: Report): string =>
  `Agreement ${percent(agreement)} of ${compared}: ${outcomes.map((one) => `${one} ${total[one]}`).join(', ')}.`;

/** The gate's report, then its confusion matrix beside kubeconform's. */
export function printMeasurement({ gate, kubeconform }: Measurement): string {
  const ours = reportOf(gate);
  const lines = [printReport(ours), ''];
  if (!kubeconform.ok) lines.push(`kubeconform is not compared: ${kubeconform.reason}`);
  else {
    const theirs = reportOf(kubeconform.results);
    const rows = { gate: ours.total, [`kubeconform ${kubeconform.version}`]: theirs.total };
    lines.push(
      `The same ${theirs.cases} cases with kubeconform: strict, by the same schemas.`,
      ...countsTable('checker', rows),
    );
  }
  return lines.join('\n');
}

/** Differences with the same cause mostly share what refuses them, but for the values in it. */
function sortOf({ outcome, server, checker }: Difference): string {
  const text = outcome === 'false acceptance' ? server : checker;
  return text.replace(/"[^"]*"|`[^`]*`|\d+/g, '…').slice(0, 160);
}

function countsTable(title: string, rows: Readonly<Record<string, Counts>>): string[] {
  const head = [title, ...outcomes, 'agreement'];
  const body = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, counts]) => [
      name,
      ...outcomes.map((outcome) => String(counts[outcome])),
      comparedOf(counts) === 0 ? '–' : percent(agreementOf([counts])),
    ]);
  const widths = head.map((text, column) => Math.max(text.length, ...body.map((row) => row[column]!.length)));
  return [head, ...body].map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)))
      .join('  '),
  );
}

export const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
