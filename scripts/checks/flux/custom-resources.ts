import { isBuiltInGroup } from '../../kubernetes/cluster-builtins.ts';
import type { Build } from '../../render/environment.ts';
import { groupOf, isKind, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { FluxSubject } from './flux-objects.ts';

export interface CustomResource {
  readonly object: RenderedObject;
  readonly build: Build;
  /** The build that brings its CustomResourceDefinition; undefined where none does. */
  readonly definedBy: Build | undefined;
}

/** The custom resources of an environment, except Flux's own, whose definitions come with its bootstrap. */
export function* customResources(subject: FluxSubject): Generator<CustomResource> {
  const definitions = new Map<string, Build>();
  for (const build of subject.environment.builds)
    for (const object of build.objects)
      if (isKind(object, 'apiextensions.k8s.io', 'CustomResourceDefinition'))
        definitions.set(
          `${textAt(object.node, ['spec', 'group'])}/${textAt(object.node, ['spec', 'names', 'kind'])}`,
          build,
        );
  for (const build of subject.environment.builds)
    for (const object of build.objects) {
      const group = groupOf(object.apiVersion);
      if (isBuiltInGroup(group) || group.endsWith('.fluxcd.io')) continue;
      yield { object, build, definedBy: definitions.get(`${group}/${object.kind}`) };
    }
}
