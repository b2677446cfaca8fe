import { schemaRule } from './schema-rule.ts';

export const cel = schemaRule('cel', {
  title: 'The rules that a CRD states in CEL hold.',
  why: 'The server refuses the object.',
  fix: 'Follow the message, which comes from the CRD itself.',
});
