import type { Origin } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { kustomizationOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

const fields = new Map([
  ['resources', 'resources'],
  ['bases', 'resources'],
  ['components', 'components'],
]);

export const repeatedReference: Rule<KustomizationSubject> = {
  id: 'kustomization/repeated-reference',
  severity: 'error',
  title: 'A kustomization lists nothing twice.',
  why: 'kustomize refuses the second copy of an object (“may not add resource with an already registered id”), and nothing is deployed. A Component listed twice patches twice.',
  fix: 'Remove one of the two lines.',
  scope: 'general',
  *check(subject) {
    const seen = new Map<string, Origin>();
    for (const { path, field, text, origin } of subject.references) {
      const group = fields.get(field);
      if (path === undefined || group === undefined) continue;
      const key = `${group} ${path}`;
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, origin);
        continue;
      }
      // A Component without resources can be applied twice, though nobody means to.
      const component = kustomizationOf(subject.repository, path)?.references.every(
        (reference) => reference.field !== 'resources',
      );
      yield {
        message: `\`${text}\` in \`${field}\` is listed already on line ${first.line}`,
        at: origin,
        ...(group === 'components' && component ? { severity: 'warning' } : {}),
      };
    }
  },
};
