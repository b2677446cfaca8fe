/**
 * The substitution language of kustomize-controller (package envsubst of fluxcd/pkg), with its own rules where they
 * differ from a shell's: `$$` is a dollar everywhere, `$NAME` without braces is text, every operator that starts with
 * `:` and `-`, `=`, `?` or `+` gives a default.
 */

export type TemplateErrorCode = 'name' | 'closing-brace' | 'argument' | 'operator';

export interface TemplateError {
  readonly code: TemplateErrorCode;
  /** Offset into the text of the `${` that cannot be read. */
  readonly offset: number;
}

export interface Reference {
  readonly type: 'reference';
  readonly name: string;
  /** Empty for `${NAME}`; `length` for `${#NAME}`. */
  readonly operator: string;
  readonly arguments: readonly Part[];
  readonly offset: number;
}

export type Part = { readonly type: 'text'; readonly text: string } | Reference;

export type TemplateResult =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly error: TemplateError };

export interface Evaluation {
  readonly text: string;
  /** Variables that are read and not set, each once. In strict mode, Flux's default, one is enough to fail the build. */
  readonly missing: readonly string[];
}

const identifier = /[\p{L}\p{Nd}_]+/uy;

/** Reads a text as a template. Mirrors `parse.Parse` of fluxcd/pkg/envsubst 1.7. */
export function parseTemplate(text: string): TemplateResult {
  const parts: Part[] = [];
  let literal = '';
  let position = 0;
  let opened = 0;
  let failure: TemplateError | undefined;

  const fail = (code: TemplateErrorCode): undefined => {
    failure ??= { code, offset: opened };
    return undefined;
  };
  const opens = (): boolean => text[position] === '$' && text[position + 1] === '{';

  /** Characters up to one that ends them or the start of a nested reference; undefined where there is none. */
  const readText = (ends: string, escapes: boolean): string | undefined => {
    let result = '';
    while (position < text.length && !opens()) {
      const character = text[position]!;
      const next = text[position + 1];
      const escaped =
        escapes &&
        ((character === '$' && next === '$') || (character === '\\' && (next === '/' || next === '\\')));
      if (escaped) {
        result += next;
        position += 2;
      } else if (ends.includes(character)) {
        break;
      } else {
        result += character;
        position += 1;
      }
    }
    return result === '' ? undefined : result;
  };
  const readArgument = (ends: string, escapes = false): Part | undefined => {
    if (opens()) return readReference();
    const found = readText(ends, escapes);
    return found === undefined ? fail('argument') : { type: 'text', text: found };
  };
  const readAny = (characters: string, most: number): string => {
    const start = position;
    while (position - start < most && position < text.length && characters.includes(text[position]!))
      position += 1;
    return text.slice(start, position);
  };
  const readName = (): string | undefined => {
    identifier.lastIndex = position;
    const found = identifier.exec(text)?.[0];
    if (found !== undefined) position += found.length;
    return found;
  };
  const close = (reference: Reference): Reference | undefined => {
    if (text[position] !== '}') return fail('operator');
    position += 1;
    return reference;
  };

  function readReference(): Reference | undefined {
    const offset = position;
    opened = offset;
    position += 2;
    const reference = (
      name: string,
      operator: string,
      given: readonly (Part | undefined)[] = [],
    ): Reference | undefined =>
      given.includes(undefined)
        ? undefined
        : close({ type: 'reference', name, operator, arguments: given as Part[], offset });

    if (text[position] === '#') {
      position += 1;
      const name = readName();
      return name === undefined ? fail('operator') : reference(name, 'length');
    }
    const name = readName();
    if (name === undefined) return fail('name');
    switch (text[position]) {
      case ':':
        return '=-?+'.includes(text[position + 1] || ' ')
          ? readDefault(name, 2, reference)
          : readSubstring(name, reference);
      case '=':
        return readDefault(name, 1, reference);
      case ',':
      case '^':
        return reference(name, readAny(',^', 2));
      case '/':
        return readReplacement(name, reference);
      case '#':
        return reference(name, readAny('#', 2), [readArgument('}')]);
      case '%':
        return reference(name, readAny('%', 2), [readArgument('}')]);
      case '}':
        return reference(name, '');
      default:
        return fail('closing-brace');
    }
  }

  type Finish = (
    name: string,
    operator: string,
    given?: readonly (Part | undefined)[],
  ) => Reference | undefined;

  function readDefault(name: string, length: number, finish: Finish): Reference | undefined {
    const operator = text.slice(position, position + length);
    position += length;
    const given: (Part | undefined)[] = [];
    while (text[position] !== '}') {
      const argument = readArgument('}');
      if (argument === undefined) return undefined;
      given.push(argument);
    }
    return finish(name, operator, given);
  }

  function readSubstring(name: string, finish: Finish): Reference | undefined {
    position += 1;
    const offset = readArgument(':}');
    if (offset === undefined) return undefined;
    if (text[position] === '}') return finish(name, ':', [offset]);
    if (readAny(':', Number.POSITIVE_INFINITY) === '') return fail('operator');
    return finish(name, ':', [offset, readArgument('}')]);
  }

  function readReplacement(name: string, finish: Finish): Reference | undefined {
    position += 1;
    const operator = `/${readAny('/#%', 1)}`;
    const pattern = readArgument('/', true);
    if (pattern === undefined) return undefined;
    if (readAny('/', Number.POSITIVE_INFINITY) === '') return fail('operator');
    return text[position] === '}'
      ? finish(name, operator, [pattern])
      : finish(name, operator, [pattern, readArgument('}', true)]);
  }

  while (position < text.length) {
    if (opens()) {
      if (literal !== '') parts.push({ type: 'text', text: literal });
      literal = '';
      const reference = readReference();
      if (reference === undefined)
        return { ok: false, error: failure ?? { code: 'operator', offset: opened } };
      parts.push(reference);
    } else {
      literal += text[position];
      position += text.startsWith('$$', position) ? 2 : 1;
    }
  }
  if (literal !== '') parts.push({ type: 'text', text: literal });
  return { ok: true, parts };
}

/** Every reference in a template, nested ones included. */
export function* referencesOf(parts: readonly Part[]): Generator<Reference> {
  for (const part of parts) {
    if (part.type !== 'reference') continue;
    yield part;
    yield* referencesOf(part.arguments);
  }
}

/** Whether the operator has a default, so that the variable may be missing. */
export const hasDefault = (operator: string): boolean => /^:?[-=?+]$/.test(operator);

/**
 * Fills in a template. A missing variable counts as empty and, where its operator has no default, is listed.
 * Mirrors `Template.Execute`.
 */
export function evaluateTemplate(
  parts: readonly Part[],
  lookup: (name: string, operator: string) => string | undefined,
): Evaluation {
  const missing = new Set<string>();
  const evaluate = (part: Part): string => {
    if (part.type === 'text') return part.text;
    // Arguments first and always: a missing variable inside a default that is not used fails all the same.
    const given = part.arguments.map(evaluate);
    const value = lookup(part.name, part.operator);
    if (value === undefined && !hasDefault(part.operator)) missing.add(part.name);
    return apply(part.operator, value ?? '', given);
  };
  return { text: parts.map(evaluate).join(''), missing: [...missing] };
}

function apply(operator: string, value: string, given: readonly string[]): string {
  const [first = '', second] = given;
  switch (operator) {
    case 'length':
      return String(Buffer.byteLength(value));
    case ',':
      return changeFirst(value, (character) => character.toLowerCase());
    case ',,':
      return value.toLowerCase();
    case '^':
      return changeFirst(value, (character) => character.toUpperCase());
    case '^^':
      return value.toUpperCase();
    case ':':
      return substring(value, first, second);
    case '/':
      return replaceOnce(value, first, second ?? '');
    case '//':
      return value.replaceAll(first, () => second ?? '');
    case '/#':
      // Without a replacement these two do nothing, unlike `/` and `//`.
      return second !== undefined && value.startsWith(first) ? replaceOnce(value, first, second) : value;
    case '/%':
      return second !== undefined && value.endsWith(first)
        ? value.slice(0, value.length - first.length) + second
        : value;
    case '#':
      return trimPrefix(value, first, 'shortest');
    case '##':
      return trimPrefix(value, first, 'longest');
    case '%':
      return reverse(trimPrefix(reverse(value), reverse(first), 'shortest'));
    case '%%':
      return reverse(trimPrefix(reverse(value), reverse(first), 'longest'));
    default:
      return value === '' ? given.join('') : value;
  }
}

function changeFirst(value: string, change: (character: string) => string): string {
  const [first = '', ...rest] = value;
  return change(first) + rest.join('');
}

const replaceOnce = (value: string, pattern: string, replacement: string): string =>
  value.replace(pattern, () => replacement);

const integer = /^[-+]?\d+$/;

/** Offsets and lengths count bytes. */
function substring(value: string, offset: string, length: string | undefined): string {
  if (!integer.test(offset)) return value;
  const bytes = Buffer.from(value);
  const start = Number(offset) < 0 ? Math.max(bytes.length + Number(offset), 0) : Number(offset);
  if (length === undefined) return bytes.subarray(start).toString();
  if (!integer.test(length)) return value;
  const end = Number(length) < 0 ? bytes.length + Number(length) : start + Number(length);
  return end < start ? '' : bytes.subarray(start, end).toString();
}

const reverse = (value: string): string => [...value].reverse().join('');

function trimPrefix(value: string, pattern: string, which: 'shortest' | 'longest'): string {
  const matcher = globToRegExp(pattern);
  if (!matcher) return value;
  const characters = [...value];
  const lengths = characters.map((_, index) => index + 1);
  if (which === 'longest') lengths.reverse();
  const length = lengths.find((candidate) => matcher.test(characters.slice(0, candidate).join('')));
  return length === undefined ? value : characters.slice(length).join('');
}

/** Undefined for a malformed pattern, which trims nothing. */
function globToRegExp(pattern: string): RegExp | undefined {
  let source = '';
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index]!;
    if (character === '*') source += '[^]*';
    else if (character === '?') source += '[^]';
    else if (character === '\\') {
      index += 1;
      if (index >= characters.length) return undefined;
      source += quote(characters[index]!);
    } else if (character === '[') {
      const parsed = characterClass(characters, index + 1);
      if (!parsed) return undefined;
      source += parsed.source;
      index = parsed.end;
    } else source += quote(character);
  }
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return undefined;
  }
}

function characterClass(
  characters: readonly string[],
  start: number,
): { source: string; end: number } | undefined {
  let index = start;
  let ranges = '';
  const negated = characters[index] === '^';
  if (negated) index += 1;
  const one = (): string | undefined => {
    if (characters[index] === '-' || characters[index] === ']') return undefined;
    if (characters[index] === '\\') index += 1;
    const character = characters[index];
    index += 1;
    // A class that the pattern's end cuts off is malformed.
    return character === undefined || index >= characters.length ? undefined : quote(character);
  };
  while (characters[index] !== ']' || ranges === '') {
    const low = one();
    if (low === undefined) return undefined;
    if (characters[index] !== '-') {
      ranges += low;
      continue;
    }
    index += 1;
    const high = one();
    if (high === undefined) return undefined;
    ranges += `${low}-${high}`;
  }
  return { source: `[${negated ? '^' : ''}${ranges}]`, end: index };
}

const quote = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/u, '\\$&');
