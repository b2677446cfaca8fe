/** CRD patterns are Go regular expressions (RE2). */
import { createRequire } from 'node:module';

/** Tests a string; unanchored, as Go's MatchString is. */
export interface Pattern {
  readonly test: (text: string) => boolean;
}

/**
 * Compiles a Go pattern.
 *
 * Patterns in the part of the syntax that Go and JavaScript read alike run on the built-in engine; the others on re2js,
 * whose tables take longer to load than everything else here together. Throws when the pattern is not valid RE2.
 */
export function compilePattern(source: string): Pattern {
  const native = toJavaScript(source);
  if (native !== undefined) return new RegExp(native, 'u');
  const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof import('re2js');
  const compiled = RE2JS.compile(source);
  return { test: (text) => compiled.matcher(text).find() };
}

const SPACE = '\\t\\n\\f\\r ';

/**
 * The same expression for JavaScript's `u` mode, or undefined where the two engines might differ.
 * `.` in Go stops only at a newline and `\s` is ASCII; both are written out.
 */
export function toJavaScript(source: string): string | undefined {
  let out = '';
  let i = 0;
  const chars = [...source];
  while (i < chars.length) {
    const char = chars[i] as string;
    if (char === '\\') {
      const escaped = readEscape(chars[i + 1], false);
      if (escaped === undefined) return undefined;
      out += escaped;
      i += 2;
    } else if (char === '[') {
      const parsed = readClass(chars, i);
      if (parsed === undefined) return undefined;
      out += parsed.text;
      i = parsed.end;
    } else if (char === '(') {
      if (chars[i + 1] !== '?') {
        out += '(';
        i += 1;
      } else if (chars[i + 2] === ':') {
        out += '(?:';
        i += 3;
      } else return undefined;
    } else if (char === '{') {
      const counted = /^\{\d+(,\d*)?\}/.exec(chars.slice(i, i + 12).join(''))?.[0];
      if (counted === undefined) return undefined;
      out += counted;
      i += counted.length;
    } else if (char === ']' || char === '}') return undefined;
    else {
      // Two quantifiers in a row mean different things to the two engines.
      if ('*+?'.includes(char) && '*+?}'.includes(chars[i - 1] ?? '') && chars[i - 2] !== '\\') {
        if (char !== '?') return undefined;
      }
      out += char === '.' ? '[^\\n]' : char === '/' ? '\\/' : char;
      i += 1;
    }
  }
  try {
    new RegExp(out, 'u');
    return out;
  } catch {
    return undefined;
  }
}

function readClass(chars: readonly string[], start: number): { text: string; end: number } | undefined {
  let out = '[';
  let i = start + 1;
  if (chars[i] === '^') {
    out += '^';
    i += 1;
  }
  for (let first = true; i < chars.length; first = false) {
    const char = chars[i] as string;
    if (char === ']' && !first) return { text: `${out}]`, end: i + 1 };
    if (char === '[' && chars[i + 1] === ':') return undefined;
    if (char === '\\') {
      const escaped = readEscape(chars[i + 1], true);
      if (escaped === undefined) return undefined;
      out += escaped;
      i += 2;
    } else {
      out += '[]/^'.includes(char) ? `\\${char}` : char;
      i += 1;
    }
  }
  return undefined;
}

function readEscape(char: string | undefined, inClass: boolean): string | undefined {
  if (char === undefined) return undefined;
  if ('dwDW'.includes(char)) return `\\${char}`;
  if (char === 's') return inClass ? SPACE : `[${SPACE}]`;
  if ('tnfr'.includes(char)) return `\\${char}`;
  if ('^$\\.*+?()[]{}|/'.includes(char)) return `\\${char}`;
  if (char === '-') return inClass ? '\\-' : '-';
  // RE2 lets any other punctuation be escaped; JavaScript's u mode does not.
  return /^[!-/:-@[-`{-~]$/.test(char) ? char : undefined;
}
