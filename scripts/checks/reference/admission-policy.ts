import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

const group = 'admissionregistration.k8s.io';

export const admissionPolicy: Rule<ReferenceSubject> = {
  id: 'reference/admission-policy',
  severity: 'error',
  title: 'The policy of an admission policy binding exists',
  why: 'A binding to a policy that does not exist enforces nothing, silently.',
  fix: 'Write the name of a policy of the environment as `policyName`.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/',
  scope: 'general',
  *check(subject) {
    for (const kind of ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'])
      for (const object of subject.all(group, `${kind}Binding`)) {
        const name = textAt(object.node, ['spec', 'policyName']);
        if (name === undefined) continue;
        yield* reportMissing(subject, {
          object,
          path: ['spec', 'policyName'],
          target: { group, kind, name },
          reader: '`policyName`',
          consequence: 'nothing is enforced',
        });
      }
  },
};
