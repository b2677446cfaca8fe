import { describe } from '../../finding.ts';
import type { Build } from '../../render/environment.ts';
import { groupOf, isKind, locate, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, isKustomization, printBuild } from './flux-objects.ts';

export const doubleOwnership: Rule<FluxSubject> = {
  id: 'flux/double-ownership',
  severity: 'error',
  title: 'Each object is applied by one Kustomization',
  why: 'Two Kustomizations that apply the same object overwrite each other at every interval, and the one that drops it deletes it under the other.',
  fix: 'Keep the object in one of the two builds.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#prune',
  scope: 'general',
  *check(subject) {
    const owners = new Map<string, { readonly object: RenderedObject; readonly build: Build }>();
    for (const build of subject.environment.builds)
      for (const object of build.objects) {
        if (isKustomization(object)) continue;
        const namespace = subject.references.namespaceOf(object) ?? '';
        const key = [groupOf(object.apiVersion), object.kind, namespace, object.name].join('/');
        const owner = owners.get(key);
        if (!owner) {
          owners.set(key, { object, build });
          continue;
        }
        if (owner.build === build) continue;
        const same = JSON.stringify(owner.object.value) === JSON.stringify(object.value);
        // A shared Namespace that neither may delete does no harm.
        if (same && isUnpruned(object) && isKind(object, '', 'Namespace')) continue;
        const effect = !same
          ? 'they overwrite each other at every interval'
          : isUnpruned(object)
            ? 'as soon as one of them changes it, they overwrite each other at every interval'
            : 'the one that drops it deletes it under the other';
        yield {
          message: `${describe(object)} is applied by ${printBuild(subject, owner.build)} and by ${printBuild(subject, build)}: ${effect}`,
          fix: `Keep it in one of ${owner.build.path} and ${build.path}.`,
          at: locate(object, ['metadata', 'name']),
          object,
          ...(same && { severity: 'warning' as const }),
        };
      }
  },
};

const isUnpruned = (object: RenderedObject): boolean =>
  textAt(object.node, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/prune'])?.toLowerCase() ===
  'disabled';
