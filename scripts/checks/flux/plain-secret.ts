import { describe } from '../../finding.ts';
import { isKind, locate } from '../../render/object.ts';
import { sopsDocuments } from '../../secrets/sops-document.ts';
import { entriesAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const plainSecret: Rule<FluxSubject> = {
  id: 'flux/plain-secret',
  severity: 'error',
  title: 'A Secret in Git is encrypted',
  why: 'Whoever can read the repository, now or in its history, can read the credential. Base64 is no encryption.',
  fix: 'Encrypt the file with SOPS, or declare the Secret in secrets.yaml. What was pushed once is known: make a new credential.',
  docs: 'https://fluxcd.io/flux/guides/mozilla-sops/',
  scope: 'infometis',
  *check(subject) {
    for (const object of subject.environment.objects) {
      if (!isKind(object, '', 'Secret')) continue;
      for (const field of ['data', 'stringData'])
        for (const [key, { value }] of entriesAt(object.node, [field])) {
          const text = value.type === 'scalar' ? String(value.value ?? '') : '';
          if (text === '' || text.startsWith('ENC[')) continue;
          // What a file with a `sops` block leaves in plain text, the stage `secrets` reports where it stands.
          if (sopsDocuments(subject.repository.sources, value.origin.file).length > 0) continue;
          yield {
            message: `${describe(object)}: the value of \`${key}\` stands in Git unencrypted`,
            at: locate(object, [field, key]),
            object,
          };
        }
    }
  },
};
