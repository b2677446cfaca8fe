import { createColors } from 'picocolors';
import { describe } from '../finding.ts';
import type { CheckedObject, StreamResult } from './run.ts';

export interface StreamReport extends StreamResult {
  readonly ok: boolean;
  readonly durationMs: number;
  readonly color: boolean;
}

/** For machines. Its shape is a promise: fields are added, never renamed or removed. */
const json = ({ ok, objects, findings, durationMs }: StreamReport): string =>
  `${JSON.stringify(
    {
      ok,
      objects: objects.map(({ index, object, valid, skipped, findings: own }) => ({
        index,
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace: object.namespace ?? '',
        name: object.name,
        valid,
        skipped,
        findings: own,
      })),
      findings,
      durationMs: Math.round(durationMs),
    },
    null,
    2,
  )}\n`;

/** For people: the objects that something was found about, then a summary. */
function pretty({ ok, objects, findings, durationMs, color }: StreamReport): string {
  const colors = createColors(color);
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan } as const;
  const line = (finding: StreamResult['findings'][number]): string =>
    [
      `  ${paint[finding.severity](finding.severity)} ${colors.dim(finding.rule)}  ${finding.message}`,
      `    ${colors.cyan(`${finding.file}:${finding.line}:${finding.column}`)}`,
      `    ${colors.green('fix:')} ${finding.fix}`,
    ].join('\n');
  const told = objects
    .filter((checked) => checked.findings.length > 0)
    .map((checked) => [colors.bold(title(checked)), ...checked.findings.map(line)].join('\n'));
  if (findings.length > 0) told.push([colors.bold('Policies'), ...findings.map(line)].join('\n'));
  const valid = objects.filter((checked) => checked.valid).length;
  const skipped = objects.filter((checked) => checked.skipped).length;
  const verdict = ok ? colors.green(colors.bold('green')) : colors.red(colors.bold('red'));
  told.push(
    `${verdict}: ${objects.length} object${objects.length === 1 ? '' : 's'}: ${valid} valid, ${objects.length - valid - skipped} invalid, ${skipped} skipped in ${(durationMs / 1000).toFixed(2)} s`,
  );
  return `${told.join('\n\n')}\n`;
}

const title = ({ index, object }: CheckedObject): string =>
  `${index}: ${object.kind === '' ? '(no kind)' : describe(object)}`;

export const streamReporters = { pretty, json } as const;
export type StreamReporterName = keyof typeof streamReporters;
