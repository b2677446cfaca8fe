import { createColors } from 'picocolors';
import { describe, type Finding, type Severity } from '../../finding.ts';
import type { EnvironmentSummary } from '../../gate.ts';
import { short } from '../../text/commit.ts';
import type { Reporter, Run } from './reporter.ts';

type Colors = ReturnType<typeof createColors>;

const paint = (colors: Colors, severity: Severity): ((text: string) => string) =>
  ({ error: colors.red, warning: colors.yellow, info: colors.cyan })[severity];

/** The report for people: each finding with its source line and its fix, then a summary. */
export const pretty: Reporter = (run) => {
  const colors = createColors(run.color);
  const parts = run.findings.map((finding) => formatFinding(finding, run, colors));
  if (run.waived.length > 0)
    parts.push(
      `${colors.bold(`Waived: ${run.waived.length}`)}\n${run.waived
        .map(
          ({ finding, waiver }) =>
            `  ${finding.rule} at ${place(finding, run)} until ${waiver.expires} (${waiver.owner}): ${waiver.reason}`,
        )
        .join('\n')}`,
    );
  parts.push(formatSummary(run, colors));
  return `${parts.join('\n\n')}\n`;
};

const place = ({ file, line, column, commit }: Finding, run: Run): string =>
  `${run.place(file)}:${line}:${column}${commit === undefined ? '' : ` at ${short(commit)}`}`;

function formatFinding(finding: Finding, run: Run, colors: Colors): string {
  const color = paint(colors, finding.severity);
  const owner = [
    finding.object && describe(finding.object),
    finding.environment && finding.component && `${finding.environment}/${finding.component}`,
  ].filter((part) => part);
  const lines = [
    `${color(colors.bold(finding.severity))} ${colors.dim(finding.rule)}  ${colors.bold(finding.message)}`,
    `  ${colors.cyan(place(finding, run))}${owner.length > 0 ? colors.dim(`  ${owner.join(', ')}`) : ''}`,
    ...excerpt(finding, run, colors),
    `  ${colors.green('fix:')} ${finding.fix}`,
  ];
  return lines.join('\n');
}

function excerpt(finding: Finding, run: Run, colors: Colors): string[] {
  const line = run.read(finding)?.split(/\r?\n/)[finding.line - 1];
  if (line === undefined || line.trim() === '') return [];
  const number = String(finding.line).padStart(5);
  const shown = line.length > 120 ? `${line.slice(0, 119)}…` : line;
  const marker = ' '.repeat(Math.min(finding.column - 1, 119));
  return [
    `${colors.dim(`${number} |`)} ${shown}`,
    `${colors.dim('      |')} ${marker}${paint(colors, finding.severity)('^')}`,
  ];
}

function formatSummary(run: Run, colors: Colors): string {
  const count = (severity: Severity): number =>
    run.findings.filter((finding) => finding.severity === severity).length;
  const verdict = run.ok ? colors.green(colors.bold('green')) : colors.red(colors.bold('red'));
  const counts = (['error', 'warning', 'info'] as const)
    .map((severity) => plural(count(severity), severity))
    .join(', ');
  return [
    ...run.environments.map((environment) => formatEnvironment(environment, colors)),
    `${verdict}: ${counts} in ${(run.durationMs / 1000).toFixed(2)} s`,
  ].join('\n');
}

const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 || noun === 'info' ? '' : 's'}`;

const formatEnvironment = (environment: EnvironmentSummary, colors: Colors): string =>
  `${colors.bold(environment.name)}: ${plural(environment.components.length, 'component')}` +
  `${environment.pinned === undefined ? '' : ` (${environment.pinned} pinned)`}, ` +
  `${plural(environment.objects, 'object')}: ${environment.valid} valid, ${environment.invalid} invalid, ` +
  `${environment.skipped} skipped${environment.renderMs === undefined ? '' : `, rendered in ${(environment.renderMs / 1000).toFixed(2)} s`}`;
