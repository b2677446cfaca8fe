/**
 * The YAML that tools write: block mappings and lists, one-line scalars, literal blocks. It is read here many times faster
 * than by the parser for all of YAML, and only its values, without their places. Whatever else there is, a comment or an
 * anchor, is left to that parser.
 */
import type { Json, JsonObject } from '../yaml/node.ts';
import { resolvePlain } from '../yaml/scalar.ts';

/** One for all: making an error costs more than reading a document. It never leaves this module. */
const notSimple = new Error('not simple');

const stop = (): never => {
  throw notSimple;
};

interface Lines {
  /** The lines as written, but for trailing spaces. */
  readonly all: readonly string[];
  /** The line that is read next. */
  at: number;
}

/** The value of one document, or undefined where the text is not simple or holds nothing. */
export function parseSimpleYaml(text: string): { readonly value: Json } | undefined {
  // Tabs, carriage returns and other control characters have rules of their own.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/.test(text)) return undefined;
  const lines: Lines = { all: text.split('\n'), at: 0 };
  try {
    skipBlank(lines);
    if (lines.at === lines.all.length) return undefined;
    const value = readBlock(lines, indentAt(lines));
    skipBlank(lines);
    return lines.at === lines.all.length ? { value } : undefined;
  } catch (error) {
    if (error === notSimple) return undefined;
    throw error;
  }
}

function indentAt({ all, at }: Lines): number {
  const line = all[at] as string;
  let indent = 0;
  while (line.charCodeAt(indent) === 32) indent += 1;
  return indent;
}

const isBlank = (line: string): boolean => /^ *$/.test(line);

function skipBlank(lines: Lines): void {
  while (lines.at < lines.all.length && isBlank(lines.all[lines.at] as string)) lines.at += 1;
}

/** A mapping or a list whose first line stands at `indent`. */
function readBlock(lines: Lines, indent: number): Json {
  const text = (lines.all[lines.at] as string).slice(indent);
  return text.startsWith('- ') || text === '-' ? readList(lines, indent) : readMap(lines, indent, '');
}

function readList(lines: Lines, indent: number): Json[] {
  const items: Json[] = [];
  for (;;) {
    skipBlank(lines);
    if (lines.at >= lines.all.length || indentAt(lines) !== indent) return items;
    const text = (lines.all[lines.at] as string).slice(indent);
    if (!text.startsWith('- ')) {
      if (text === '-') stop();
      return items;
    }
    const rest = text.slice(2);
    const extra = /^ */.exec(rest)![0].length;
    const item = rest.slice(extra);
    if (item.startsWith('- ') || item === '-') stop();
    if (keyPattern.test(item)) items.push(readMap(lines, indent + 2 + extra, item));
    else {
      lines.at += 1;
      items.push(readScalar(item, lines, indent));
    }
  }
}

const keyPattern = /^([A-Za-z0-9_./$][\w./$-]*):(?: +(.*))?$/;

/** A mapping; `first` is its first entry where that stands behind a dash. */
function readMap(lines: Lines, indent: number, first: string): JsonObject {
  const map: JsonObject = {};
  let text = first;
  for (;;) {
    if (text === '') {
      skipBlank(lines);
      if (lines.at >= lines.all.length || indentAt(lines) !== indent) return map;
      text = (lines.all[lines.at] as string).slice(indent);
      if (text.startsWith('- ')) return map;
    }
    const match = keyPattern.exec(text) ?? stop();
    const key = match[1] as string;
    // What looks like a number or a boolean is one, and a key of another spelling.
    if (Object.hasOwn(map, key) || key === '__proto__' || typeof resolvePlain(key) !== 'string') stop();
    const value = (match[2] ?? '').trimEnd();
    lines.at += 1;
    map[key] = value === '' ? readNested(lines, indent) : readScalar(value, lines, indent);
    text = '';
  }
}

/** What stands below a key that has no value on its own line. */
function readNested(lines: Lines, indent: number): Json {
  skipBlank(lines);
  if (lines.at >= lines.all.length) return null;
  const next = indentAt(lines);
  const text = (lines.all[lines.at] as string).slice(next);
  if (next > indent) return readBlock(lines, next);
  // A list may stand as far out as the key that holds it.
  return next === indent && text.startsWith('- ') ? readList(lines, next) : null;
}

/** A value on one line, or the literal block that begins on it. `indent` is that of the mapping or list around it. */
function readScalar(text: string, lines: Lines, indent: number): Json {
  const value = text.trimEnd();
  if (value === '|' || value === '|-' || value === '|+') return readLiteral(lines, indent, value.slice(1));
  // More indented lines would continue the value.
  skipToNext(lines, indent);
  if (value === '{}') return {};
  if (value === '[]') return [];
  const first = value.charAt(0);
  if (first === "'")
    return /^'(?:[^']|'')*'$/.test(value) ? value.slice(1, -1).replaceAll("''", "'") : stop();
  if (first === '"') {
    if (!/^"(?:[^"\\]|\\["\\/bfnrt])*"$/.test(value)) stop();
    return JSON.parse(value) as string;
  }
  if (value === '' || '-?:,[]{}#&*!|>%@`'.includes(first)) {
    // A negative number, or a word that begins with a dash, such as an option.
    if (!/^-\S/.test(value)) stop();
  }
  if (value.includes(': ') || value.includes(' #') || value.endsWith(':')) stop();
  return resolvePlain(value);
}

function skipToNext(lines: Lines, indent: number): void {
  skipBlank(lines);
  if (lines.at < lines.all.length && indentAt(lines) > indent) stop();
}

function readLiteral(lines: Lines, indent: number, chomping: string): string {
  const start = lines.at;
  let end = start;
  while (
    end < lines.all.length &&
    (isBlank(lines.all[end] as string) || deeper(lines.all[end] as string, indent))
  )
    end += 1;
  const own = lines.all.slice(start, end);
  lines.at = end;
  const firstText = own.find((line) => !isBlank(line));
  if (firstText === undefined) return stop();
  const depth = /^ */.exec(firstText)![0].length;
  // Blank lines that are longer than the block is deep count for its depth.
  const body = own.map((line) => {
    if (isBlank(line)) return line.length > depth ? stop() : '';
    return line.startsWith(' '.repeat(depth)) ? line.slice(depth) : stop();
  });
  let last = body.length;
  while (last > 0 && body[last - 1] === '') last -= 1;
  const text = body.slice(0, last).join('\n');
  if (chomping === '-') return text;
  // How many line ends are kept at the end of a stream is for the other parser to say.
  if (chomping === '+') return stop();
  return `${text}\n`;
}

const deeper = (line: string, indent: number): boolean => line.startsWith(' '.repeat(indent + 1));
