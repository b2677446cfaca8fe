import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { missingKeys } from './missing-key.ts';

export const secretKey: Rule<ReferenceSubject> = {
  id: 'reference/secret-key',
  severity: 'error',
  title: 'A key that is read from a Secret is in it, or declared in secrets.yaml',
  why: 'A missing key holds the pod back exactly as a missing Secret does.',
  fix: 'Correct the key, or add it to the Secret or to its entry in secrets.yaml.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  scope: 'general',
  check: (subject) => missingKeys(subject, 'Secret'),
};
