import { createColors } from 'picocolors';
import type { EnvironmentDiff } from '../run.ts';
import {
  byComponent,
  type DiffReporter,
  fatesOf,
  imageLines,
  isUnchanged,
  objectLines,
  placeOf,
  restartLine,
  type SignedLine,
  summaryOf,
  titleOf,
  uncomparedLines,
} from './describe.ts';

/** The report for people at a terminal. */
export const text: DiffReporter = ({ base, diffs, color }) => {
  const colors = createColors(color);
  const paint = ({ sign, text: line }: SignedLine): string => {
    const whole = `${sign} ${line}`.trimEnd();
    return sign === '+'
      ? colors.green(whole)
      : sign === '-'
        ? colors.red(whole)
        : sign === '~'
          ? colors.yellow(whole)
          : whole;
  };
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`  ${colors.bold(title)}`, ...lines.map((line) => `    ${line}`)];

  const environment = (diff: EnvironmentDiff): string => {
    const { change, dangers } = diff;
    const title = `${colors.bold(titleOf(change))}: ${summaryOf(diff)}`;
    if (isUnchanged(change)) return title;
    const fates = fatesOf(change);
    return [
      title,
      ...dangers.flatMap((danger) => [
        `  ${danger.severity === 'danger' ? colors.red(colors.bold('danger')) : colors.cyan('notice')} ${colors.dim(danger.rule)}  ${danger.message}`,
        `    ${colors.cyan(placeOf(danger))}`,
        `    ${colors.green('fix:')} ${danger.fix}`,
      ]),
      ...section('Not compared', uncomparedLines(change)),
      ...section('Kustomizations', [
        ...change.addedComponents.map((name) => colors.green(`+ ${name}`)),
        ...change.removedComponents.map((name) => colors.red(`- ${name}`)),
      ]),
      ...section(
        'Images',
        imageLines(change.images).map(({ what, where }) => `${what}  ${colors.dim(where)}`),
      ),
      ...section('Restarts', change.restarts.map(restartLine)),
      ...section('Flux deletes', fates.deleted),
      ...section('No longer in Git, stays in the cluster', fates.kept),
      ...[...byComponent(change)].flatMap(([component, objects]) =>
        section(component, objects.flatMap(objectLines).map(paint)),
      ),
    ].join('\n');
  };
  return `${[
    ...(base ? [colors.dim(`${base.id.slice(0, 12)} (${base.label}) → working tree`)] : []),
    ...diffs.map(environment),
  ].join('\n\n')}\n`;
};
