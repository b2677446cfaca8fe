/** What the server does to an object before it validates it: nulls and defaults. */
import { isObject, type JsonObject, type SchemaNode } from './types.ts';

/** Maps whose values Flux reads as strings before the server sees them: a null there loses every label. */
const STRING_MAPS = new Set(['labels', 'annotations']);

/**
 * Built-in kinds: Go's decoder leaves a field that is null at its zero value, as if it were not written. Nulls in lists
 * stay and are reported. Returns the same value where there is nothing to drop.
 */
export function dropNulls(value: unknown, depth = 0, parent = ''): unknown {
  if (Array.isArray(value)) {
    let changed = false;
    const items = value.map((item) => {
      const next = dropNulls(item, depth + 1);
      changed ||= next !== item;
      return next;
    });
    return changed ? items : value;
  }
  if (!isObject(value)) return value;
  let out: JsonObject | undefined;
  const keepNulls = depth === 2 && STRING_MAPS.has(parent);
  for (const [key, item] of Object.entries(value)) {
    const isTop = depth === 0 ? key === 'metadata' : depth === 1 && parent === 'metadata';
    const next = dropNulls(item, depth + 1, isTop ? key : '');
    if (next === null && keepNulls) continue;
    if (next === item && next !== null) continue;
    out ??= { ...value };
    if (next === null) delete out[key];
    else out[key] = next;
  }
  return out ?? value;
}

/**
 * Custom kinds: a null in a field that is not nullable becomes its default or is dropped, then defaults are filled in.
 * Mirrors PruneNonNullableNullsWithoutDefaults and Default of apiextensions-apiserver/pkg/apiserver/schema/defaulting.
 */
export function applyDefaults(value: unknown, node: SchemaNode | undefined): unknown {
  if (node === undefined) return value;
  if (Array.isArray(value)) {
    const items = node.items;
    return value.map((item) =>
      item === null && items !== undefined && items.nullable !== true && items.default !== undefined
        ? structuredClone(items.default)
        : applyDefaults(item, items),
    );
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const field = fieldOf(node, key);
    if (item !== null || field === undefined || field.nullable === true) out[key] = item;
  }
  for (const [key, field] of Object.entries(node.properties ?? {})) {
    if (field.default !== undefined && !(key in out)) out[key] = structuredClone(field.default);
  }
  for (const [key, item] of Object.entries(out)) out[key] = applyDefaults(item, fieldOf(node, key));
  return out;
}

function fieldOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const { properties, additionalProperties } = node;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
