import { schemaRule } from './schema-rule.ts';

export const type = schemaRule('type', {
  title: 'Every value has the type that its field wants.',
  why: 'The server refuses the object.',
  fix: 'Write a value of the wanted type; a number in the place of a string needs quotes.',
});
