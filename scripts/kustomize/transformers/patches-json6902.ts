import type { ScalarNode } from '../../yaml/node.ts';
import { items, scalarAt, stringOf, text } from '../kustomization.ts';
import { inlineYaml, loadYaml } from '../load.ts';
import { applyJsonPatch, isStrictJson, readJsonPatch } from '../merge/json6902.ts';
import type { Resource } from '../resource.ts';
import { readSelector, selects } from '../selector.ts';
import { fail } from '../stop.ts';
import type { Transformer } from './transformer.ts';

/** `patchesJson6902`, which come after labels and annotations. */
export const jsonPatches: Transformer = (context, kustomization) => {
  const steps = items(kustomization.node, 'patchesJson6902').map((item) => {
    const target = item.type === 'map' ? item.entries.get('target')?.value : undefined;
    if (target === undefined || text(target, 'name') === '')
      fail('patch-without-target', 'a JSON 6902 patch needs a target with a name', 'Add it.', item.origin);
    const inline = scalarAt(item, 'patch');
    const path = scalarAt(item, 'path');
    if ((inline === undefined) === (path === undefined))
      fail(
        'patch-source',
        'a JSON 6902 patch needs either `patch` or `path`',
        'Give it exactly one of them.',
        item.origin,
      );
    const yaml = inline
      ? inlineYaml(context, inline)
      : loadYaml(context, kustomization.directory, stringOf(path as ScalarNode), (path as ScalarNode).origin);
    const patch = readJsonPatch(yaml.documents[0]?.node);
    if (!patch || patch.length === 0 || yaml.problems.length > 0 || !isStrictJson(yaml.text))
      fail('patch-syntax', 'this is no JSON 6902 patch', 'Write a list of operations.', item.origin);
    const selector = readSelector(target);
    return (resources: Resource[]): void => {
      const selected = resources.filter((resource) => selects(selector, resource));
      context.notices.push({
        code: 'unmatched-patch',
        message: selected.length > 0 ? '' : 'the target of this patch matches no object',
        fix: selected.length > 0 ? '' : 'Correct the target, or remove the patch.',
        origin: target.origin,
        matched: selected.length > 0,
        ...(selected.length > 0 ? {} : { candidates: resources.map(({ node }) => node) }),
      });
      for (const resource of selected) applyJsonPatch(resource.node, patch);
    };
  });
  if (steps.length === 0) return undefined;
  return (resources) => {
    for (const step of steps) step(resources);
  };
};
