/** One thing that was restored, and what it was compared with. */
export interface Row {
  readonly what: string;
  readonly restored: string;
  readonly compared: string;
}

/** The rows as a table of plain text. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['What', 'Restored', 'Compared'],
    ...rows.map((row) => [row.what, row.restored, row.compared]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
