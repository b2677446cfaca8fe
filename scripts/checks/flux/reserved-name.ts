import { describe } from '../../finding.ts';
import { pathOf } from '../../flux/kustomization.ts';
import { isKind, locate } from '../../render/object.ts';
import { bootstrapName } from '../reference/own-source.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, isKustomization } from './flux-objects.ts';

export const reservedName: Rule<FluxSubject> = {
  id: 'flux/reserved-name',
  severity: 'error',
  title: 'Only what `flux bootstrap` writes is called flux-system',
  why: 'The root Kustomization and its source bear this name. A second object of the name replaces the root: the environment is then no longer reconciled, and with prune it is deleted.',
  fix: 'Give the object another name.',
  docs: 'https://fluxcd.io/flux/installation/bootstrap/',
  scope: 'infometis',
  *check(subject) {
    const { environment } = subject;
    const generated = `${environment.path}/flux-system/gotk-sync.yaml`;
    for (const object of environment.objects) {
      if (object.name !== bootstrapName) continue;
      const root =
        (isKustomization(object) && pathOf(object) !== environment.path) ||
        (isKind(object, 'source.toolkit.fluxcd.io', 'GitRepository') &&
          locate(object, ['metadata', 'name']).file !== generated);
      if (!root) continue;
      yield {
        message: `${describe(object)} has the name of what \`flux bootstrap\` writes for ${environment.path}: it would replace the root of the environment`,
        at: locate(object, ['metadata', 'name']),
        object,
      };
    }
  },
};
