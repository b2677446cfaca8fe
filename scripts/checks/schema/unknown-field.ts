import { schemaRule } from './schema-rule.ts';

export const unknownField = schemaRule('unknown-field', {
  title: 'Every field is one that the kind has.',
  why: 'Flux reads objects of built-in kinds leniently: the field vanishes in silence and what it was to do never happens. In custom resources the server refuses it.',
  fix: 'Correct the spelling or the indentation of the field.',
});
