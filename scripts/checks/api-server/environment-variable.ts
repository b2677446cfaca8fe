import { apiServerRule } from './api-server-rule.ts';

export const environmentVariable = apiServerRule('environment-variable', {
  title: 'Environment variables have a name and one source.',
  why: 'The server refuses the object.',
  fix: 'Write `value` or one source below `valueFrom`.',
});
