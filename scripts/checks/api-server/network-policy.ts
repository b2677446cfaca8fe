import { apiServerRule } from './api-server-rule.ts';

export const networkPolicy = apiServerRule('network-policy', {
  title: 'NetworkPolicies have well-formed peers and ports.',
  why: 'The server refuses the object, and no traffic is restricted.',
  fix: 'Follow the message.',
});
