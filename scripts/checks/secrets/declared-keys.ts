import { nearestName } from '../../text/nearest.ts';
import { entriesAt, originAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { describeNode, printPath, type SecretsSubject } from './subject.ts';

export const declaredKeys: Rule<SecretsSubject> = {
  id: 'secrets/declared-keys',
  severity: 'error',
  title: 'An encrypted Secret is declared in secrets.yaml and has the keys that it declares',
  why: 'A key that is missing holds pods back; one that nobody declared is renamed, or read by nothing, and no rotation thinks of it.',
  fix: 'Run `npm run secrets -- init <environment>` for what is missing; declare the rest in secrets.yaml, or remove it.',
  scope: 'infometis',
  *check({ environments }): Generator<Report> {
    for (const { name: environment, declared, documents } of environments)
      for (const { node } of documents) {
        if (textAt(node, ['kind']) !== 'Secret') continue;
        const name = textAt(node, ['metadata', 'name']) ?? '';
        const namespace = textAt(node, ['metadata', 'namespace']) ?? '';
        const secret = declared.find((each) => each.name === name && each.namespace === namespace);
        if (!secret) {
          const nearest = nearestName(
            name,
            declared.map((each) => each.name),
          );
          yield {
            message: `${describeNode(node)} is not declared under \`${environment}\` in secrets.yaml${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
            at: originAt(node, ['metadata', 'name']),
          };
          continue;
        }
        const keys = secret.keys.map((key) => key.name);
        const present = ['data', 'stringData'].flatMap((field) =>
          [...entriesAt(node, [field]).keys()].map((key) => ({ field, key })),
        );
        for (const { field, key } of present)
          if (!keys.includes(key)) {
            const nearest = nearestName(
              key,
              keys.filter((each) => present.every((other) => other.key !== each)),
            );
            yield {
              message: `${describeNode(node)}: secrets.yaml declares no key \`${key}\`${nearest === undefined ? '' : `; did you mean \`${nearest}\`? A value is bound to its key, so renaming needs \`npm run secrets -- edit\``}`,
              at: originAt(node, [field, key]),
            };
          }
        const lacking = keys.filter((key) => present.every((other) => other.key !== key));
        if (lacking.length > 0)
          yield {
            message: `${describeNode(node)} lacks ${lacking.map((key) => `\`${printPath([key])}\``).join(', ')}, which secrets.yaml declares`,
            at: originAt(node, [present[0]?.field ?? 'stringData']),
          };
      }
  },
};
