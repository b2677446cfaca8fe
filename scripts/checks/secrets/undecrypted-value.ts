import { readCiphertext } from '../../secrets/ciphertext.ts';
import { isSelected, printSelection, selectionOf } from '../../secrets/selection.ts';
import { leavesOf } from '../../secrets/sops-document.ts';
import type { Report, Rule } from '../rule.ts';
import { describeNode, printPath, type SecretsSubject } from './subject.ts';

export const undecryptedValue: Rule<SecretsSubject> = {
  id: 'secrets/undecrypted-value',
  severity: 'error',
  title: 'What is encrypted is decrypted before it reaches the cluster',
  why: 'A ciphertext outside of what the `sops` block selects, or without such a block, is applied as if it were the value.',
  fix: 'Restore the file as SOPS wrote it.',
  docs: 'https://getsops.io/docs/#encrypting-only-parts-of-a-file',
  scope: 'general',
  *check({ manifests, withoutBlock }): Generator<Report> {
    for (const { node, sops } of manifests) {
      const selection = selectionOf(sops);
      for (const { path, keys, value, origin } of leavesOf(node))
        if (typeof value === 'string' && readCiphertext(value) && isSelected(selection, keys) === false)
          yield {
            message: `${describeNode(node)}: \`${printPath(path)}\` is encrypted, and ${printSelection(selection)} leaves it out of what is decrypted: the ciphertext itself reaches the cluster`,
            at: origin,
          };
    }
    for (const { node } of withoutBlock)
      for (const { path, value, origin } of leavesOf(node))
        if (typeof value === 'string' && readCiphertext(value))
          yield {
            message: `${describeNode(node)}: \`${printPath(path)}\` is encrypted, but the \`sops\` block with its key is gone: the ciphertext itself reaches the cluster`,
            at: origin,
          };
  },
};
