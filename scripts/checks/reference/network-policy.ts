import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportUnmatched } from './pod-selector.ts';

export const networkPolicy: Rule<ReferenceSubject> = {
  id: 'reference/network-policy',
  severity: 'warning',
  title: 'The podSelector of a NetworkPolicy matches pods',
  why: 'A policy that matches no pod neither protects nor admits anything; the pods that were meant keep what other policies leave them.',
  fix: 'Write labels that the pod template of the workload has.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  scope: 'general',
  *check(subject) {
    for (const policy of subject.all('networking.k8s.io', 'NetworkPolicy'))
      yield* reportUnmatched(subject, policy, ['spec', 'podSelector'], 'the policy applies to nothing');
  },
};
