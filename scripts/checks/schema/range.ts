import { schemaRule } from './schema-rule.ts';

export const range = schemaRule('range', {
  title: 'Numbers, lengths and counts are within their limits.',
  why: 'The server refuses the object.',
  fix: 'Write a value within the limits.',
});
