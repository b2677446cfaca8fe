import { createColors } from 'picocolors';
import type { Status } from './check.ts';
import { type CheckReport, count } from './run.ts';
import type { Target } from './target.ts';

const marks: Readonly<Record<Status, string>> = { ok: '✔', warning: '!', problem: '✖', unknown: '?' };

/** For people: one line a result; why and fix only where something is to be done. */
export function textReport(reports: readonly CheckReport[], target: Target, color: boolean): string {
  const colors = createColors(color);
  const paint: Readonly<Record<Status, (text: string) => string>> = {
    ok: colors.green,
    warning: colors.yellow,
    problem: colors.red,
    unknown: colors.cyan,
  };
  const lines = reports.flatMap(({ check, results }) =>
    results.flatMap(({ status, detail, fix }) => [
      `${paint[status](`${marks[status]} ${status.padEnd(7)}`)} ${colors.bold(check.id)}  ${detail}`,
      ...(status === 'warning' || status === 'problem' ? [`    why: ${check.why}`] : []),
      ...(fix === undefined ? [] : indent(fix)),
    ]),
  );
  const { ok, warning, problem, unknown } = count(reports);
  return `${lines.join('\n')}\n\n${target.environment}: ${plural(problem, 'problem')}, ${plural(warning, 'warning')}, ${unknown} unknown, ${ok} ok\n`;
}

function indent(fix: string): readonly string[] {
  const [first = '', ...more] = fix.split('\n');
  return [`    fix: ${first}`, ...more.map((line) => `         ${line}`)];
}

const plural = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** For machines. */
export const jsonReport = (reports: readonly CheckReport[], target: Target): string =>
  `${JSON.stringify(
    {
      environment: target.environment,
      ok: count(reports).problem === 0,
      counts: count(reports),
      results: reports.flatMap(({ check: { id, title, why }, results }) =>
        results.map((result) => ({ id, title, why, ...result })),
      ),
    },
    undefined,
    2,
  )}\n`;
