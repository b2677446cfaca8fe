/** The claims of an environment: written as objects, and made by StatefulSets for each of their pods. */

import { describe } from '../../finding.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, type Node, type Origin, type Path, textAt } from '../../yaml/node.ts';
import { claimTemplatesOf } from './config-references.ts';
import { ordinalsOf, type ReferenceSubject } from './index-objects.ts';

export interface Claim {
  readonly namespace: string;
  readonly name: string;
  /** The PersistentVolumeClaim, or the StatefulSet that makes it. */
  readonly object: RenderedObject;
  /** The claim within the object. */
  readonly path: Path;
  readonly node: Node;
  /** ``PersistentVolumeClaim ns/data-kafka-0 of StatefulSet ns/kafka``. */
  readonly printed: string;
}

export function claimsOf(subject: ReferenceSubject): readonly Claim[] {
  const written = subject.everywhere('', 'PersistentVolumeClaim').map(
    (object): Claim => ({
      namespace: subject.namespaceOf(object) ?? 'default',
      name: object.name,
      object,
      path: [],
      node: object.node,
      printed: describe(object),
    }),
  );
  const made = subject.everywhere('apps', 'StatefulSet').flatMap((object) => {
    const namespace = subject.namespaceOf(object) ?? 'default';
    const { start, count } = ordinalsOf(object);
    return claimTemplatesOf(object).flatMap(({ name, node, path }) =>
      Array.from({ length: count }, (_, index): Claim => {
        const claim = `${name}-${object.name}-${start + index}`;
        const printed = `claim ${namespace}/${claim} of ${describe(object)}`;
        return { namespace, name: claim, object, path, node, printed };
      }),
    );
  });
  return [...written, ...made];
}

/** The size that a claim asks for or a volume has, in bytes, with its text. */
export function sizeAt(
  node: Node,
  path: Path,
): { readonly text: string; readonly bytes: number } | undefined {
  const found = at(node, path);
  if (found?.type !== 'scalar' || found.value === null || typeof found.value === 'boolean') return undefined;
  const bytes = parseQuantity(found.value);
  return bytes === undefined ? undefined : { text: String(found.value), bytes };
}

export const requestPath: Path = ['spec', 'resources', 'requests', 'storage'];
export const capacityPath: Path = ['spec', 'capacity', 'storage'];

export const modesOf = (node: Node): readonly string[] =>
  itemsAt(node, ['spec', 'accessModes']).flatMap((mode) =>
    mode.type === 'scalar' && typeof mode.value === 'string' ? [mode.value] : [],
  );

/** The class that a claim or volume names: `''` for none at all, undefined for the default one. */
export const classOf = (node: Node): string | undefined =>
  textAt(node, ['spec', 'storageClassName']) ??
  textAt(node, ['metadata', 'annotations', 'volume.beta.kubernetes.io/storage-class']);

export const originOfClaim = (claim: Claim, path: Path): Origin =>
  locate(claim.object, [...claim.path, ...path]);
