/**
 * How kustomize-controller writes and reads scalars around a substitution. It substitutes in the object's YAML text, as
 * go-yaml v2 writes it: quotes of the source are gone by then, and what is filled in is read as YAML again.
 */
import type { Scalar } from '../yaml/node.ts';

export type WrittenStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'block';

/** What go-yaml cannot write without quotes, were it the first character. */
const indicators = new Set('#,[]{}&*!|>\'"%@`');

const special = (character: string): boolean => {
  const code = character.codePointAt(0)!;
  return !(
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    code === 0x85 ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
};

/**
 * The style in which go-yaml v2 writes a string that contains a `$`, so one that no reader could take for a number.
 * Mirrors `yaml_emitter_analyze_scalar` and `yaml_emitter_select_scalar_style`.
 */
export function writtenStyle(text: string): WrittenStyle {
  const unprintable = [...text].some(special);
  const spaceBeforeBreak = / \n/.test(text);
  if (text.includes('\n'))
    return unprintable || spaceBeforeBreak || text.endsWith(' ') ? 'double-quoted' : 'block';
  if (unprintable) return 'double-quoted';
  const first = text[0] ?? '';
  const plain =
    !indicators.has(first) &&
    !/^[-?:](?:[ ]|$)/.test(text) &&
    !/^(?:---|\.\.\.)/.test(text) &&
    !/:(?: |$)/.test(text) &&
    !/ #/.test(text) &&
    !text.startsWith(' ') &&
    !text.endsWith(' ');
  return plain ? 'plain' : 'single-quoted';
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/** The text between (and with) the quotes; plain and block text is itself. */
export function written(text: string, style: WrittenStyle): string {
  if (style === 'single-quoted') return `'${text.replaceAll("'", "''")}'`;
  if (style !== 'double-quoted') return text;
  const escaped = [...text].map((character) => {
    const known = escapes[character];
    if (known !== undefined) return known;
    if (!special(character)) return character;
    const code = character.codePointAt(0)!;
    const hexadecimal = code.toString(16).toUpperCase();
    if (code <= 0xff) return `\\x${hexadecimal.padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${hexadecimal.padStart(4, '0')}` : `\\U${hexadecimal.padStart(8, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

const words: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'yes', 'on', 'true'].flatMap(cases).map((word) => [word, true] as const),
  ...['n', 'no', 'off', 'false'].flatMap(cases).map((word) => [word, false] as const),
]);

function cases(word: string): string[] {
  return [word, word[0]!.toUpperCase() + word.slice(1), word.toUpperCase()];
}

const integerText = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const floatText = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The value of a plain scalar as kustomize-controller reads it after a substitution. Unlike the reader of manifests
 * (`resolvePlain`) it knows YAML 1.1's `yes`, `on` and `y`, and leaves dates as text.
 * Undefined for infinity and not-a-number, which JSON cannot hold: the controller fails.
 */
export function resolveSubstituted(text: string): Scalar | undefined {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text)) return undefined;
  const digits = text.replaceAll('_', '');
  if (integerText.test(digits)) return toInteger(digits);
  if (floatText.test(digits)) return Number(digits);
  return text;
}

function toInteger(digits: string): number {
  const negative = digits.startsWith('-');
  const magnitude = digits.replace(/^[-+]/, '');
  const legacyOctal = /^0[0-7]+$/.test(magnitude);
  const value = legacyOctal ? Number.parseInt(magnitude, 8) : Number(magnitude.toLowerCase());
  return negative ? -value : value;
}
