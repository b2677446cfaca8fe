/** The txtar format of Go's tools (golang.org/x/tools/txtar): a comment, then `-- path --` lines, each followed by a file. */
export interface Archive {
  readonly comment: string;
  readonly files: Readonly<Record<string, string>>;
}

export function parseArchive(text: string): Archive {
  const parts = text.split(/^-- (.+) --\n/m);
  const files: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index]!.trim()] = parts[index + 1] ?? '';
  return { comment: parts[0] ?? '', files };
}

export interface Expectation {
  readonly file: string;
  readonly line: number;
  /** Must occur in the message. */
  readonly message: string;
}

/** The `expect: file:line: message` lines of a fixture's comment. */
export const expectations = (archive: Archive): Expectation[] =>
  [...archive.comment.matchAll(/^expect: (.+?):(\d+): ?(.*)$/gm)].map((match) => ({
    file: match[1]!,
    line: Number(match[2]),
    message: match[3]!.trim(),
  }));
