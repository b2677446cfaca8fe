import { codes } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const unsupportedFeature = failureRule(
  {
    id: 'render/unsupported',
    severity: 'error',
    title: 'Every build can be rendered here.',
    why: 'What is not rendered is not checked, and a gate that does not look must not be green.',
    fix: 'Install the kustomize that versions.yaml names, or do without the feature.',
    scope: 'general',
  },
  'render',
  (code) => (codes['unsupported'] as readonly string[]).includes(code),
);
