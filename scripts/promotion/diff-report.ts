import type { DiffReport } from '../diff/format/describe.ts';
import { type DiffReporterName, diffReporters } from '../diff/format/index.ts';
import type { EnvironmentDiff } from '../diff/run.ts';

/** How many blocks of a report say what was compared with what: two states of the repository, which a promotion is not. */
const headings: Readonly<Record<DiffReporterName, number>> = { text: 1, markdown: 2, json: 0 };

/** The rendered difference of one environment as `npm run diff` shows it, without its heading. */
export function diffReport(format: DiffReporterName, diff: EnvironmentDiff, color = false): string {
  const report: DiffReport = { base: { id: '', label: '' }, diffs: [diff], color };
  return diffReporters[format](report).split('\n\n').slice(headings[format]).join('\n\n').trimEnd();
}
