import type { Repository } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { largePod } from './large-pod.ts';
import { limitRange } from './limit-range.ts';
import { nodeLoss } from './node-loss.ts';
import { nodes } from './nodes.ts';
import { placement } from './placement.ts';
import { quota } from './quota.ts';
import { rollout } from './rollout.ts';
import { type CapacitySubject, capacitySubject } from './subject.ts';

/** Whether there is room for what an environment runs: one subject for each environment. */
export const capacityStage: StageDefinition<CapacitySubject> = {
  stage: 'capacity',
  rules: [nodes, nodeLoss, rollout, largePod, placement, limitRange, quota],
  *subjects(repository: Repository) {
    for (const environment of repository.environments)
      yield { subject: capacitySubject(repository, environment), environment: environment.name };
  },
};
