import { createRequire } from 'node:module';

/** Whether Go finds the pattern anywhere in the text; undefined where Go does not accept the pattern. */
export function goRegexMatches(pattern: string, text: string): boolean | undefined {
  const known = compiled.get(pattern);
  if (known) return known(text);
  let matches: (text: string) => boolean | undefined;
  try {
    // Loaded when first needed: most runs of the gate have nothing encrypted.
    const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof import('re2js');
    const expression = RE2JS.compile(pattern);
    matches = (words) => expression.matcher(words).find();
  } catch {
    matches = () => undefined;
  }
  compiled.set(pattern, matches);
  return matches(text);
}

const compiled = new Map<string, (text: string) => boolean | undefined>();
