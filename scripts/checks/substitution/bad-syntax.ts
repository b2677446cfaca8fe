// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax in the rule's own words.
import { failureRule } from '../render/failure-rule.ts';

export const badSyntax = failureRule(
  {
    id: 'substitution/bad-syntax',
    severity: 'error',
    title: 'Every `${…}` of a Kustomization with variables can be read by Flux.',
    why: 'Flux substitutes in every object of a Kustomization with `postBuild` variables. What it cannot read, even in a script or a dashboard, fails the whole build.',
    fix: 'Write `$${…}` to keep the text, or annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'bad-syntax',
);
