import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { missingKeys } from './missing-key.ts';

export const configMapKey: Rule<ReferenceSubject> = {
  id: 'reference/config-map-key',
  severity: 'error',
  title: 'A key that a pod reads from a ConfigMap is in it',
  why: 'A missing key holds the pod back exactly as a missing ConfigMap does.',
  fix: 'Correct the key, or add it to the ConfigMap.',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/',
  scope: 'general',
  check: (subject) => missingKeys(subject, 'ConfigMap'),
};
