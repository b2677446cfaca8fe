import { describe } from '../../finding.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { isKind, locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const annotation = 'kustomize.toolkit.fluxcd.io/prune';
const kinds = ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim'];

export const pruneProtection: Rule<FluxSubject> = {
  id: 'flux/prune-protection',
  severity: 'error',
  title: 'Flux never deletes a Namespace, a PersistentVolume or a claim',
  why: 'With `prune: true` a renamed file or a moved directory deletes what is no longer in the build, and the data with it.',
  fix: `Annotate the object with \`${annotation}: disabled\`.`,
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#prune',
  scope: 'infometis',
  *check(subject) {
    for (const build of subject.environment.builds) {
      const kustomization = subject.kustomizationOf(build);
      // The root that `flux bootstrap` writes prunes.
      if (kustomization && booleanAt(kustomization.node, ['spec', 'prune']) !== true) continue;
      for (const object of build.objects) {
        if (!kinds.some((kind) => isKind(object, '', kind))) continue;
        const path = ['metadata', 'annotations', annotation];
        const value = textAt(object.node, path);
        if (value?.toLowerCase() === 'disabled') continue;
        yield {
          message:
            value === undefined
              ? `${describe(object)} may be pruned: once it is out of the build Flux deletes it, and its data`
              : `${describe(object)} may be pruned, for ${annotation} is \`${value}\` and not \`disabled\`: once it is out of the build Flux deletes it, and its data`,
          ...(value !== undefined && { fix: 'Write `disabled`.' }),
          at: locate(object, value === undefined ? ['metadata', 'name'] : path),
          object,
        };
      }
    }
  },
};
