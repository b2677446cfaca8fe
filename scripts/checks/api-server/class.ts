import { apiServerRule } from './api-server-rule.ts';

export const objectClass = apiServerRule('class', {
  title: 'PriorityClasses and RuntimeClasses have names and values that are not reserved.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
