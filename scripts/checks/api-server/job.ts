import { apiServerRule } from './api-server-rule.ts';

export const job = apiServerRule('job', {
  title: 'Jobs have numbers, policies and a restart policy that go together.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
