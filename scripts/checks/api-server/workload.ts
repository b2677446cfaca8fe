import { apiServerRule } from './api-server-rule.ts';

export const workload = apiServerRule('workload', {
  title: 'Workloads have replicas and update strategies that can work.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
