import { apiServerRule } from './api-server-rule.ts';

export const storage = apiServerRule('storage', {
  title: 'Claims, volumes and their classes are complete.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
