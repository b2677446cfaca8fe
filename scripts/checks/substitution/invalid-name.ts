import { failureRule } from '../render/failure-rule.ts';

export const invalidName = failureRule(
  {
    id: 'substitution/invalid-name',
    severity: 'error',
    title: 'Names of variables are letters, digits and underscores.',
    why: 'Flux fails the build of any other name, also of a key of a ConfigMap that it takes variables from.',
    fix: 'Rename the variable.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'invalid-name',
);
