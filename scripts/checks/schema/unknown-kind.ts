import { schemaRule } from './schema-rule.ts';

export const unknownKind = schemaRule('unknown-kind', {
  title: 'The kind is one that the API server serves.',
  why: 'The apply fails: the server knows no such kind, and everything else in the same Kustomization waits.',
  fix: 'Correct apiVersion and kind. For a custom resource add its CRD to the sources of `npm run schemas`.',
});
