import { describeLevel, forbiddenDetail, violationMessage } from '../../kubernetes/pod-security/index.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { blame } from './blame.ts';
import type { PolicySubject } from './subject.ts';

export const podSecurity: Rule<PolicySubject> = {
  id: 'policy/pod-security',
  severity: 'error',
  scope: 'general',
  title: 'Pods keep to the Pod Security level of their namespace.',
  why: 'The API server refuses the pods. A workload is accepted all the same, so the refusal shows only in its events while its pods never appear. Where the level only warns or audits, the pods run.',
  fix: 'Give the pod what the level asks for, or lower the level with the label `pod-security.kubernetes.io/enforce` of the Namespace.',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  *check({ podSecurity: results }) {
    for (const result of results) {
      const { object } = result;
      if (result.kind === 'label') {
        yield {
          message: `metadata.labels[${result.label}]: Invalid value: "${result.value}": ${result.message}`,
          fix: 'Write privileged, baseline or restricted; for a version `latest` or `v1.36`.',
          at: locate(object, ['metadata', 'labels', result.label]),
          object,
        };
        continue;
      }
      const { mode, level, violations, isPod } = result;
      const detail = violationMessage(level, violations);
      const enforced = isPod ? detail : `no pod of this ${object.kind} would be made, since it ${detail}`;
      const containers = violations.flatMap((violation) => violation.containers);
      yield {
        message:
          mode === 'enforce'
            ? enforced
            : `would violate PodSecurity "${describeLevel(level)}": ${forbiddenDetail(violations)}`,
        at: blame(object, forbiddenDetail(violations.slice(0, 1)), containers.slice(0, 1)),
        object,
        severity: mode === 'enforce' ? 'error' : 'info',
      };
    }
  },
};
