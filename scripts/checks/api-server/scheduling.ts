import { apiServerRule } from './api-server-rule.ts';

export const scheduling = apiServerRule('scheduling', {
  title: 'Affinity, tolerations and spread constraints are well-formed.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
