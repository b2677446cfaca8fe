import { schemaRule } from './schema-rule.ts';

export const format = schemaRule('format', {
  title: 'Dates, durations, encoded bytes and numbers can be read as such.',
  why: 'The server refuses the object.',
  fix: 'Write the value in the named format.',
});
