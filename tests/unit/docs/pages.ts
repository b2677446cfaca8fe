/** The pages that people read, taken apart as far as the tests of this folder need. */
import { openDirectory } from '../../../scripts/repository/files.ts';
import { trackedPaths } from '../../../scripts/repository/tracked.ts';

export const root = `${import.meta.dirname}/../../..`;
const files = openDirectory(root);

/** Every file of the repository, relative to its root, sorted. */
export const tracked: readonly string[] = trackedPaths(files);

/** A Markdown file and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** The text of a file that has to be there. */
export function read(path: string): string {
  const result = files.read(path);
  if (!result.ok) throw new Error(`${path}: ${result.reason}`);
  return result.text;
}

/** All Markdown pages that somebody writes: those in docs/reference/ are generated and tested there. */
export const pages = (): readonly Page[] =>
  tracked
    .filter((path) => /^(?:docs\/(?!reference\/).*|images\/.*|[^/]+)\.md$/.test(path))
    .map((path) => ({ path, text: read(path) }));

/** What stands in fences, one string a block. */
export const blocks = (text: string): readonly string[] =>
  [...text.matchAll(/^ *```[a-z]*\n([\s\S]*?)^ *```/gm)].map((match) => match[1] ?? '');

/** What stands between single backticks, outside of fences. A line break in it is a space. */
export const inlineCode = (text: string): readonly string[] =>
  [...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\s+/g, ' '),
  );

/** Each command of a page: the lines of its fences, continued ones joined, and what is in backticks. */
export const commands = (text: string): readonly string[] => [
  ...blocks(text).flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n')),
  ...inlineCode(text),
];

/** The targets of links, without those to the web and without the part after `#`. */
export const links = (text: string): readonly string[] =>
  [...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ''));

/** A row of a table: the cells as they are written, by the heading of their column. */
export type Row = Readonly<Record<string, string>>;

/** A cell without the backticks around it. */
export const bare = (cell = ''): string => cell.replace(/^`([^`]*)`$/, '$1');

/** The rows of the first table whose first heading is the given one and that has all the others, too. */
export function table(text: string, ...headings: readonly string[]): readonly Row[] {
  const lines = text.split('\n');
  const cells = (line: string) =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const start = lines.findIndex(
    (line) => line.startsWith('|') && headings.every((heading) => cells(line).includes(heading)),
  );
  if (start === -1) return [];
  const names = cells(lines[start] ?? '');
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines
    .slice(start + 2, end === -1 ? undefined : end)
    .map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '', cell])));
}
