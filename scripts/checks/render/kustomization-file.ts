import { codes } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const kustomizationFile = failureRule(
  {
    id: 'render/kustomization-file',
    severity: 'error',
    title: 'The directory that a Flux Kustomization builds has one kustomization file.',
    why: 'kustomize finds more than one and refuses to choose, so nothing is deployed.',
    fix: 'Keep one of the files.',
    scope: 'general',
  },
  'render',
  (code) => (codes['kustomization-file'] as readonly string[]).includes(code),
);
