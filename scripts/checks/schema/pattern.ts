import { schemaRule } from './schema-rule.ts';

export const pattern = schemaRule(
  'pattern',
  {
    title: 'A value has the form that its schema asks for.',
    why: 'The server refuses the object.',
    fix: 'Write the value in that form.',
  },
  // What a schema says by `oneOf`, `anyOf` and `not`: few CRDs have it, and none of those in use.
  'value',
);
