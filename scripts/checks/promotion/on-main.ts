import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { short } from '../../text/commit.ts';
import type { Rule } from '../rule.ts';
import type { PromotionSubject } from './subject.ts';

export const onMain: Rule<PromotionSubject> = {
  id: 'promotion/on-main',
  severity: 'error',
  title: 'A pin is a commit of main',
  why: 'A commit of another branch was reviewed by nobody, and Flux fails to fetch it once the branch is deleted.',
  fix: 'Merge it first, then promote the commit that main has.',
  scope: 'infometis',
  *check({ components, deployed }) {
    for (const { component, source, commit } of components)
      if (commit !== undefined && deployed?.offMain?.has(commit))
        yield {
          message: `${describe(source)}: commit ${short(commit)} is not in the history of main`,
          fix: `Merge it first; then \`npm run promote -- ${component}\`. If main has it by now, \`git fetch origin main\`.`,
          at: locate(source, ['spec', 'ref', 'commit']),
          object: source,
        };
  },
};
