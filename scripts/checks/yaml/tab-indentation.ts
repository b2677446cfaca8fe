import type { Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

export const tabIndentation: Rule<YamlSubject> = {
  id: 'yaml/tab-indentation',
  severity: 'error',
  title: 'Lines are indented with spaces.',
  why: 'YAML allows no tabs in indentation: kustomize fails with “found character that cannot start any token”, and nothing is deployed.',
  fix: 'Replace the tabs at the start of the line by spaces.',
  docs: 'https://yaml.org/spec/1.2.2/#61-indentation-spaces',
  scope: 'general',
  *check({ file, role }) {
    if (role === 'other') return;
    for (const document of file.documents) {
      const error = document.syntax.errors.find(({ code }) => code === 'TAB_AS_INDENT');
      if (error) yield { message: 'a tab indents this line', at: file.originOf(error.pos[0]) };
    }
  },
};
