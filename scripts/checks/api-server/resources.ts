import { apiServerRule } from './api-server-rule.ts';

export const resources = apiServerRule('resources', {
  title: 'Requests and limits are known resources, and no request exceeds its limit.',
  why: 'The server refuses the object.',
  fix: 'Lower the request or raise the limit.',
});
