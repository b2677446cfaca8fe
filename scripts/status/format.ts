import { short } from '../text/commit.ts';
import { type ComponentStatus, commitOf, type Report } from './report.ts';

/** A report as people read it: one line a component, below it why it is not ready. */
export function formatReport(report: Report, environment: string): string {
  const { components, source, notes } = report;
  const rows = components.map((component) => ({
    component,
    cells: [
      component.name,
      `${component.state}${component.suspended ? ', suspended' : ''}`,
      component.runs === undefined ? '-' : short(component.runs),
      meantCell(component),
      component.images.map(shortImage).join(', ') || '-',
    ],
  }));
  const head = ['COMPONENT', 'STATE', 'RUNS', 'MEANT', 'IMAGES'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ');
  const counted = components.filter(({ state }) => state !== 'left out');
  const ready = counted.filter(({ state }) => state === 'ready');
  const suspended = components.filter((component) => component.suspended);
  const revision = commitOf(source.revision);
  return [
    `Source        ${source.url ?? 'none'}${
      source.revision === undefined
        ? ''
        : `, ${source.revision.split('@')[0]} at ${revision && short(revision)}`
    }`,
    '',
    line(head),
    ...rows.flatMap(({ component, cells }) => [
      line(cells),
      ...component.reasons.map(({ object, message }) => `    ${object}: ${message}`),
    ]),
    '',
    ...notes.map((note) => `note: ${note}`),
    ...(suspended.length > 0
      ? [
          `Suspended, so Flux changes nothing there: ${suspended.map(({ name }) => name).join(', ')} (\`flux resume kustomization NAME\`)`,
        ]
      : []),
    report.ok
      ? `${environment} is ready: all ${counted.length} run what they are meant to.`
      : `${environment} is not ready: ${ready.length} of ${counted.length} run what they are meant to.`,
    '',
  ].join('\n');
}

const meantCell = ({ meant }: ComponentStatus): string =>
  meant.commit === undefined ? '-' : `${short(meant.commit)}${meant.by === 'pin' ? ' (pin)' : ''}`;

/** A digest is 71 characters that nobody reads. */
const shortImage = (image: string): string => image.replace(/@sha256:([0-9a-f]{8})[0-9a-f]+$/, '@$1…');
