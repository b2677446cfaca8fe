import { codes } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const foreignSource = failureRule(
  {
    id: 'render/foreign-source',
    severity: 'info',
    title: 'What a Flux Kustomization takes from another repository is not checked.',
    why: 'The objects come from a source that is not in this checkout, so nothing can be said about them here.',
    fix: 'Nothing to mend: check that repository on its own.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#source-reference',
    scope: 'general',
  },
  'render',
  (code) => (codes['foreign-source'] as readonly string[]).includes(code),
);
