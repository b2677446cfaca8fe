import type { StageDefinition } from '../stage.ts';
import { admission } from './admission.ts';
import { evaluation } from './evaluation.ts';
import { expression } from './expression.ts';
import { namespaceLevel } from './namespace-level.ts';
import { podSecurity } from './pod-security.ts';
import { type PolicySubject, policySubjects } from './subject.ts';

export { type PolicySubject, policySubject } from './subject.ts';

/** The very policies that the cluster enforces, and the Pod Security levels of its namespaces. */
export const policyStage: StageDefinition<PolicySubject> = {
  stage: 'policy',
  rules: [admission, podSecurity, namespaceLevel, evaluation, expression],
  subjects: policySubjects,
};
