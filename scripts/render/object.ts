import type { ObjectReference } from '../finding.ts';
import {
  type JsonObject,
  type MapNode,
  type Origin,
  originAt,
  type Path,
  textAt,
  toJson,
} from '../yaml/node.ts';

/** An object as Flux would apply it, with the source of each of its fields. */
export interface RenderedObject extends ObjectReference {
  readonly environment: string;
  /** Name of the Flux Kustomization that applies it. */
  readonly component: string;
  readonly node: MapNode;
  /** The object as plain JSON; made when first asked for. */
  readonly value: JsonObject;
}

/** Where the value at a path of an object was set; of a path that does not exist, its deepest part that does. */
export const locate = (object: Pick<RenderedObject, 'node'>, path: Path): Origin =>
  originAt(object.node, path);

/**
 * A rendered mapping as an object. Identity fields that are missing or no strings become empty; the schema stage reports
 * them. `namespace` is what the object says, or what Flux falls back to for namespaced kinds that say nothing.
 */
export function renderedObject(
  node: MapNode,
  owner: { readonly environment: string; readonly component: string },
): RenderedObject {
  const namespace = textAt(node, ['metadata', 'namespace']);
  let value: JsonObject | undefined;
  return {
    apiVersion: textAt(node, ['apiVersion']) ?? '',
    kind: textAt(node, ['kind']) ?? '',
    name: textAt(node, ['metadata', 'name']) ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    environment: owner.environment,
    component: owner.component,
    node,
    get value() {
      value ??= toJson(node) as JsonObject;
      return value;
    },
  };
}

/** Whether the object is of a kind, in any version of its API group (`apps`, or `` for the core group). */
export const isKind = (object: ObjectReference, group: string, kind: string): boolean =>
  object.kind === kind && groupOf(object.apiVersion) === group;

/** `apps` of `apps/v1`; empty for the core group. */
export const groupOf = (apiVersion: string): string => {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
};
