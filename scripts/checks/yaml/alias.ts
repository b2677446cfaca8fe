import type { Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

export const alias: Rule<YamlSubject> = {
  id: 'yaml/alias',
  severity: 'error',
  title: 'Every alias names an anchor of the same document, and none grows without end.',
  why: 'kustomize refuses an alias without an anchor, one that contains itself, and documents that aliases blow up.',
  fix: 'Write the anchor (`&name`) above the alias in the same document, or write the value out.',
  docs: 'https://yaml.org/spec/1.2.2/#71-alias-nodes',
  scope: 'general',
  *check({ file, role }) {
    if (role === 'other') return;
    for (const problem of file.problems)
      if (problem.code === 'alias') yield { message: problem.message, at: problem.origin };
  },
};
