import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';
import { unmatched } from './unmatched.ts';

export const unmatchedImage: Rule<KustomizationSubject> = {
  id: 'kustomization/unmatched-image',
  severity: 'error',
  title: 'Every entry of `images` finds a container that uses it.',
  why: 'kustomize skips the entry without a word: the pods run the tag that stands in the workload, not the one you chose here.',
  fix: 'Write the image’s name exactly as the workload has it, registry included and without its tag.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/',
  scope: 'general',
  check: (subject) => unmatched(subject, 'unmatched-image'),
};
