import { apiServerRule } from './api-server-rule.ts';

export const label = apiServerRule('label', {
  title: 'Labels and annotations have the form that Kubernetes wants.',
  why: 'The server refuses the object.',
  fix: 'Correct the key or the value.',
});
