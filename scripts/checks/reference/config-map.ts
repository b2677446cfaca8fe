import type { Rule } from '../rule.ts';
import { configReferences } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const configMap: Rule<ReferenceSubject> = {
  id: 'reference/config-map',
  severity: 'error',
  title: 'A ConfigMap that a pod reads exists in its namespace',
  why: 'The kubelet does not start a container before every ConfigMap that it reads is there, unless marked optional.',
  fix: 'Correct the name, add the ConfigMap or its generator, or mark the reference `optional: true`.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
  scope: 'general',
  *check(subject) {
    for (const reference of configReferences(subject, 'ConfigMap')) yield* reportMissing(subject, reference);
  },
};
