import { configFile, ruleFor } from '../../secrets/creation-rules.ts';
import { recipientsOf } from '../../secrets/sops-document.ts';
import { originAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { SecretsSubject } from './subject.ts';

export const recipients: Rule<SecretsSubject> = {
  id: 'secrets/recipients',
  severity: 'error',
  title: 'A file is encrypted for exactly those whom `.sops.yaml` names',
  why: 'A recipient too few cannot decrypt: that may be the cluster. One too many still reads every change.',
  fix: 'Run `npm run secrets -- rotate <environment> --recipients`.',
  docs: 'https://getsops.io/docs/#adding-and-removing-keys',
  scope: 'infometis',
  *check({ documents, rules }) {
    for (const { file, node, sops } of documents) {
      const rule = ruleFor(rules ?? [], file);
      if (!rule) continue;
      const present = recipientsOf(sops);
      const report = (what: string) => ({
        message: `\`${file}\` ${what}`,
        at: originAt(node, ['sops', 'age']),
      });
      const lacking = rule.recipients.filter((recipient) => !present.includes(recipient));
      const extra = present.filter((recipient) => !rule.recipients.includes(recipient));
      if (lacking.length > 0)
        yield report(`is not encrypted for ${lacking.join(', ')}, whom ${configFile} names`);
      if (extra.length > 0)
        yield report(`is encrypted for ${extra.join(', ')}, whom ${configFile} does not name`);
    }
  },
};
