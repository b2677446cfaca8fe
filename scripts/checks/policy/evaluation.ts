import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { serverMessage, severityOf } from './admission.ts';
import { blame } from './blame.ts';
import type { PolicySubject } from './subject.ts';

export const evaluation: Rule<PolicySubject> = {
  id: 'policy/evaluation',
  severity: 'error',
  scope: 'general',
  title:
    'The expressions of ValidatingAdmissionPolicies can be evaluated over every object that they are meant for.',
  why: 'With failurePolicy Fail an error is a refusal: the object is not applied. What cannot be evaluated without a cluster is not known to pass.',
  fix: 'Guard the expression with has() or `.?field.orValue(…)`; what needs a cluster needs a waiver with its reason.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#failure-policy',
  *check({ problems, decisions }) {
    for (const { object, problem, inForce } of problems)
      if (problem.unsupported && inForce)
        yield {
          message: `the policy is not evaluated here, so nothing is known to pass it: ${problem.message}`,
          at: locate(object, problem.path),
          object,
        };
    for (const one of decisions) {
      const { decision, object } = one;
      if (decision.kind === 'error')
        yield {
          message: serverMessage(one),
          at: blame(object, ''),
          object,
          severity: severityOf(decision.actions),
        };
      if (decision.kind === 'unsupported')
        yield {
          message: `ValidatingAdmissionPolicy '${decision.policy}' cannot be evaluated without a cluster: ${decision.message}`,
          at: blame(object, ''),
          object,
        };
    }
  },
};
