import { apiServerRule } from './api-server-rule.ts';

export const securityContext = apiServerRule('security-context', {
  title: 'Security contexts do not contradict themselves.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
