import { posix } from 'node:path';
import { hasHouseLayout } from '../kustomization/subject.ts';
import type { Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

// `flux bootstrap` fills these in.
const filledLater = new Set(['gotk-components.yaml', 'gotk-sync.yaml']);

export const emptyFile: Rule<YamlSubject> = {
  id: 'yaml/empty-file',
  severity: 'warning',
  title: 'A manifest or patch that is listed says something.',
  why: 'kustomize takes an empty file, or one of comments only, without a word: its objects are not deployed, and Flux prunes them if they were.',
  fix: 'Write the manifest, or remove the file and the line that lists it.',
  scope: 'general',
  *check({ file, role, repository, failure }) {
    if (role !== 'manifest' && role !== 'patch') return;
    if (failure || file.problems.length > 0 || file.documents.some((document) => document.node)) return;
    if (filledLater.has(posix.basename(file.file)) && /(?:^|\/)flux-system\//.test(file.file)) return;
    yield {
      message:
        file.text.trim() === ''
          ? `the ${role} is empty: ${role === 'patch' ? 'it changes nothing' : 'it yields no object'}`
          : `the ${role} holds only comments: ${role === 'patch' ? 'it changes nothing' : 'it yields no object'}`,
      // Others may keep such a file on purpose; here each stands for something that is missed when it is gone.
      ...(hasHouseLayout(repository) ? { severity: 'error' } : {}),
      at: { file: file.file, line: 1, column: 1 },
    };
  },
};
