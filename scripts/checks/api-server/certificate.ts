import { apiServerRule } from './api-server-rule.ts';

export const certificate = apiServerRule('certificate', {
  title: 'Certificate signing requests are signed, and name a signer and usages.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
