import type { BuildContext } from '../context.ts';
import type { Kustomization } from '../kustomization.ts';
import type { Resource } from '../resource.ts';

/**
 * One field of a kustomization at work. The outer function reads and checks the field, the inner one changes the
 * resources: kustomize reads all of a kustomization's fields before it applies the first.
 */
export type Transformer = (
  context: BuildContext,
  kustomization: Kustomization,
) => ((resources: Resource[]) => void) | undefined;
