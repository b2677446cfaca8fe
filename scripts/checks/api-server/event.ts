import { apiServerRule } from './api-server-rule.ts';

export const event = apiServerRule('event', {
  title: 'Events are complete, and in the namespace of what they are about.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
