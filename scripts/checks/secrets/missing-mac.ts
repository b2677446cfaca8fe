import { hasMac } from '../../secrets/sops-document.ts';
import { originAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { describeNode, type SecretsSubject } from './subject.ts';

export const missingMac: Rule<SecretsSubject> = {
  id: 'secrets/missing-mac',
  severity: 'error',
  title: 'A file that SOPS has encrypted has its `mac`',
  why: 'kustomize-controller knows an encrypted object by `sops.mac`. Without it, it decrypts nothing: the ciphertext becomes the value, and the Kustomization is Ready.',
  fix: 'Restore the file from Git, or encrypt it again: SOPS writes the `mac`.',
  docs: 'https://getsops.io/docs/#message-authentication-code',
  scope: 'general',
  *check({ manifests }) {
    for (const { node, sops } of manifests) {
      if (hasMac(sops)) continue;
      yield {
        message: `${describeNode(node)} has a \`sops\` block without \`mac\`: Flux takes it for a plain object and applies the ciphertext`,
        at: originAt(node, ['sops', 'mac']),
      };
    }
  },
};
