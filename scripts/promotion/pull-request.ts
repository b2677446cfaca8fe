import { fatesOf, imageLines, placeOf, restartLine } from '../diff/format/describe.ts';
import { diffReporters } from '../diff/format/index.ts';
import type { Files } from '../repository/files.ts';
import { short } from '../text/commit.ts';
import type { Promotion } from './plan.ts';
import { enumeration } from './words.ts';

/** How many commits are told one by one: the text of a pull request has its limits. */
const maximumCommits = 50;

/** `Promote kafka to small-production`. */
export function titleOf({ environment, moves, rollback }: Promotion): string {
  const names = moves.map(({ component }) => component);
  const what = names.length > 3 ? `${names.length} components` : enumeration(names);
  if (rollback) return `Roll back ${what} in ${environment}`;
  return moves.every(({ from }) => from === undefined)
    ? `Pin ${what} of ${environment}`
    : `Promote ${what} to ${environment}`;
}

/** The page that says what an upgrade of a component takes. */
export function upgradePage(files: Files, component: string): string | undefined {
  const page = `docs/runbooks/upgrade-${component}.md`;
  return files.kind(page) === 'file' ? page : undefined;
}

/** The text of the pull request, in Markdown, its title as the heading. */
export function pullRequest(promotion: Promotion, files: Files): string {
  const { environment, moves, diff, allowed, rollback } = promotion;
  const { change, dangers } = diff;
  const fates = fatesOf(change);
  const pages = moves
    .filter(({ from }) => from !== undefined)
    .flatMap(({ component }) => upgradePage(files, component) ?? []);
  const notices = dangers.filter(({ severity }) => severity === 'notice');
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  const risk = [
    ...allowed.map(
      ({ id, message, place }) =>
        `**${id}**, allowed by name: ${plain(message)}${place === undefined ? '' : ` (${code(place)})`}`,
    ),
    ...notices.map((notice) => `${notice.rule}: ${plain(notice.message)} (${code(placeOf(notice))})`),
    ...change.restarts.map((restart) => `Restarts ${plain(restartLine(restart))}`),
    ...fates.deleted.map((name) => `Flux deletes ${code(name)}`),
    ...fates.kept.map((name) => `No longer in Git, stays in the cluster: ${plain(name)}`),
  ];
  return `${[
    `# ${titleOf(promotion)}`,
    table(
      ['Component', 'From', 'To', 'Images'],
      moves.map((move) => [
        move.component,
        move.from === undefined ? 'follows main' : code(short(move.from)),
        code(short(move.to)),
        imagesOf(promotion, move.component)
          .map((image) => code(image))
          .join('<br>') || '–',
      ]),
    ),
    '## Risk',
    risk.length > 0
      ? list(risk)
      : 'Nothing restarts, nothing is deleted, and no rule of the danger lint has a word to say.',
    ...(pages.length > 0
      ? [
          '## Before the merge',
          pages.map((page) => `- [ ] [${page}](${page}) is read, and its checks are done`).join('\n'),
        ]
      : []),
    '## Way back',
    wayBack(promotion),
    ...commits(promotion),
    '## What changes in the cluster',
    diffReporters.markdown({ diffs: [diff], color: false }).trimEnd(),
    `Made by \`npm run promote\`: the gate is ${allowed.some(({ id }) => id === 'gate') ? '**red** and allowed by name' : 'green'} over what ${environment} runs ${rollback ? 'after it' : 'then'}, each component at its own commit.`,
  ].join('\n\n')}\n`;
}

/** The images of a component that change. */
export const imagesOf = ({ diff }: Pick<Promotion, 'diff'>, name: string): readonly string[] =>
  imageLines(diff.change.images.filter(({ change }) => change.component === name)).map(({ what }) => what);

function wayBack({ moves, wayBack: dangers, environment }: Promotion): string {
  const names = moves.map(({ component }) => component).join(' ');
  const first = moves.filter(({ from }) => from === undefined);
  if (first.length > 0)
    return `These are first pins: to take them back is to let ${environment} follow main. Revert this commit with \`git revert\` only if that is meant.`;
  const command = `Revert this commit (\`git revert\`), or \`npm run promote -- ${names} --rollback\`, which checks the way back, too.`;
  if (dangers.length === 0) return command;
  return [
    command,
    '**Once this has been applied, going back is dangerous:**',
    dangers.map(({ rule, message, why }) => `- ${rule}: ${plain(message)}. ${plain(why)}`).join('\n'),
  ].join('\n\n');
}

function commits({ moves, rollback }: Promotion): string[] {
  const found = new Map<string, { time: number; subject: string; components: string[] }>();
  for (const { component, commits: own } of moves)
    for (const { id, time, subject } of own) {
      const known = found.get(id) ?? { time, subject, components: [] };
      known.components.push(component);
      found.set(id, known);
    }
  if (found.size === 0) return [];
  const lines = [...found]
    .sort(([, a], [, b]) => b.time - a.time)
    .slice(0, maximumCommits)
    .map(
      ([id, { subject, components }]) =>
        `- ${code(short(id))} ${plain(subject)}${moves.length > 1 ? ` (${components.length > 5 ? `${components.length} components` : components.join(', ')})` : ''}`,
    );
  const rest = found.size - lines.length;
  return [
    rollback ? '## Commits that are taken back' : '## Commits that come with it',
    [...lines, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n'),
  ];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

export const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;

/** Subjects of commits and names are somebody else's text: no markup, no mention, no link to another issue. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\*_[\]<>|~#&`]/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('@', '@\u2060');
