// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax in the rule's own words.
import { failureRule } from '../render/failure-rule.ts';

export const lostQuotes = failureRule(
  {
    id: 'substitution/lost-quotes',
    severity: 'error',
    title: 'A variable in a place for strings stays a string.',
    why: 'Flux substitutes in the YAML text, where the quotes of the source are gone: `"${PORT}"` becomes a number. The API server refuses it; among labels it makes Flux drop all of them without a word.',
    fix: "Put quotes into the variable's value: `PORT: '\"8080\"'`.",
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'lost-quotes',
);
