import { schemaRule } from './schema-rule.ts';

export const duplicateListKey = schemaRule('duplicate-list-key', {
  title: 'The items of a list that is merged by key have different keys.',
  why: 'Server-side apply, which Flux uses, refuses the object: it could not tell the items apart.',
  fix: 'Rename or remove one of the items.',
  // Of two items in one manifest the source itself is told.
  consequence: true,
});
