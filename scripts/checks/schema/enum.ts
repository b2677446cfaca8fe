import { schemaRule } from './schema-rule.ts';

export const enumValue = schemaRule('enum', {
  title: 'A field with fixed values has one of them.',
  why: 'The server refuses the object.',
  fix: 'Write one of the values.',
});
