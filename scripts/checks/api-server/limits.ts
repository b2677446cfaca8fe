import { apiServerRule } from './api-server-rule.ts';

export const limits = apiServerRule('limits', {
  title: 'LimitRanges and ResourceQuotas limit known resources, in order.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
