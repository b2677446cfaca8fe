import type { Repository } from '../../render/environment.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { selectorMiss, unmatched } from './unmatched.ts';

export const unmatchedReplacement: Rule<Repository> = {
  id: 'kustomization/unmatched-replacement',
  severity: 'error',
  title: 'Every target of a replacement finds an object.',
  why: 'kustomize skips the target without a word: the field keeps the value that stands in its manifest.',
  fix: 'Correct the target’s `select`, or remove it.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/',
  scope: 'general',
  *check(repository) {
    for (const { origin, node, candidates } of unmatched(repository, 'unmatched-replacement-target')) {
      const miss = selectorMiss(at(node, ['select']), candidates);
      const { text, suggestion } = miss;
      yield {
        message: `no object matches this target of the replacement (${text}), so nothing is replaced${
          suggestion === undefined ? '' : `; did you mean ${suggestion}?`
        }`,
        ...(suggestion === undefined ? {} : { fix: `Write ${suggestion}, or remove the target.` }),
        at: miss.origin ?? origin,
      };
    }
  },
};
