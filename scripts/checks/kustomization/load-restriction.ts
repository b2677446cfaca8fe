import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

export const loadRestriction: Rule<KustomizationSubject> = {
  id: 'kustomization/load-restriction',
  severity: 'error',
  title: 'A base reads no file from outside its own directory.',
  why: 'Flux would build it, but kustomize and kubectl by themselves refuse it, so nobody could render or debug the base alone.',
  fix: 'Move the file below the base, or give its directory a kustomization.yaml and list the directory.',
  docs: 'https://kubectl.docs.kubernetes.io/faq/kustomize/#security-file-foo-is-not-in-or-below-bar',
  scope: 'infometis',
  *check(subject) {
    if (!subject.path.startsWith('base/')) return;
    const { files } = subject.repository.sources;
    for (const { path, field, text, origin } of subject.references) {
      if (path === undefined || path.startsWith(`${subject.directory}/`)) continue;
      if (files.kind(path) === 'file')
        yield {
          message: `\`${text}\` in \`${field}\` is a file outside ${subject.directory}/: kustomize refuses it under its default load restrictions`,
          at: origin,
        };
    }
  },
};
