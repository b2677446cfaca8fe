import { randomInt } from 'node:crypto';
import type { KeyDeclaration } from './declaration.ts';
import { goRegexMatches } from './go-regex.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A value for a declared key: the declared one, or characters from the operating system's random source, each of the 62 as
 * likely as any other. Undefined for one that only the site has. The caller must never print it.
 */
export function generateValue(key: KeyDeclaration): string | undefined {
  switch (key.generator) {
    case 'fixed':
      return key.value;
    case 'alphanumeric':
      return Array.from({ length: key.length }, () => alphabet[randomInt(alphabet.length)]).join('');
    case 'external':
      return undefined;
  }
}

/** Whether a value could have been made for the key. */
export function fitsKey(key: KeyDeclaration, value: string): boolean {
  switch (key.generator) {
    case 'fixed':
      return value === key.value;
    case 'alphanumeric':
      return value.length === key.length && /^[A-Za-z0-9]+$/.test(value);
    case 'external':
      return key.form === undefined || goRegexMatches(`\\A(?:${key.form})\\z`, value) === true;
  }
}
