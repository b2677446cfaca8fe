import { type Finding, findingKey, type Severity } from '../finding.ts';
import { stages } from './rule.ts';

/**
 * One finding for each fault, however many builds share its source. A finding of a rule in `consequences` is left out where
 * another rule reports an error on the same line. Errors come first, and of two stages the one whose faults lead to faults
 * in the other; then file and line.
 */
export function mergeFindings(findings: Iterable<Finding>, consequences: ReadonlySet<string>): Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    const key = findingKey(finding);
    if (!byKey.has(key)) byKey.set(key, finding);
  }
  const all = [...byKey.values()];
  const line = ({ file, line: number }: Finding): string => `${file}:${number}`;
  const explained = new Set(
    all.filter(({ rule, severity }) => severity === 'error' && !consequences.has(rule)).map(line),
  );
  return all
    .filter((finding) => !consequences.has(finding.rule) || !explained.has(line(finding)))
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        stageOf(a) - stageOf(b) ||
        a.file.localeCompare(b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        a.rule.localeCompare(b.rule),
    );
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

// What is no stage, such as a waiver, comes before all.
const stageOf = ({ rule }: Finding): number =>
  (stages as readonly string[]).indexOf(rule.slice(0, rule.indexOf('/')));
