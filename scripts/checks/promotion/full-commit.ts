import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import type { PromotionSubject } from './subject.ts';

export const fullCommit: Rule<PromotionSubject> = {
  id: 'promotion/full-commit',
  severity: 'error',
  title: 'A pin is the full id of a commit',
  why: 'Flux takes no abbreviation: the source fails, and the component stays at what it runs.',
  fix: 'Let `npm run promote -- COMPONENT --to COMMIT` write it.',
  docs: 'https://fluxcd.io/flux/components/source/gitrepositories/#commit-example',
  scope: 'infometis',
  *check({ components }) {
    for (const { component, source, commit } of components)
      if (commit !== undefined && !/^[0-9a-f]{40}$/.test(commit))
        yield {
          message: `${describe(source)}: \`${commit}\` is not the full id of a commit`,
          fix: `\`npm run promote -- ${component} --to ${commit}\` writes it in full.`,
          at: locate(source, ['spec', 'ref', 'commit']),
          object: source,
        };
  },
};
