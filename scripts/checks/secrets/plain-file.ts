import { posix } from 'node:path';
import { configFile } from '../../secrets/creation-rules.ts';
import { at, entriesAt, originAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { describeNode, type SecretsSubject } from './subject.ts';

export const plainFile: Rule<SecretsSubject> = {
  id: 'secrets/plain-file',
  severity: 'error',
  title: 'No Secret lies unencrypted below an environment whose Secrets are encrypted',
  why: 'Whoever can read the repository, now or in its history, can read it, also where Flux deploys the file from nowhere.',
  fix: 'Encrypt it: `npm run secrets -- init <environment>`. What was pushed once is known: make a new credential.',
  docs: 'https://fluxcd.io/flux/guides/mozilla-sops/',
  scope: 'infometis',
  *check({ sources, repository, environments }) {
    for (const { name } of environments)
      for (const file of repository.paths) {
        if (!file.startsWith(`overlays/${name}/`) || !/\.(?:ya?ml|json)$/.test(file)) continue;
        const read = sources.files.read(file);
        if (!read.ok || !/\bSecret\b/.test(read.text)) continue;
        for (const { node } of sources.yaml(file)?.documents ?? []) {
          if (node?.type !== 'map' || textAt(node, ['kind']) !== 'Secret') continue;
          if (at(node, ['sops'])?.type === 'map') continue;
          const field = ['data', 'stringData'].find((each) => entriesAt(node, [each]).size > 0);
          if (field === undefined && !posix.basename(file).includes('.sops.')) continue;
          yield {
            message: `${describeNode(node)} lies in \`${file}\` unencrypted; ${configFile} has a rule for the Secrets of ${name}`,
            at: originAt(node, field === undefined ? [] : [field]),
          };
        }
      }
  },
};
