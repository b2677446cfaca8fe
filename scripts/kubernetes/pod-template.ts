/** Where each kind of workload keeps its pods, and what the pods are made of. */

import type { ObjectReference } from '../finding.ts';
import { at, itemsAt, type MapNode, type Node, type Path, type PathSegment, textAt } from '../yaml/node.ts';
import { type Labels, labelsOf } from './selectors.ts';

export interface PodTemplate {
  /** The template within its object; empty for a Pod, which is its own. */
  readonly path: Path;
  readonly specPath: Path;
  readonly spec: Node;
  readonly labels: Labels;
  readonly labelsPath: Path;
}

export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers';

export interface Container {
  readonly list: ContainerList;
  readonly name: string;
  readonly node: Node;
  /** Within the object. */
  readonly path: Path;
}

export interface Volume {
  readonly name: string;
  readonly node: Node;
  /** Within the object. */
  readonly path: Path;
}

export interface ContainerPort {
  readonly name: string | undefined;
  readonly number: number;
  readonly protocol: string;
  readonly container: string;
}

const templatePaths: Readonly<Record<string, Path>> = {
  Pod: [],
  PodTemplate: ['template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};
const ordinary: Path = ['spec', 'template'];

/**
 * The pod template of an object, or undefined where it has none. Kinds that are not Kubernetes' own count too where they
 * have containers at `spec.template.spec`, as Argo Rollouts, Knative Services and OpenKruise's kinds do.
 */
export function podTemplateOf(
  object: Pick<ObjectReference, 'kind'> & { readonly node: MapNode },
): PodTemplate | undefined {
  const path = templatePaths[object.kind] ?? ordinary;
  const specPath = [...path, 'spec'];
  const spec = at(object.node, specPath);
  if (!spec || at(spec, ['containers'])?.type !== 'list') return undefined;
  const labelsPath = [...path, 'metadata', 'labels'];
  return { path, specPath, spec, labels: labelsOf(at(object.node, labelsPath)), labelsPath };
}

const containerLists: readonly ContainerList[] = ['initContainers', 'containers', 'ephemeralContainers'];

/** All containers of a template, those of its init phase first. */
export const containersOf = (template: PodTemplate): readonly Container[] =>
  containerLists.flatMap((list) =>
    itemsAt(template.spec, [list]).map((node, index) => ({
      list,
      name: textAt(node, ['name']) ?? '',
      node,
      path: [...template.specPath, list, index],
    })),
  );

/** The volumes of a template; not those that a StatefulSet's claim templates add. */
export const volumesOf = (template: PodTemplate): readonly Volume[] =>
  itemsAt(template.spec, ['volumes']).map((node, index) => ({
    name: textAt(node, ['name']) ?? '',
    node,
    path: [...template.specPath, 'volumes', index],
  }));

/** The ports that containers declare and that are there while the pod runs: those of sidecars count, of other init containers not. */
export const portsOf = (template: PodTemplate): readonly ContainerPort[] =>
  containersOf(template)
    .filter(
      (container) =>
        container.list === 'containers' ||
        (container.list === 'initContainers' && textAt(container.node, ['restartPolicy']) === 'Always'),
    )
    .flatMap((container) =>
      itemsAt(container.node, ['ports']).map((port) => ({
        name: textAt(port, ['name']),
        number: numberAt(port, ['containerPort']) ?? 0,
        protocol: textAt(port, ['protocol']) ?? 'TCP',
        container: container.name,
      })),
    );

/** The number at a path, or undefined. */
export function numberAt(node: Node | undefined, path: readonly PathSegment[]): number | undefined {
  const found = at(node, path);
  return found?.type === 'scalar' && typeof found.value === 'number' ? found.value : undefined;
}

/** The boolean at a path, or undefined. */
export function booleanAt(node: Node | undefined, path: readonly PathSegment[]): boolean | undefined {
  const found = at(node, path);
  return found?.type === 'scalar' && typeof found.value === 'boolean' ? found.value : undefined;
}
