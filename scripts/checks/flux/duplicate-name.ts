import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, fluxName } from './flux-objects.ts';

export const duplicateName: Rule<FluxSubject> = {
  id: 'flux/duplicate-name',
  severity: 'error',
  title: 'Each Kustomization has a name of its own',
  why: 'Of two with one name the cluster keeps the one applied last; with `prune` it deletes what the other had applied.',
  fix: 'Rename one of them.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/',
  scope: 'general',
  *check(subject) {
    const first = new Map<string, RenderedObject>();
    for (const object of subject.kustomizations) {
      const name = fluxName(subject, object);
      const other = first.get(name);
      if (!other) {
        first.set(name, object);
        continue;
      }
      const { file, line } = locate(other, ['metadata', 'name']);
      yield {
        message: `${describe(object)} is declared twice, here and at ${file}:${line}: they overwrite each other`,
        at: locate(object, ['metadata', 'name']),
        object,
      };
    }
  },
};
