/** The commits that the components of one environment are pinned to. */

import { sourceOf } from '../../flux/source.ts';
import type { DeployedEnvironment, Environment, Repository } from '../../render/environment.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';

/** A component that has a GitRepository of its own, and can be pinned by it. */
export interface PromotedComponent {
  readonly component: string;
  readonly source: RenderedObject;
  /** `spec.ref.commit`, as it is written. */
  readonly commit: string | undefined;
}

export interface PromotionSubject {
  readonly environment: Environment;
  readonly components: readonly PromotedComponent[];
  /** Undefined where nothing is pinned, or the history was not looked at. */
  readonly deployed: DeployedEnvironment | undefined;
}

export function promotionSubject(repository: Repository, environment: Environment): PromotionSubject {
  const sources = new Map(
    environment.objects
      .filter((object) => isKind(object, 'source.toolkit.fluxcd.io', 'GitRepository'))
      .map((object) => [`${object.namespace ?? ''}/${object.name}`, object]),
  );
  return {
    environment,
    components: environment.builds.flatMap(({ component, kustomization, failures }) => {
      if (!kustomization || failures.some(({ code }) => code === 'foreign-source')) return [];
      const { kind, namespace, name } = sourceOf(kustomization);
      // What follows the source of the root follows main by design.
      if (kind !== 'GitRepository' || name === 'flux-system') return [];
      const source = sources.get(`${namespace ?? ''}/${name}`);
      return source ? [{ component, source, commit: textAt(source.node, ['spec', 'ref', 'commit']) }] : [];
    }),
    deployed: repository.deployed?.find((each) => each.environment.name === environment.name),
  };
}
