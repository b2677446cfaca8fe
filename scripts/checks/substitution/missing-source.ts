import { failureRule } from '../render/failure-rule.ts';

export const missingSource = failureRule(
  {
    id: 'substitution/missing-source',
    severity: 'warning',
    title: 'ConfigMaps and Secrets that variables come from are in the repository.',
    why: 'The build fails until they are in the cluster. They may be made by other means, which cannot be seen here; a slip in the name looks just the same.',
    fix: 'Correct the name, or add the object.',
    docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
    scope: 'general',
  },
  'substitution',
  (code) => code === 'missing-source',
);
