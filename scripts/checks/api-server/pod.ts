import { apiServerRule } from './api-server-rule.ts';

export const pod = apiServerRule('pod', {
  title: 'Pods and pod templates hold together as a whole.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
