import type { MapNode, ScalarNode } from '../../yaml/node.ts';
import type { BuildContext } from '../context.ts';
import { objectsOf } from '../documents.ts';
import { type Kustomization, scalars, stringOf } from '../kustomization.ts';
import { inlineYaml, loadYaml } from '../load.ts';
import { fail } from '../stop.ts';
import {
  asTargeted,
  dropDeleted,
  onlyTarget,
  patchStrategically,
  refuseConflicts,
} from './patch-application.ts';
import type { Transformer } from './transformer.ts';

/** `patchesStrategicMerge`: every patch must find its one object. */
export const strategicPatches: Transformer = (context, kustomization) => {
  const patches = scalars(kustomization.node, 'patchesStrategicMerge').flatMap((entry) =>
    strategicPatchesOf(context, kustomization, entry),
  );
  if (patches.length === 0) {
    const entry = kustomization.node.entries.get('patchesStrategicMerge');
    if (entry?.value.type === 'list' && entry.value.items.length > 0)
      fail('empty-patch', 'the patches are empty', 'Write the patch, or remove the entry.', entry.origin);
    return undefined;
  }
  return (resources) => {
    for (const patch of patches) {
      const target = onlyTarget(resources, patch);
      patchStrategically(target, asTargeted(patch, target), {
        allowNameChange: false,
        allowKindChange: false,
      });
      dropDeleted(resources);
      refuseConflicts(resources);
    }
  };
};

function strategicPatchesOf(
  context: BuildContext,
  kustomization: Kustomization,
  entry: ScalarNode,
): readonly MapNode[] {
  // The entry may be the patch itself: kustomize tries that first.
  if (stringOf(entry).includes('\n') || /^\s*[{\w]+\s*:/.test(stringOf(entry))) {
    const yaml = inlineYaml(context, entry);
    if (yaml.problems.length === 0 && yaml.documents.some(({ node }) => node?.type === 'map'))
      return objectsOf(yaml);
  }
  return objectsOf(loadYaml(context, kustomization.directory, stringOf(entry), entry.origin));
}
