import { apiServerRule } from './api-server-rule.ts';

export const objectName = apiServerRule('name', {
  title: 'Objects have names that the API server takes.',
  why: 'The server refuses the object.',
  fix: 'Rename the object.',
});
