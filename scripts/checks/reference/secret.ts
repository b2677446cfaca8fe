import type { Rule } from '../rule.ts';
import { configReferences } from './config-references.ts';
import { printTarget, type ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const secret: Rule<ReferenceSubject> = {
  id: 'reference/secret',
  severity: 'error',
  title: 'A Secret that a pod or an Ingress reads is in Git or declared in secrets.yaml',
  why: 'The kubelet does not start a container before every Secret that it reads is there, unless marked optional.',
  fix: 'Correct the name, or declare the Secret and its keys in secrets.yaml, from which it is made.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  scope: 'general',
  *check(subject) {
    const { name } = subject.environment;
    for (const reference of configReferences(subject, 'Secret'))
      yield* reportMissing(subject, {
        ...reference,
        ...(subject.secretsDeclared && {
          fix: `Correct the name, or declare ${printTarget(reference.target)} under \`${name}\` in secrets.yaml.`,
        }),
      });
  },
};
