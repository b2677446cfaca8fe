/** A row of the first table of docs/decisions.md. */
export interface Deviation {
  readonly id: string;
  /** The seed says, we do, why. */
  readonly cells: readonly string[];
}

const heading = '## Deviations from the seed';

/** The rows below the heading of docs/decisions.md that the statements point to. */
export function deviations(markdown: string): readonly Deviation[] {
  const [, after = ''] = markdown.split(`\n${heading}\n`);
  const [section = ''] = after.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([id]) => id !== 'Row' && !/^:?-+:?$/.test(id ?? ''))
    .map(([id = '', ...cells]) => ({ id, cells }));
}
