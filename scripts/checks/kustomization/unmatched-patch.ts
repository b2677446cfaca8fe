import type { Repository } from '../../render/environment.ts';
import type { Rule } from '../rule.ts';
import { selectorMiss, unmatched } from './unmatched.ts';

export const unmatchedPatch: Rule<Repository> = {
  id: 'kustomization/unmatched-patch',
  severity: 'error',
  title: 'Every patch finds an object to change.',
  why: 'kustomize skips the patch without a word: the build is green, and what the patch should have changed stays as it was.',
  fix: 'Correct the target (kind, name, group, namespace or selector), or remove the patch.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/',
  scope: 'general',
  *check(repository) {
    for (const { origin, node, candidates } of unmatched(repository, 'unmatched-patch')) {
      const miss = selectorMiss(node, candidates);
      const { text, suggestion } = miss;
      yield {
        message: `no object matches the target of this patch (${text}), so it changes nothing${
          suggestion === undefined ? '' : `; did you mean ${suggestion}?`
        }`,
        ...(suggestion === undefined ? {} : { fix: `Write ${suggestion}, or remove the patch.` }),
        at: miss.origin ?? origin,
      };
    }
  },
};
