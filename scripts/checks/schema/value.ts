import { schemaRule } from './schema-rule.ts';

export const value = schemaRule('value', {
  title: 'Values keep what the schema says beyond type and form.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
