import { posix } from 'node:path';
import { fileNameOf } from '../../secrets/layout.ts';
import { originAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { describeNode, type SecretsSubject } from './subject.ts';

export const fileName: Rule<SecretsSubject> = {
  id: 'secrets/file-name',
  severity: 'error',
  title: 'An encrypted file holds the one Secret that its name says',
  why: 'Name and namespace are not encrypted, so they can be changed without the key: the credential of one component would reach another.',
  fix: 'Give the Secret its name back; to rename one, rename it in secrets.yaml and run `npm run secrets -- init`.',
  scope: 'infometis',
  *check({ environments }): Generator<Report> {
    for (const { declared, documents } of environments)
      for (const { file, node, documents: count } of documents) {
        const base = posix.basename(file);
        if (textAt(node, ['kind']) !== 'Secret' || textAt(node, ['apiVersion']) !== 'v1') {
          yield {
            message: `\`${file}\` holds ${describeNode(node)}, which is no Secret`,
            at: originAt(node, ['kind']),
          };
          continue;
        }
        if (count > 1)
          yield {
            message: `\`${file}\` holds ${count} documents; each Secret has a file of its own`,
            at: node.origin,
          };
        const named = {
          name: textAt(node, ['metadata', 'name']) ?? '',
          namespace: textAt(node, ['metadata', 'namespace']) ?? '',
        };
        const expected = fileNameOf(named, declared);
        if (base !== expected)
          yield {
            message: `\`${file}\` holds ${describeNode(node)}, which belongs in \`${expected}\``,
            at: originAt(node, ['metadata', 'name']),
          };
      }
  },
};
