import { posix } from 'node:path';
import type { Rule } from '../rule.ts';
import { kustomizationNames } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

export const rivalFile: Rule<KustomizationSubject> = {
  id: 'kustomization/rival-file',
  severity: 'error',
  title: 'A directory has one kustomization file.',
  why: 'kustomize refuses a directory that holds more than one of kustomization.yaml, kustomization.yml and Kustomization.',
  fix: 'Keep kustomization.yaml and remove the other.',
  scope: 'general',
  *check(subject) {
    const own = posix.basename(subject.path);
    const first = kustomizationNames.find(
      (name) => subject.repository.sources.files.kind(posix.join(subject.directory, name)) === 'file',
    );
    if (first !== undefined && own !== first)
      yield {
        message: `\`${own}\` stands beside \`${first}\`: kustomize refuses a directory with both`,
        at: { file: subject.path, line: 1, column: 1 },
      };
  },
};
