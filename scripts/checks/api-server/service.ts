import { apiServerRule } from './api-server-rule.ts';

export const service = apiServerRule('service', {
  title: 'Services have ports, addresses and policies that suit their type.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
