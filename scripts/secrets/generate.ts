import { randomInt } from 'node:crypto';
import type { KeyDeclaration } from './declaration.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A value for a declared key: the declared one, or characters from the operating system's random source, each of the 62 as
 * likely as any other. The caller must never print it.
 */
export function generateValue(key: KeyDeclaration): string {
  switch (key.generator) {
    case 'fixed':
      return key.value;
    case 'alphanumeric':
      return Array.from({ length: key.length }, () => alphabet[randomInt(alphabet.length)]).join('');
  }
}
