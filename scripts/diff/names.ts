/** Names of generated ConfigMaps and Secrets, which say what is in them: `kafka-config-8h2k9m5t6b`. */

import type { RenderedObject } from '../render/object.ts';
import type { Json, JsonObject } from '../yaml/node.ts';
import { isMap } from './json.ts';

// The letters that kustomize's hash is written in: hexadecimal, without what could form words.
const hashed = /^(.+)-[2456789bcdfghkmt]{10}$/;

const isGenerated = ({ apiVersion, kind }: RenderedObject): boolean =>
  apiVersion === 'v1' && (kind === 'ConfigMap' || kind === 'Secret');

/** The names without their hashes, of objects that bear one. */
export type BaseNames = ReadonlyMap<string, string>;

/**
 * The base names of all generated objects of one side. Where two objects have the same base name, as with two generations
 * side by side, both keep their whole names: nothing tells which of them goes on as which.
 */
export function baseNames(objects: readonly RenderedObject[]): BaseNames {
  const owners = new Map<string, Set<string>>();
  for (const object of objects) {
    if (!isGenerated(object)) continue;
    const base = hashed.exec(object.name)?.[1] ?? object.name;
    const key = `${object.kind}/${object.namespace ?? ''}/${base}`;
    owners.set(key, (owners.get(key) ?? new Set()).add(object.name));
  }
  const names = new Map<string, string>();
  for (const [key, whole] of owners) {
    const base = key.slice(key.lastIndexOf('/') + 1);
    const [name] = whole;
    if (whole.size === 1 && name !== undefined && name !== base) names.set(name, base);
  }
  return names;
}

export const baseName = (object: RenderedObject, names: BaseNames): string =>
  (isGenerated(object) ? names.get(object.name) : undefined) ?? object.name;

/** The value with each reference to a generated object by its base name. */
export function folded(value: Json, names: BaseNames): Json {
  if (names.size === 0) return value;
  const fold = (item: Json): Json => {
    if (typeof item === 'string') return names.get(item) ?? item;
    if (Array.isArray(item)) return item.map(fold);
    if (!isMap(item)) return item;
    const result: JsonObject = {};
    for (const [key, inner] of Object.entries(item)) result[key] = fold(inner);
    return result;
  };
  return fold(value);
}
