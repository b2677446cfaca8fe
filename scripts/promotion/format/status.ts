/** What `npm run promote -- --status` prints. */

import { createColors } from 'picocolors';
import { short } from '../../text/commit.ts';
import { code, plain, table } from '../pull-request.ts';
import type { ComponentStatus, EnvironmentStatus } from '../status.ts';
import { age, moment } from '../words.ts';

export interface StatusReport {
  readonly status: EnvironmentStatus;
  /** In ms since 1970. */
  readonly now: number;
  /** Those that lag for longer than was asked for. */
  readonly laggards: readonly ComponentStatus[];
  readonly color: boolean;
}

const pinOf = ({ pin, pinnedAt }: ComponentStatus, now: number): string =>
  pin === undefined
    ? 'follows main'
    : `${short(pin)}${pinnedAt === undefined ? '' : `, ${age(now - pinnedAt)} old`}`;

const lagOf = ({ pin, commits, differs }: ComponentStatus): string =>
  pin === undefined
    ? '–'
    : differs
      ? `${commits} ${commits === 1 ? 'commit' : 'commits'}`
      : commits > 0
        ? `none (${commits} ${commits === 1 ? 'commit changes' : 'commits change'} nothing of it)`
        : 'none';

const nextOf = ({ target, soakedAt, blockedBy, pin }: ComponentStatus): string =>
  pin === undefined
    ? 'wants its first pin'
    : target !== undefined
      ? `${short(target)}${blockedBy.length > 0 ? `, refused: ${[...new Set(blockedBy.map(({ id }) => id))].join(', ')}` : ''}`
      : soakedAt !== undefined
        ? `soaks until ${moment(soakedAt)}`
        : '–';

function summary({ components, environment, main }: EnvironmentStatus): string {
  const pinned = components.filter(({ pin }) => pin !== undefined).length;
  const lagging = components.filter(({ differs }) => differs).length;
  const ready = components.filter(({ target, blockedBy }) => target !== undefined && blockedBy.length === 0);
  const tip = `${main.ref} at ${short(main.tip)}`;
  if (pinned === 0)
    return `${environment} has no pins yet, so it would follow ${tip}. The first promotion makes them: npm run promote -- --all`;
  return `${environment}: ${lagging} of ${components.length} components differ from ${tip}${pinned < components.length ? `, ${components.length - pinned} follow it without a pin` : ''}${ready.length > 0 ? `; ready: npm run promote -- ${ready.length === lagging ? '--all' : ready.map(({ component }) => component).join(' ')}` : ''}`;
}

export function statusText({ status, now, laggards, color }: StatusReport): string {
  const colors = createColors(color);
  const rows = status.components.map((component) => [
    component.component,
    pinOf(component, now),
    lagOf(component),
    nextOf(component),
    component.images.join('; '),
  ]);
  const head = ['COMPONENT', 'PIN', 'BEHIND', 'NEXT', 'IMAGES'];
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  const details = status.components.flatMap(({ component, blockedBy }) =>
    blockedBy.map(({ id, message }) => `${colors.yellow(component)} would be refused: ${id}: ${message}`),
  );
  return `${[
    [
      colors.dim(line(head)),
      ...rows.map((row, index) => {
        const { differs, pin } = status.components[index]!;
        return differs || pin === undefined ? colors.yellow(line(row)) : line(row);
      }),
    ].join('\n'),
    ...(details.length > 0 ? [details.join('\n')] : []),
    summary(status),
    ...laggardLines(laggards, now),
  ].join('\n\n')}\n`;
}

export function statusMarkdown({ status, now, laggards }: StatusReport): string {
  const lagging = status.components.filter(({ differs, pin }) => differs || pin === undefined);
  const details = lagging.flatMap(({ component, blockedBy }) =>
    blockedBy.map(({ id, message }) => `- **${component}** would be refused: ${id}: ${plain(message)}`),
  );
  return `${[
    `## ${status.environment} and ${status.main.ref}`,
    summary(status),
    ...laggardLines(laggards, now),
    ...(lagging.length > 0
      ? [
          table(
            ['Component', 'Pin', 'Behind', 'Images', 'Next'],
            lagging.map((component) => [
              component.component,
              pinOf(component, now),
              lagOf(component),
              component.images.map(code).join('<br>') || '–',
              nextOf(component),
            ]),
          ),
        ]
      : []),
    ...(details.length > 0 ? [details.join('\n')] : []),
  ].join('\n\n')}\n`;
}

const laggardLines = (laggards: readonly ComponentStatus[], now: number): string[] =>
  laggards.length === 0
    ? []
    : [
        `Behind for too long: ${laggards.map(({ component, laggingSince }) => `${component} (${age(now - laggingSince!)})`).join(', ')}`,
      ];

export function statusJson({ status, laggards }: StatusReport): string {
  const late = new Set(laggards.map(({ component }) => component));
  const time = (milliseconds: number | undefined, name: string) =>
    milliseconds === undefined ? {} : { [name]: new Date(milliseconds).toISOString() };
  return `${JSON.stringify(
    {
      environment: status.environment,
      main: status.main,
      components: status.components.map(({ pinnedAt, laggingSince, soakedAt, ...rest }) => ({
        ...rest,
        ...time(pinnedAt, 'pinnedAt'),
        ...time(laggingSince, 'laggingSince'),
        ...time(soakedAt, 'soakedAt'),
        tooLate: late.has(rest.component),
      })),
    },
    undefined,
    2,
  )}\n`;
}
