import { apiServerRule } from './api-server-rule.ts';

export const disruptionBudget = apiServerRule('disruption-budget', {
  title: 'PodDisruptionBudgets have one limit.',
  why: 'The server refuses the object.',
  fix: 'Write one of minAvailable and maxUnavailable.',
});
