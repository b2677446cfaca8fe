import type { Rule } from '../rule.ts';
import type { Role, YamlSubject } from './subject.ts';

const results: Readonly<Record<Role, string>> = {
  manifest: 'kustomize refuses the file',
  kustomization: 'kustomize keeps the last one and drops the other without a word',
  patch: 'the last one wins and the other is lost without a word',
  other: 'its reader refuses it or keeps only one of the two',
};

export const duplicateKey: Rule<YamlSubject> = {
  id: 'yaml/duplicate-key',
  severity: 'error',
  title: 'No mapping has the same key twice.',
  why: 'In a manifest the build fails. In a kustomization or a patch the last one wins in silence: of two `resources:` lists only the second is deployed, and Flux prunes the rest.',
  fix: 'Join the two, or remove one.',
  docs: 'https://yaml.org/spec/1.2.2/#3211-nodes',
  scope: 'general',
  *check({ file, role }) {
    for (const problem of file.problems)
      if (problem.code === 'duplicate-key')
        yield {
          message: `${problem.message} in the same mapping: ${results[role]}`,
          at: problem.origin,
          ...(role === 'other' ? { severity: 'warning' } : {}),
        };
  },
};
