import { apiServerRule } from './api-server-rule.ts';

export const accessControl = apiServerRule('access-control', {
  title: 'Roles and bindings are complete.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
