/** Go's regular expressions: test, first match and all matches. */
import { createRequire } from 'node:module';
import { toJavaScript } from '../schema/pattern.ts';
import { CelError } from './values.ts';

export interface Regex {
  readonly test: (text: string) => boolean;
  /** The matched texts, in order; at most `limit` where that is not negative. */
  readonly find: (text: string, limit: number) => string[];
}

const known = new Map<string, Regex>();

/** Compiles a pattern once; throws CelError where it is not valid RE2. */
export function regexOf(source: string): Regex {
  const found = known.get(source) ?? compile(source);
  known.set(source, found);
  return found;
}

function compile(source: string): Regex {
  const native = toJavaScript(source);
  if (native !== undefined) {
    const once = new RegExp(native, 'u');
    return {
      test: (text) => once.test(text),
      find: (text, limit) => {
        const matches = [...text.matchAll(new RegExp(native, 'gu'))].map((match) => ({
          start: match.index,
          text: match[0],
        }));
        return select(matches, limit);
      },
    };
  }
  const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof import('re2js');
  try {
    const compiled = RE2JS.compile(source);
    return {
      test: (text) => compiled.matcher(text).find(),
      find: (text, limit) => {
        const matcher = compiled.matcher(text);
        const matches: { start: number; text: string }[] = [];
        while (matcher.find()) matches.push({ start: matcher.start(), text: matcher.group() ?? '' });
        return select(matches, limit);
      },
    };
  } catch (error) {
    throw new CelError(`error parsing regexp: ${error instanceof Error ? error.message : String(error)}`);
  }
}

// Go ignores an empty match right behind another one.
function select(matches: readonly { start: number; text: string }[], limit: number): string[] {
  const kept: string[] = [];
  let end = -1;
  for (const { start, text } of matches) {
    if (limit >= 0 && kept.length >= limit) break;
    if (text === '' && start === end) continue;
    kept.push(text);
    end = start + text.length;
  }
  return kept;
}
