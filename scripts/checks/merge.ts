import { type Finding, findingKey } from '../finding.ts';

/**
 * One finding for each fault, however many builds share its source, ordered by file and line. A finding of a rule in
 * `consequences` is left out where another rule reports an error on the same line.
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
        a.file.localeCompare(b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        a.rule.localeCompare(b.rule),
    );
}
