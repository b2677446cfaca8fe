import type { Build } from '../render/environment.ts';
import type { RenderedObject } from '../render/object.ts';
import type { Fate } from './change.ts';
import { get, textIn } from './json.ts';

const prefix = 'kustomize.toolkit.fluxcd.io/';

/** Whether an annotation keeps Flux from deleting an object. Mirrors the exclusions of kustomize-controller's `prune`. */
export function isProtected(object: RenderedObject): boolean {
  const says = (name: string, value: string): boolean =>
    ['annotations', 'labels'].some(
      (field) => textIn(object.value, ['metadata', field, prefix + name])?.toLowerCase() === value,
    );
  return says('prune', 'disabled') || says('reconcile', 'disabled') || says('ssa', 'ignore');
}

/** Whether Flux deletes and makes again an object of which an immutable field changes. */
export const isForced = (object: RenderedObject, build: Build | undefined): boolean =>
  textIn(object.value, ['metadata', 'annotations', `${prefix}force`])?.toLowerCase() === 'enabled' ||
  get(build?.kustomization?.value, ['spec', 'force']) === true;

/**
 * What becomes of an object that the new state no longer has. The environment's own Kustomization, which `flux bootstrap`
 * writes, prunes.
 *
 * @param before the build that yielded it
 * @param after the same Kustomization in the new state; undefined where that is gone, too
 */
export function fateOf(object: RenderedObject, before: Build, after: Build | undefined): Fate {
  const kept = (reason: string): Fate => ({ deleted: false, reason });
  if (isProtected(object)) return kept('its annotation keeps Flux from pruning it');
  const spec = (build: Build, field: string) => get(build.kustomization?.value, ['spec', field]);
  const { component } = before;
  if (after) {
    if (spec(after, 'suspend') === true) return kept(`Kustomization ${component} is suspended`);
    return spec(after, 'prune') === false
      ? kept(`Kustomization ${component} does not prune`)
      : { deleted: true };
  }
  if (before.kustomization && isProtected(before.kustomization))
    return kept(`Kustomization ${component} itself is kept by its annotation`);
  if (spec(before, 'suspend') === true)
    return kept(`Kustomization ${component} is suspended when it is deleted`);
  const policy = spec(before, 'deletionPolicy') ?? 'MirrorPrune';
  if (policy === 'Orphan') return kept(`Kustomization ${component} has deletionPolicy Orphan`);
  return policy === 'MirrorPrune' && spec(before, 'prune') === false
    ? kept(`Kustomization ${component} does not prune`)
    : { deleted: true };
}
