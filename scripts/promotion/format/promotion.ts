/** What `npm run promote` prints of a promotion. */

import { createColors } from 'picocolors';
import { placeOf } from '../../diff/format/describe.ts';
import { diffReporters } from '../../diff/format/index.ts';
import { environmentJson } from '../../diff/format/json.ts';
import { short } from '../../text/commit.ts';
import type { Promotion, Refusal } from '../plan.ts';
import { imagesOf, titleOf } from '../pull-request.ts';
import { enumeration } from '../words.ts';

/** So many refusals of one kind are told; the others are counted. */
const maximumOfAKind = 10;

export interface PromotionReport {
  readonly promotion: Promotion;
  /** The pull request's text; absent where nothing moves or something refuses. */
  readonly body?: string;
  /** The ids of `--allow` that nothing needed. */
  readonly unneeded: readonly string[];
  /** How the command is given again with these options more. */
  readonly command: (extra: string) => string;
  readonly color: boolean;
}

/** For people at a terminal. */
export function promotionText({ promotion, command, unneeded, color }: PromotionReport): string {
  const colors = createColors(color);
  const { environment, main, moves, leftAlone, refusals, allowed, diff, notes, companions } = promotion;
  const width = Math.max(...[...moves, ...leftAlone].map(({ component }) => component.length), 0);
  const blocks = [
    `${colors.bold(moves.length > 0 ? titleOf(promotion) : `Nothing to do in ${environment}`)}  ${colors.dim(`${main.ref} is at ${short(main.commits[0]!.id)}`)}`,
    [
      ...moves.map(
        (move) =>
          `  ${colors.bold(move.component.padEnd(width))}  ${move.from === undefined ? 'follows main' : short(move.from)} → ${colors.green(short(move.to))}${[
            ...(move.commits.length > 0
              ? [
                  `${move.commits.length} ${move.commits.length === 1 ? 'commit' : 'commits'}${move.back ? ' back' : ''}`,
                ]
              : []),
            ...imagesOf(promotion, move.component),
          ]
            .map((text) => `, ${text}`)
            .join('')}`,
      ),
      ...grouped(leftAlone).map(
        ({ components, reason }) => `  ${colors.dim(`left alone: ${enumeration(components)}: ${reason}`)}`,
      ),
    ].join('\n'),
    ...(moves.length > 0 ? [diffReporters.text({ diffs: [diff], color }).trimEnd()] : []),
    ...(refusals.length > 0 ? [refusalText(refusals, colors)] : []),
    ...(companions
      ? [
          `${enumeration(companions.components)} ${companions.components.length === 1 ? 'has' : 'have'} to be promoted ${companions.before ? 'first, or with it' : 'with it'}${companions.smallest ? '' : ' (fewer may do: not all sets were tried)'}:\n  ${command(companions.components.join(' '))}`,
        ]
      : []),
    ...(allowed.length > 0
      ? [
          `${colors.yellow('allowed by name:')} ${allowed.map(({ id, message }) => `${id} (${message})`).join('; ')}`,
        ]
      : []),
    ...notes.map((note) => `${colors.cyan('note:')} ${note}`),
    ...(unneeded.length > 0
      ? [`${colors.cyan('note:')} not needed: ${unneeded.map((id) => `--allow ${id}`).join(' ')}`]
      : []),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function grouped(leftAlone: Promotion['leftAlone']) {
  const groups = new Map<string, string[]>();
  for (const { component, reason } of leftAlone)
    groups.set(reason, [...(groups.get(reason) ?? []), component]);
  return [...groups].map(([reason, components]) => ({ reason, components }));
}

function refusalText(refusals: readonly Refusal[], colors: ReturnType<typeof createColors>): string {
  const seen = new Map<string, number>();
  const lines = refusals.flatMap(({ id, message, place, fix }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    if (count > maximumOfAKind) return [];
    return [
      `${colors.red(colors.bold('refused'))} ${colors.dim(id)}  ${message}`,
      ...(place === undefined ? [] : [`  ${colors.cyan(place)}`]),
      `  ${colors.green('fix:')} ${fix}`,
    ];
  });
  const more = [...seen].flatMap(([id, count]) =>
    count > maximumOfAKind ? [`  … and ${count - maximumOfAKind} more of ${id}`] : [],
  );
  return [...lines, ...more].join('\n');
}

/** The refusals in Markdown, where there is no pull request to speak of. */
export function refusalMarkdown({ promotion }: PromotionReport): string {
  const { environment, moves, refusals } = promotion;
  if (moves.length === 0) return `Nothing to promote to ${environment}.\n`;
  return `${[
    `# Refused: ${titleOf(promotion)}`,
    refusals
      .map(
        ({ id, message, place, fix }) =>
          `- **${id}**: ${message}${place === undefined ? '' : ` (\`${place}\`)`}\n  ${fix}`,
      )
      .join('\n'),
    diffReporters.markdown({ diffs: [promotion.diff], color: false }).trimEnd(),
  ].join('\n\n')}\n`;
}

/** For machines. */
export function promotionJson({ promotion, body, unneeded }: PromotionReport, written: boolean): string {
  const { environment, main, moves, leftAlone, refusals, allowed, companions, notes, diff, wayBack } =
    promotion;
  return `${JSON.stringify(
    {
      environment,
      main: { ref: main.ref, tip: main.commits[0]!.id },
      written,
      moves: moves.map(({ commits, ...move }) => ({
        ...move,
        images: imagesOf(promotion, move.component),
        commits: commits.map(({ id, subject }) => ({ id, subject })),
      })),
      leftAlone,
      refusals,
      allowed,
      ...(companions && { companions }),
      unneeded,
      notes,
      wayBack: wayBack.map((danger) => ({
        rule: danger.rule,
        message: danger.message,
        place: placeOf(danger),
      })),
      change: environmentJson(diff),
      ...(body !== undefined && { pullRequest: { title: titleOf(promotion), body } }),
    },
    undefined,
    2,
  )}\n`;
}
