import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';
import { unmatched } from './unmatched.ts';

export const unmatchedPatch: Rule<KustomizationSubject> = {
  id: 'kustomization/unmatched-patch',
  severity: 'error',
  title: 'Every patch finds an object to change.',
  why: 'kustomize skips the patch without a word: the build is green, and what the patch should have changed stays as it was.',
  fix: 'Correct the target (kind, name, group, namespace or selector), or remove the patch.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/',
  scope: 'general',
  check: (subject) => unmatched(subject, 'unmatched-patch'),
};
