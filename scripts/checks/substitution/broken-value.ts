import { failureRule } from '../render/failure-rule.ts';

export const brokenValue = failureRule(
  {
    id: 'substitution/broken-value',
    severity: 'error',
    title: 'With its variables filled in, an object is still YAML.',
    why: 'Flux substitutes in the YAML text, where the quotes of the source are gone. A value with a colon, a bracket or a quote can break it, and the build fails.',
    fix: "Put quotes into the variable's value.",
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'broken-value',
);
