import { configFile, ruleFor } from '../../secrets/creation-rules.ts';
import { originAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { SecretsSubject } from './subject.ts';

export const creationRule: Rule<SecretsSubject> = {
  id: 'secrets/creation-rule',
  severity: 'error',
  title: 'Every encrypted file has a creation rule in `.sops.yaml`',
  why: 'Without one nobody has said who may read the file, and new recipients pass it by.',
  fix: 'Move the file to `overlays/<environment>/secrets/`, or write a rule for it in `.sops.yaml`.',
  docs: 'https://getsops.io/docs/#using-sopsyaml-conf-to-select-kms-pgp-and-age-for-new-files',
  scope: 'infometis',
  *check({ documents, rules }) {
    for (const { file, node } of documents) {
      if (ruleFor(rules ?? [], file)) continue;
      yield {
        message: rules
          ? `no creation rule of ${configFile} matches \`${file}\``
          : `\`${file}\` is encrypted, and there is no ${configFile} that says for whom`,
        at: originAt(node, ['sops']),
      };
    }
  },
};
