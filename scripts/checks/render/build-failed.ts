import { isClaimed } from './codes.ts';
import { failureRule } from './failure-rule.ts';

export const buildFailed = failureRule(
  {
    id: 'render/build-failed',
    severity: 'error',
    title: 'Every Flux Kustomization builds.',
    why: 'Flux reports BuildFailed and applies nothing of the Kustomization; what ran before keeps running in its old form.',
    fix: 'Mend what kustomize refuses.',
    docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/',
    scope: 'general',
    consequence: true,
  },
  'render',
  (code) => !isClaimed(code),
);
