import { apiServerRule } from './api-server-rule.ts';

export const selector = apiServerRule('selector', {
  title: 'Selectors are well-formed, and a workload selects the pods of its own template.',
  why: 'The server refuses the object.',
  fix: 'Give the template the labels that the selector asks for.',
});
