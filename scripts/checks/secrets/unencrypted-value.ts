import { readCiphertext } from '../../secrets/ciphertext.ts';
import { isSelected, printSelection, selectionOf } from '../../secrets/selection.ts';
import { leavesOf } from '../../secrets/sops-document.ts';
import type { Rule } from '../rule.ts';
import { describeNode, isCiphertextLike, printPath, type SecretsSubject } from './subject.ts';

export const unencryptedValue: Rule<SecretsSubject> = {
  id: 'secrets/unencrypted-value',
  severity: 'error',
  title: 'Every value of an encrypted file that is to be encrypted is',
  why: 'A value that was added by hand stands in Git for everyone to read, and SOPS refuses the whole file, so Flux applies nothing of its Kustomization.',
  fix: 'Take the line out and set the value with `npm run secrets -- edit` or `sops edit`. What was pushed once is known: make a new credential.',
  docs: 'https://getsops.io/docs/#encrypting-only-parts-of-a-file',
  scope: 'general',
  *check({ documents }) {
    for (const { node, sops } of documents) {
      const selection = selectionOf(sops);
      for (const { path, keys, value, origin } of leavesOf(node)) {
        // SOPS leaves what is empty as it is.
        if (value === null || value === '' || isSelected(selection, keys) !== true) continue;
        if (typeof value === 'string' && readCiphertext(value)) continue;
        yield isCiphertextLike(value)
          ? {
              message: `${describeNode(node)}: the ciphertext of \`${printPath(path)}\` is not whole, so it cannot be decrypted`,
              fix: 'Restore the value from Git, or set it anew with `npm run secrets -- rotate`.',
              at: origin,
            }
          : {
              message: `${describeNode(node)}: \`${printPath(path)}\` stands in Git unencrypted, although ${printSelection(selection)} says that it is encrypted`,
              at: origin,
            };
      }
    }
  },
};
