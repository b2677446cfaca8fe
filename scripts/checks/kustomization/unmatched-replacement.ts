import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';
import { unmatched } from './unmatched.ts';

export const unmatchedReplacement: Rule<KustomizationSubject> = {
  id: 'kustomization/unmatched-replacement',
  severity: 'error',
  title: 'Every target of a replacement finds an object.',
  why: 'kustomize skips the target without a word: the field keeps the value that stands in its manifest.',
  fix: 'Correct the target’s `select`, or remove it.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/',
  scope: 'general',
  check: (subject) => unmatched(subject, 'unmatched-replacement-target'),
};
