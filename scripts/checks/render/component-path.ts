import { codes } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const componentPath = failureRule(
  {
    id: 'render/component-path',
    severity: 'error',
    title: "`spec.components` names directories of the Kustomization's own source.",
    why: 'The controller refuses remote and absolute paths, and the build fails.',
    fix: 'Write the path relative to `spec.path`.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#components',
    scope: 'general',
  },
  'render',
  (code) => (codes['component-path'] as readonly string[]).includes(code),
);
