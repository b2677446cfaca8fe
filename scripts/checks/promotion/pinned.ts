import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import type { PromotionSubject } from './subject.ts';

export const pinned: Rule<PromotionSubject> = {
  id: 'promotion/pinned',
  severity: 'warning',
  title: 'Where some components are pinned, all are',
  why: 'What is merged to main is deployed to a component without a pin at once, past promotion.',
  fix: 'Pin it: `npm run promote -- COMPONENT`.',
  scope: 'infometis',
  *check({ environment, components }) {
    const open = components.filter(({ commit }) => commit === undefined);
    const [first] = open;
    if (!first) return;
    if (open.length === components.length) {
      yield {
        message: `nothing of ${environment.name} is pinned yet: its components would follow main as it is merged, and \`npm run bootstrap\` refuses that`,
        fix: `The first promotion pins them all: \`npm run promote -- --all --environment ${environment.name}\`.`,
        at: locate(first.source, ['spec', 'ref']),
        severity: 'info',
      };
      return;
    }
    for (const { component, source } of open)
      yield {
        message: `${component} of ${environment.name} follows main: what is merged is deployed at once`,
        fix: `\`npm run promote -- ${component}\` pins it.`,
        at: locate(source, ['spec', 'ref']),
        object: source,
      };
  },
};
