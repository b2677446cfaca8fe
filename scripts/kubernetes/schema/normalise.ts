/** What the server does to an object before it validates it: nulls and defaults. */
import { isObject, type JsonObject, type SchemaNode } from './types.ts';

/** Gives the schema that a node refers to, or the node itself. */
export type Resolve = (node: SchemaNode) => SchemaNode;

/** Maps whose values Flux reads as strings before the server sees them: a null there loses every label. */
const STRING_MAPS = new Set(['labels', 'annotations']);

/**
 * Built-in kinds: Go's decoder leaves a known field that is null at its zero value, as if it were not written; a null
 * item of a list is the zero value. Nulls in unknown fields stay, and those fields are reported. Returns the same value
 * where there is nothing to drop.
 */
export function dropNulls(value: unknown, node: SchemaNode | undefined, resolve: Resolve): unknown {
  if (node === undefined) return value;
  const schema = resolve(node);
  if (Array.isArray(value)) {
    let changed = false;
    // Server-side apply wants no null among the members of a set.
    if (schema['x-kubernetes-list-type'] === 'set') return value;
    // Nor among those with keys, which it cannot tell apart then.
    const keyed = schema['x-kubernetes-list-type'] === 'map';
    const items = value.map((item) => {
      if (item === null && keyed) return null;
      const next =
        item === null
          ? zero(schema.items, resolve)
          : dropNulls(withKeys(item, schema, resolve), schema.items, resolve);
      changed ||= next !== item;
      return next;
    });
    return changed ? items : value;
  }
  if (!isObject(value)) return value;
  let out: JsonObject | undefined;
  for (const [key, item] of Object.entries(value)) {
    const field = fieldOf(schema, key);
    if (field === undefined) continue;
    const next = item === null ? undefined : dropNulls(item, field, resolve);
    if (next === item) continue;
    out ??= { ...value };
    if (next === undefined) delete out[key];
    else out[key] = next;
  }
  return out ?? value;
}

/** Of an item that is told apart by a key, a key that is null is there, with the zero value. */
function withKeys(item: unknown, list: SchemaNode, resolve: Resolve): unknown {
  const keys =
    list['x-kubernetes-list-map-keys']?.filter((key) => isObject(item) && item[key] === null) ?? [];
  if (keys.length === 0 || !isObject(item) || list.items === undefined) return item;
  const { properties = {} } = resolve(list.items);
  const plain = keys.filter((key) => properties[key]?.default === undefined);
  return { ...item, ...Object.fromEntries(plain.map((key) => [key, zero(properties[key], resolve)])) };
}

/** Go's zero value of a schema's type; null where it is no plain type. */
function zero(node: SchemaNode | undefined, resolve: Resolve): unknown {
  switch (node === undefined ? undefined : resolve(node).type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return null;
  }
}

/** The same for an object's metadata, but for labels and annotations. */
export function dropMetadataNulls(metadata: unknown, objectMeta: SchemaNode, resolve: Resolve): unknown {
  const dropped = dropNulls(metadata, objectMeta, resolve);
  if (!isObject(dropped) || !isObject(metadata)) return dropped;
  const kept = Object.entries(metadata).filter(([key, item]) => STRING_MAPS.has(key) && item !== null);
  return kept.every(([key, item]) => dropped[key] === item)
    ? dropped
    : { ...dropped, ...Object.fromEntries(kept) };
}

/**
 * Custom kinds: a null in a field that is not nullable becomes its default, and stays where there is none: the server
 * prunes such nulls from what is created, but not from what is applied. Then defaults are filled in. Mirrors Default of
 * apiextensions-apiserver/pkg/apiserver/schema/defaulting.
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
    if (item !== null || field === undefined || field.nullable === true || field.default === undefined)
      out[key] = item;
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
