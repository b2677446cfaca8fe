import type { Build, Environment, Repository } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';

/** What the cluster of an environment may hold, as far as the repository tells. */
export interface KnownCluster {
  readonly builds: readonly Build[];
  readonly objects: readonly RenderedObject[];
}

/**
 * The Flux Kustomization in Git that an environment starts from. Undefined where it is a directory, and where the
 * Kustomization is in its own build, as that of `flux bootstrap` is: such a cluster is whole.
 */
export const rootKustomizationOf = ({ builds, objects }: Environment): RenderedObject | undefined =>
  builds.find(
    ({ kustomization }) => kustomization && !objects.some((object) => isSame(object, kustomization)),
  )?.kustomization;

const isSame = (a: RenderedObject, b: RenderedObject): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && a.apiVersion === b.apiVersion;

/**
 * The environment, and with it every other one that starts from a Flux Kustomization: where the root of a cluster is not
 * in Git, each Kustomization that it would apply passes for an environment of its own.
 */
export function knownCluster(repository: Repository, environment: Environment): KnownCluster {
  if (!rootKustomizationOf(environment)) return environment;
  const others = repository.environments.filter(
    (other) => other !== environment && rootKustomizationOf(other),
  );
  const all = [environment, ...others];
  return {
    builds: all.flatMap(({ builds }) => builds),
    objects: all.flatMap((each) => [...each.objects, ...[rootKustomizationOf(each) ?? []].flat()]),
  };
}

/** Whether the repository does not tell what a build applies. */
export const isUnknown = ({ failures, objects }: Build): boolean =>
  failures.length > 0 && objects.length === 0 && !isForeign(failures);

/** Whether a build comes from another repository. */
export const isForeign = (failures: Build['failures']): boolean =>
  failures.some(({ code }) => code === 'foreign-source');
