import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportUnmatched } from './pod-selector.ts';

export const disruptionBudget: Rule<ReferenceSubject> = {
  id: 'reference/disruption-budget',
  severity: 'warning',
  title: 'The selector of a PodDisruptionBudget matches pods',
  why: 'A budget that matches no pod protects none: a node drain takes all replicas at once.',
  fix: 'Write labels that the pod template of the workload has.',
  docs: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  scope: 'general',
  *check(subject) {
    for (const budget of subject.all('policy', 'PodDisruptionBudget'))
      yield* reportUnmatched(subject, budget, ['spec', 'selector'], 'the budget protects nothing');
  },
};
