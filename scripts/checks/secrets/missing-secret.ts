import { fileNameOf } from '../../secrets/layout.ts';
import { itemsAt, originAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { SecretsSubject } from './subject.ts';

export const missingSecret: Rule<SecretsSubject> = {
  id: 'secrets/missing-secret',
  severity: 'error',
  title:
    'Every Secret that secrets.yaml declares is there, encrypted, once an environment has a creation rule',
  why: 'The pods that read it stay in CreateContainerConfigError or ContainerCreating.',
  fix: 'Run `npm run secrets -- init <environment>`: it adds what is missing.',
  scope: 'infometis',
  *check({ environments, sources }) {
    const root = sources.yaml('secrets.yaml')?.documents[0]?.node;
    for (const { name: environment, declared, directory, documents } of environments)
      for (const secret of declared) {
        const there = documents.some(
          ({ node }) =>
            textAt(node, ['metadata', 'name']) === secret.name &&
            textAt(node, ['metadata', 'namespace']) === secret.namespace,
        );
        const place = itemsAt(root, [environment]).find(
          (item) =>
            textAt(item, ['name']) === secret.name && textAt(item, ['namespace']) === secret.namespace,
        );
        if (there || !place) continue;
        yield {
          message: `Secret ${secret.namespace}/${secret.name} is declared, and ${directory}/${fileNameOf(secret, declared)} is not there`,
          at: originAt(place, ['name']),
        };
      }
  },
};
