import { apiServerRule } from './api-server-rule.ts';

export const ingress = apiServerRule('ingress', {
  title: 'Ingresses have absolute paths, host names and one backend each.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
