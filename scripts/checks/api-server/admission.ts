import { apiServerRule } from './api-server-rule.ts';

export const admission = apiServerRule('admission', {
  title: 'Admission policies and webhooks are complete, and their expressions can be read.',
  why: 'The server refuses the object, and nothing is enforced.',
  fix: 'Follow the message.',
});
