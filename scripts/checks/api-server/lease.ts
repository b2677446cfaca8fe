import { apiServerRule } from './api-server-rule.ts';

export const lease = apiServerRule('lease', {
  title: 'Leases have positive durations.',
  why: 'The server refuses the object.',
  fix: 'Write at least 1.',
});
