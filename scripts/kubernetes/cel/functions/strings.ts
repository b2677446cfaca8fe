import { global, member, type Overload } from '../overload.ts';
import { fixed, printValue, scientific } from '../print.ts';
import { regexOf } from '../regex.ts';
import { CelError, tagOf, typeName, type Uint, type Value } from '../values.ts';

const runes = (text: string): string[] => [...text];

const outOfRange = (index: bigint | number): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, at: bigint): string {
  const all = runes(text);
  if (at < 0n || at > BigInt(all.length)) throw outOfRange(at);
  return all[Number(at)] ?? '';
}

function indexOf(text: string, part: string, from: bigint): bigint {
  if (part === '') return from;
  if (from < 0n) throw outOfRange(from);
  const all = runes(text);
  const wanted = runes(part);
  for (let i = Number(from); i <= all.length - wanted.length; i += 1)
    if (wanted.every((rune, j) => all[i + j] === rune)) return BigInt(i);
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const all = runes(text);
  if (part === '') return from ?? BigInt(all.length);
  const start = from ?? BigInt(all.length - 1);
  const wanted = runes(part);
  if (from === undefined && text.length < part.length) return -1n;
  if (start < 0n) throw outOfRange(start);
  if (start >= BigInt(all.length)) return -1n;
  for (let i = Math.min(Number(start), all.length - wanted.length); i >= 0; i -= 1)
    if (wanted.every((rune, j) => all[i + j] === rune)) return BigInt(i);
  return -1n;
}

function substring(text: string, start: bigint, end?: bigint): string {
  const all = runes(text);
  const last = end ?? BigInt(all.length);
  if (end !== undefined && start > last)
    throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  for (const bound of [start, last]) if (bound < 0n || bound > BigInt(all.length)) throw outOfRange(bound);
  return all.slice(Number(start), Number(last)).join('');
}

/** Go's strings.Replace: a negative count replaces all. */
function replace(text: string, from: string, to: string, count: bigint): string {
  if (count < 0n) return from === '' ? replaceEmpty(text, to, Infinity) : text.split(from).join(to);
  if (from === '') return replaceEmpty(text, to, Number(count));
  const parts = text.split(from);
  const n = Math.min(Number(count), parts.length - 1);
  return [parts.slice(0, n + 1).join(to), ...parts.slice(n + 1)].join(from);
}

function replaceEmpty(text: string, to: string, count: number): string {
  let left = count;
  let out = '';
  for (const rune of [...runes(text), '']) {
    if (left > 0) {
      out += to;
      left -= 1;
    }
    out += rune;
  }
  return out;
}

/** Go's strings.SplitN. */
function split(text: string, separator: string, count: bigint): string[] {
  if (count === 0n) return [];
  const parts = separator === '' ? runes(text) : text.split(separator);
  if (count < 0n || BigInt(parts.length) <= count) return parts;
  const head = parts.slice(0, Number(count) - 1);
  return [...head, parts.slice(Number(count) - 1).join(separator)];
}

const ascii = (text: string, change: (letter: string) => string): string =>
  text.replace(/[A-Za-z]/g, (letter) => change(letter));

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const quote = (text: string): string =>
  `"${runes(text)
    .map((rune) => escapes[rune] ?? rune)
    .join('')}"`;

function join(list: readonly Value[], separator: string): string {
  return list
    .map((item) => {
      if (typeof item !== 'string') throw new CelError(`join: invalid input: ${printValue(item)}`);
      return item;
    })
    .join(separator);
}

const goSpace =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

/** Go's strings.TrimSpace. */
export const trimSpace = (text: string): string => text.replace(goSpace, '');

const refused = (clause: string, value: Value): CelError =>
  new CelError(`${clauseComplaint(clause)}, was given ${typeName(value)}`);

export const defaultPrecision = 6;
const notFinite = new Map([
  ['NaN', 'NaN'],
  ['Infinity', '∞'],
  ['-Infinity', '-∞'],
]);

/** What a clause may be used on. */
export function clauseComplaint(clause: string): string {
  switch (clause) {
    case 'd':
      return 'decimal clause can only be used on integers';
    case 'f':
      return 'fixed-point clause can only be used on doubles';
    case 'e':
      return 'scientific clause can only be used on doubles';
    case 'b':
      return 'only integers and bools can be formatted as binary';
    case 'o':
      return 'octal clause can only be used on integers';
    default:
      return 'only integers, byte buffers, and strings can be formatted as hex';
  }
}

function formatDouble(value: Value, show: (value: number) => string, clause: string): string {
  if (typeof value === 'number' && Number.isFinite(value)) return show(value);
  const special = notFinite.get(String(value));
  if (special !== undefined && (typeof value === 'number' || typeof value === 'string')) return special;
  throw refused(clause, value);
}

/** One clause of a format string, such as the `d` of `%d`. */
export function formatClause(clause: string, precision: number, value: Value): string {
  const whole =
    typeof value === 'bigint' ? value : tagOf(value) === 'uint' ? (value as Uint).value : undefined;
  switch (clause) {
    case 's':
      return printValue(value);
    case 'd':
      if (whole !== undefined) return whole.toString();
      throw refused(clause, value);
    case 'f':
      return formatDouble(value, (number) => fixed(number, precision), clause);
    case 'e':
      return formatDouble(value, (number) => scientific(number, precision), clause);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (whole !== undefined) return whole.toString(2);
      throw refused(clause, value);
    case 'o':
      if (whole !== undefined) return whole.toString(8);
      throw refused(clause, value);
    default: {
      const text =
        whole !== undefined
          ? whole.toString(16)
          : typeof value === 'string' || value instanceof Uint8Array
            ? Buffer.from(value as string).toString('hex')
            : undefined;
      if (text === undefined) throw refused(clause, value);
      return clause === 'X' ? text.toUpperCase() : text;
    }
  }
}

/** A format string cut into text and clauses; what is wrong with it is an error where the argument would be. */
export function formatParts(
  text: string,
): readonly (string | { readonly clause: string; readonly precision: number })[] {
  const parts: (string | { clause: string; precision: number })[] = [];
  for (const [part] of text.matchAll(/%%|%(?:\.\d*)?[\s\S]?|[^%]+/gu)) {
    if (part === '%%') parts.push('%');
    else if (!part.startsWith('%')) parts.push(part);
    else {
      const [, digits, clause] = /^%(?:\.(\d*))?([\s\S])?$/u.exec(part) as unknown as [
        string,
        string | undefined,
        string | undefined,
      ];
      if (clause === undefined) throw new CelError('unexpected end of string');
      if (!'sdfebxXo'.includes(clause))
        throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
      parts.push({ clause, precision: digits === undefined ? defaultPrecision : Number(digits) });
    }
  }
  return parts;
}

function format(text: string, args: readonly Value[]): string {
  let next = 0;
  return formatParts(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (next >= args.length) throw new CelError(`index ${next} out of range`);
      try {
        return formatClause(part.clause, part.precision, args[next++] as Value);
      } catch (error) {
        if (error instanceof CelError) throw new CelError(`error during formatting: ${error.message}`);
        throw error;
      }
    })
    .join('');
}

const matches = (text: string, pattern: string): boolean => regexOf(pattern).test(text);

/** The standard's string functions, cel-go's strings extension (version 2) and Kubernetes' find and findAll. */
export const stringFunctions: readonly Overload[] = [
  member('contains', 'string, string', 'bool', (text: string, part: string) => text.includes(part)),
  member('endsWith', 'string, string', 'bool', (text: string, part: string) => text.endsWith(part)),
  member('startsWith', 'string, string', 'bool', (text: string, part: string) => text.startsWith(part)),
  global('matches', 'string, string', 'bool', matches),
  member('matches', 'string, string', 'bool', matches),
  member('charAt', 'string, int', 'string', charAt),
  member('indexOf', 'string, string', 'int', (text: string, part: string) => indexOf(text, part, 0n)),
  member('indexOf', 'string, string, int', 'int', indexOf),
  member('lastIndexOf', 'string, string', 'int', (text: string, part: string) => lastIndexOf(text, part)),
  member('lastIndexOf', 'string, string, int', 'int', lastIndexOf),
  member('lowerAscii', 'string', 'string', (text: string) => ascii(text, (letter) => letter.toLowerCase())),
  member('upperAscii', 'string', 'string', (text: string) => ascii(text, (letter) => letter.toUpperCase())),
  member('replace', 'string, string, string', 'string', (text: string, from: string, to: string) =>
    replace(text, from, to, -1n),
  ),
  member('replace', 'string, string, string, int', 'string', replace),
  member('split', 'string, string', 'list<string>', (text: string, by: string) => split(text, by, -1n)),
  member('split', 'string, string, int', 'list<string>', split),
  member('substring', 'string, int', 'string', (text: string, start: bigint) => substring(text, start)),
  member('substring', 'string, int, int', 'string', substring),
  member('trim', 'string', 'string', trimSpace),
  member('format', 'string, list<dyn>', 'string', format),
  global('strings.quote', 'string', 'string', quote),
  member('join', 'list<string>', 'string', (list: readonly Value[]) => join(list, '')),
  member('join', 'list<string>, string', 'string', join),
  member(
    'find',
    'string, string',
    'string',
    (text: string, pattern: string) => regexOf(pattern).find(text, 1)[0] ?? '',
  ),
  member('findAll', 'string, string', 'list<string>', (text: string, pattern: string) =>
    regexOf(pattern).find(text, -1),
  ),
  member('findAll', 'string, string, int', 'list<string>', (text: string, pattern: string, limit: bigint) =>
    regexOf(pattern).find(text, Number(limit)),
  ),
];
