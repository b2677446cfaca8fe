import type { PromotedComponent } from '../checks/promotion/subject.ts';
import type { UsageError } from '../cli/exit.ts';
import { locate } from '../render/object.ts';
import type { Files } from '../repository/files.ts';
import { type Origin, textAt } from '../yaml/node.ts';

/** What moves a component: the line that names its commit, or the one below which it is to stand. */
export interface PinEdit {
  readonly component: PromotedComponent;
  /** The full id of a commit. */
  readonly to: string;
}

export type PinEdits =
  | { readonly ok: true; readonly texts: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly error: UsageError };

/** The file in which a component's pin stands, or would. */
export const pinPlace = ({ source, commit }: PromotedComponent): Origin =>
  locate(source, ['spec', 'ref', commit === undefined ? 'branch' : 'commit']);

/** The branch that a component's source follows, of which its pins are commits. */
export const branchOf = ({ source }: PromotedComponent): string | undefined =>
  textAt(source.node, ['spec', 'ref', 'branch']);

/** The texts of the files with these pins in them. Nothing else of a file changes, not even a byte. */
export function withPins(files: Files, edits: readonly PinEdit[]): PinEdits {
  const lines = new Map<string, string[]>();
  // From the bottom up: a line that is put in moves those below it.
  for (const { component, to } of [...edits].sort(
    (a, b) => pinPlace(b.component).line - pinPlace(a.component).line,
  )) {
    const { file, line, column } = pinPlace(component);
    const read = files.read(file);
    const own = lines.get(file) ?? (read.ok ? read.text.split(/(?<=\n)/) : []);
    lines.set(file, own);
    const changed = changeLine(own[line - 1] ?? '', column, component.commit, to);
    if (changed === undefined || locate(component.source, ['metadata', 'name']).file !== file)
      return { ok: false, error: notByLine(component, { file, line, column }) };
    own[line - 1] = changed;
  }
  return { ok: true, texts: new Map([...lines].map(([file, own]) => [file, own.join('')])) };
}

function changeLine(text: string, column: number, from: string | undefined, to: string): string | undefined {
  // Digits with one e among them are a number to YAML, and Flux wants a string.
  const asText = /^\d+(?:e\d+)?$/.test(to) ? `'${to}'` : to;
  if (from !== undefined) {
    const [head, rest] = [text.slice(0, column - 1), text.slice(column - 1)];
    const [, key, written] = /^(commit:\s+)?(["']?[^\s"'#]+["']?)/.exec(rest) ?? [];
    return written?.replaceAll(/["']/g, '') === from
      ? `${head}${key ?? ''}${written === from ? asText : written.replace(from, to)}${rest.slice((key ?? '').length + written.length)}`
      : undefined;
  }
  const [, indent, end] = /^( *)branch:.*?(\r?\n)?$/s.exec(text) ?? [];
  if (indent === undefined) return undefined;
  return end === undefined
    ? `${text}\n${indent}commit: ${asText}`
    : `${text}${indent}commit: ${asText}${end}`;
}

const notByLine = (
  { component, source }: PromotedComponent,
  { file, line }: { readonly file: string; readonly line: number; readonly column: number },
): UsageError => ({
  message: `${file}:${line}: the pin of ${component} cannot be written there: it wants \`branch:\` and \`commit:\` on lines of their own, in the file of GitRepository ${source.name}`,
  fix: 'Write `ref:` as a block, with `branch:` on a line of its own.',
});
