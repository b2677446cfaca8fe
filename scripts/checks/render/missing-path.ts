import { codes } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const missingPath = failureRule(
  {
    id: 'render/missing-path',
    severity: 'error',
    title: 'A Flux Kustomization builds a directory that exists in its source.',
    why: 'The Kustomization stays not Ready with `path not found`, and nothing of the component is deployed.',
    fix: 'Correct `spec.path`; it is relative to the root of the source.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#path',
    scope: 'general',
    consequence: true,
  },
  'render',
  (code) => (codes['missing-path'] as readonly string[]).includes(code),
);
