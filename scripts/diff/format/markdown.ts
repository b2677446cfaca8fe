import type { EnvironmentDiff } from '../run.ts';
import {
  byComponent,
  type DiffReporter,
  fatesOf,
  imageLines,
  isUnchanged,
  objectLines,
  placeOf,
  plural,
  restartLine,
  summaryOf,
  titleOf,
  uncomparedLines,
} from './describe.ts';

/** GitHub takes no comment of more than 65536 characters. */
const limit = 60_000;

/** The report for a pull request: what matters open, the fields of each component folded. */
export const markdown: DiffReporter = ({ base, diffs }) => {
  const head = [
    ...(base
      ? [
          '## What this change does to the clusters',
          `Compared with ${code(base.id.slice(0, 12))} (${code(base.label)}).`,
        ]
      : []),
    ...(diffs.length === 0 ? ['There is no environment, neither before nor after.'] : []),
    ...diffs.map(overview),
  ].join('\n\n');
  const details = diffs.flatMap(components);
  let result = head.length > limit ? `${head.slice(0, limit)}\n\n…` : head;
  let left = 0;
  for (const detail of details) {
    if (left === 0 && result.length + detail.length + 2 <= limit) result += `\n\n${detail}`;
    else left += 1;
  }
  const rest =
    left === 0 ? '' : `\n\n${plural(left, 'more component')} did not fit here: run ${code('npm run diff')}.`;
  return `${result}${rest}\n`;
};

function overview(diff: EnvironmentDiff): string {
  const { change, dangers } = diff;
  const fates = fatesOf(change);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`**${title}**`, lines.map((line) => `- ${line}`).join('\n')];
  return [
    `### ${plain(titleOf(change))}: ${summaryOf(diff)}`,
    ...(isUnchanged(change)
      ? []
      : [
          ...dangers.map(
            (danger) =>
              `> [!${danger.severity === 'danger' ? 'CAUTION' : 'NOTE'}]\n> **${danger.rule}**: ${plain(danger.message)} (${code(placeOf(danger))})\n>\n> ${plain(danger.why)}\n>\n> Fix: ${plain(danger.fix)}`,
          ),
          ...section('Not compared', uncomparedLines(change).map(plain)),
          ...section('Kustomizations', [
            ...change.addedComponents.map((name) => `added: ${code(name)}`),
            ...change.removedComponents.map((name) => `removed: ${code(name)}`),
          ]),
          ...section(
            'Images',
            imageLines(change.images).map(({ what, where }) => `${code(what)}: ${plain(where)}`),
          ),
          ...section('Restarts', change.restarts.map(restartLine).map(plain)),
          ...section('Flux deletes', fates.deleted.map(code)),
          ...section('No longer in Git, stays in the cluster', fates.kept.map(plain)),
        ]),
  ].join('\n\n');
}

const components = ({ change }: EnvironmentDiff): string[] =>
  [...byComponent(change)].map(([component, objects]) => {
    // Coloured by GitHub, which knows `!` for a changed line.
    const body = objects
      .flatMap(objectLines)
      .map(({ sign, text }) => `${sign === '~' ? '!' : sign} ${text}`.trimEnd())
      .join('\n');
    return `<details><summary>${plain(titleOf(change))}: ${plain(component)}, ${plural(objects.length, 'object')}</summary>\n\n${fenced(body)}\n\n</details>`;
  });

/** In a fence that is longer than any in the text, so that nothing in it is taken for Markdown. */
function fenced(body: string): string {
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${body}\n${fence}`;
}

const code = (value: string): string => {
  const flat = value.replaceAll(/\s+/g, ' ');
  const fence = '`'.repeat(Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return fence.length === 1 ? `\`${flat}\`` : `${fence} ${flat} ${fence}`;
};

/** Names come from files that somebody else wrote: no markup, no mention, no link to another issue. */
const plain = (value: string): string =>
  value
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\*_[\]<>|~#&]/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('@', '@\u2060');
