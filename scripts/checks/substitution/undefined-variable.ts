// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax in the rule's own words.
import { failureRule } from '../render/failure-rule.ts';

export const undefinedVariable = failureRule(
  {
    id: 'substitution/undefined-variable',
    severity: 'error',
    title: 'Every variable is set or has a default.',
    why: 'Flux substitutes strictly: one unset variable fails the whole build, and nothing of the Kustomization is applied.',
    fix: 'Set the variable under `postBuild.substitute`, or give a default: `${NAME:-value}`.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'undefined-variable',
);
