import { schemaRule } from './schema-rule.ts';

export const required = schemaRule('required', {
  title: 'No required field is missing.',
  why: 'The server refuses the object.',
  fix: 'Add the field.',
});
