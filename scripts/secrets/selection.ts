import { type Node, textAt } from '../yaml/node.ts';
import { goRegexMatches } from './go-regex.ts';

/** Which values of a file SOPS encrypts, and decrypts again. */
export interface Selection {
  /** The field of the `sops` block or of the creation rule that decides; `unencrypted_suffix` by default. */
  readonly field: (typeof selectors)[number];
  readonly value: string;
  /** There is a second selector, so that SOPS refuses the file. */
  readonly contradicted?: true;
}

/** The fields of which a file has at most one. */
export const selectors = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const;

/** What a `sops` block or a creation rule selects. */
export function selectionOf(node: Node | undefined): Selection {
  const [first, ...more] = selectors.flatMap((field) => {
    const value = textAt(node, [field]);
    return value ? [{ field, value }] : [];
  });
  if (!first) return { field: 'unencrypted_suffix', value: '_unencrypted' };
  return more.length > 0 ? { ...first, contradicted: true } : first;
}

/**
 * Whether the value below these keys is encrypted; `unknown` where comments or two selectors decide, or where Go does
 * not accept the pattern. Indices of lists are not among the keys. Mirrors `shouldBeEncrypted` of getsops/sops sops.go.
 */
export function isSelected(
  { field, value, contradicted }: Selection,
  keys: readonly string[],
): boolean | 'unknown' {
  if (contradicted) return 'unknown';
  switch (field) {
    case 'unencrypted_suffix':
      return !keys.some((key) => key.endsWith(value));
    case 'encrypted_suffix':
      return keys.some((key) => key.endsWith(value));
    case 'unencrypted_regex':
    case 'encrypted_regex': {
      const found = keys.map((key) => goRegexMatches(value, key));
      if (found.includes(undefined)) return 'unknown';
      return found.includes(true) === (field === 'encrypted_regex');
    }
    case 'unencrypted_comment_regex':
    case 'encrypted_comment_regex':
      return 'unknown';
  }
}

export const printSelection = ({ field, value }: Selection): string => `\`${field}: ${value}\``;
