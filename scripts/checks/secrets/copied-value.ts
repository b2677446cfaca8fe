import { readCiphertext } from '../../secrets/ciphertext.ts';
import { leavesOf } from '../../secrets/sops-document.ts';
import type { Origin } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { describeNode, printPath, type SecretsSubject } from './subject.ts';

export const copiedValue: Rule<SecretsSubject> = {
  id: 'secrets/copied-value',
  severity: 'error',
  title: 'A ciphertext stands under one key only',
  why: 'SOPS binds each value to the keys above it: copied to another key, or its key renamed, it cannot be decrypted, and Flux applies nothing of the Kustomization.',
  fix: 'Set the value anew with `npm run secrets -- edit` or `sops edit`.',
  docs: 'https://getsops.io/docs/#encryption-protocol',
  scope: 'general',
  *check({ documents }) {
    const first = new Map<string, { readonly keys: string; readonly at: Origin; readonly what: string }>();
    for (const { node } of documents)
      for (const { path, keys, value, origin } of leavesOf(node)) {
        const ciphertext = typeof value === 'string' ? readCiphertext(value) : undefined;
        if (!ciphertext) continue;
        const known = first.get(ciphertext.body);
        if (!known) {
          first.set(ciphertext.body, {
            keys: keys.join(':'),
            at: origin,
            what: `\`${printPath(path)}\` of ${describeNode(node)}`,
          });
          // The same file twice, as a copied directory has it, decrypts.
        } else if (known.keys !== keys.join(':')) {
          yield {
            message: `${describeNode(node)}: \`${printPath(path)}\` has the ciphertext of ${known.what} (${known.at.file}:${known.at.line}), to whose keys it is bound`,
            at: origin,
          };
        }
      }
  },
};
