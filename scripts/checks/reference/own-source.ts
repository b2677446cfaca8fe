import type { Build } from '../../render/environment.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import { isForeign } from './known-cluster.ts';

/** The name that `flux bootstrap` gives to the source that is the repository itself. */
export const bootstrapName = 'flux-system';

/** Whether a Flux Kustomization is built from the repository that is checked, not from another one. */
export function isFromRepository(
  kustomization: RenderedObject,
  builds: readonly Build[],
  objects: readonly RenderedObject[],
): boolean {
  const build = builds.find((each) => each.kustomization === kustomization);
  if (build) return !isForeign(build.failures);
  if (textAt(kustomization.node, ['spec', 'sourceRef', 'kind']) !== 'GitRepository') return false;
  const name = textAt(kustomization.node, ['spec', 'sourceRef', 'name']);
  if (name === bootstrapName) return true;
  const urlOf = (repository: string | undefined): string | undefined => {
    const found = objects.find(
      (object) => object.name === repository && isKind(object, 'source.toolkit.fluxcd.io', 'GitRepository'),
    );
    return found && textAt(found.node, ['spec', 'url']);
  };
  const url = urlOf(name);
  return url !== undefined && url === urlOf(bootstrapName);
}
