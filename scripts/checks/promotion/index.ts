import type { StageDefinition } from '../stage.ts';
import { fullCommit } from './full-commit.ts';
import { onMain } from './on-main.ts';
import { pinned } from './pinned.ts';
import { type PromotionSubject, promotionSubject } from './subject.ts';

/** What moves what is merged to an environment: one subject for each environment whose components have their own sources. */
export const promotionStage: StageDefinition<PromotionSubject> = {
  stage: 'promotion',
  readsFiles: true,
  rules: [fullCommit, onMain, pinned],
  *subjects(repository) {
    for (const environment of repository.environments) {
      const subject = promotionSubject(repository, environment);
      if (subject.components.length > 0) yield { subject, environment: environment.name };
    }
  },
};
