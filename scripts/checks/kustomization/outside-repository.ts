import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

export const outsideRepository: Rule<KustomizationSubject> = {
  id: 'kustomization/outside-repository',
  severity: 'error',
  title: 'A kustomization reads nothing from outside the repository.',
  why: 'Flux builds in a copy of the repository and nothing else is there: what builds on this machine fails in the cluster.',
  fix: 'Move the file into the repository and name it by a relative path.',
  scope: 'general',
  *check(subject) {
    for (const reference of subject.references)
      if (!reference.remote && reference.path === undefined)
        yield {
          message: reference.text.startsWith('/')
            ? `\`${reference.text}\` in \`${reference.field}\` is an absolute path; Flux has no such file`
            : `\`${reference.text}\` in \`${reference.field}\` leaves the repository; Flux has nothing there`,
          at: reference.origin,
        };
  },
};
