/** Objects as admission sees them: decoded into Go types, defaulted, and written out again. */

import { canonicalQuantity } from '../exact-quantity.ts';
import { applyDefaults, dropNulls } from '../schema/normalise.ts';
import { type KindSchema, refName, type Store } from '../schema/store.ts';
import type { SchemaNode } from '../schema/types.ts';
import { coreDefaults } from './core.ts';
import { goFieldsOf, isZero } from './fields.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { otherDefaults } from './workloads.ts';

export type { Json, JsonObject } from './json.ts';

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const core = 'io.k8s.api.core.v1.';
const api = 'io.k8s.api.';

/** The lists of resources that SetDefaults_ResourceList rounds to thousandths. */
const roundedLists = new Set([
  'limits',
  'requests',
  'capacity',
  'hard',
  'allocatable',
  'max',
  'min',
  'default',
  'defaultRequest',
  'maxLimitRequestRatio',
  'overhead',
]);

const defaultsOf = (definition: string): ((value: JsonObject) => void) | undefined =>
  definition.startsWith(core)
    ? coreDefaults[definition.slice(core.length)]
    : definition.startsWith(api)
      ? otherDefaults[definition.slice(api.length)]
      : undefined;

/** The object after decoding and defaulting, as the server would store it; the given one stays as it is. */
export function defaultObject(store: Store, schema: KindSchema, value: unknown): JsonObject {
  if (!schema.builtin || schema.definition === undefined) {
    const defaulted = structuredClone(applyDefaults(value, schema.root)) as JsonObject;
    return defaulted;
  }
  const resolve = (node: SchemaNode): SchemaNode =>
    node.$ref === undefined ? node : store.definition(refName(node.$ref));
  const decoded = structuredClone(dropNulls(value, schema.root, resolve)) as JsonObject;
  const { apiVersion, kind } = decoded;
  fill(store, schema.definition, schema.root, decoded);
  const written = write(store, schema.definition, schema.root, decoded);
  return { apiVersion: apiVersion ?? '', kind: kind ?? '', ...written };
}

/** The definition that a schema node stands for, and its schema. */
function definitionOf(store: Store, node: SchemaNode): { name: string; schema: SchemaNode } {
  const ref = node.$ref ?? node.allOf?.find((part) => part.$ref !== undefined)?.$ref;
  if (ref === undefined) return { name: '', schema: node };
  const name = refName(ref);
  return { name, schema: store.definition(name) };
}

/** Sets defaults from the outside in, as the generated SetObjectDefaults functions do. */
function fill(store: Store, definition: string, schema: SchemaNode, value: JsonObject): void {
  defaultsOf(definition)?.(value);
  const { always = {}, pointers = [] } = goFieldsOf(definition);
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const found = value[key];
    if (found === undefined || found === null || found === '') {
      const own = field.default as Json | undefined;
      const isPointer = pointers.includes(key) || always[key] === null;
      const wanted = own !== undefined && (!isZero(own, false) || (found === undefined && isPointer));
      if (wanted) value[key] = structuredClone(own as Json);
    }
    // A struct that is no pointer is there even where nothing of it is written.
    if (isObject(always[key]) && value[key] === undefined) value[key] = {};
    fillValue(store, field, value[key]);
  }
}

function fillValue(store: Store, node: SchemaNode, value: Json | undefined): void {
  if (value === undefined || value === null || typeof value !== 'object') return;
  const { name, schema } = definitionOf(store, node);
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) fillValue(store, schema.items, item);
  } else if (schema.properties !== undefined) fill(store, name, schema, value);
  else if (typeof schema.additionalProperties === 'object')
    for (const item of Object.values(value)) fillValue(store, schema.additionalProperties, item);
}

/** Writes a Go value as JSON: what is empty and optional goes, what is always written comes, quantities are canonical. */
function write(store: Store, definition: string, schema: SchemaNode, value: JsonObject): JsonObject {
  const { always = {}, pointers = [] } = goFieldsOf(definition);
  const out: JsonObject = {};
  for (const [key, found] of Object.entries(value)) {
    const field = schema.properties?.[key];
    if (field === undefined || found === undefined) continue;
    const isStruct = definitionOf(store, field).schema.properties !== undefined;
    if (isZero(found, isStruct) && !pointers.includes(key) && !Object.hasOwn(always, key)) continue;
    // An empty slice that is always written is written as nothing.
    out[key] =
      always[key] === null && isZero(found, isStruct) && Array.isArray(found)
        ? null
        : writeValue(store, field, found, key);
  }
  for (const [key, zero] of Object.entries(always))
    if (out[key] === undefined) out[key] = structuredClone(zero);
  return out;
}

function writeValue(store: Store, node: SchemaNode, value: Json, key: string): Json {
  const { name, schema } = definitionOf(store, node);
  if (name === QUANTITY) return canonicalQuantity(String(value)) ?? value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return value.map((item) => (schema.items ? writeValue(store, schema.items, item, key) : item));
  if (schema.properties !== undefined) return write(store, name, schema, value);
  const values = schema.additionalProperties;
  if (typeof values !== 'object') return value;
  const isResources = roundedLists.has(key) && definitionOf(store, values).name === QUANTITY;
  return Object.fromEntries(
    Object.entries(value).map(([entry, item]) => [
      entry,
      isResources
        ? (canonicalQuantity(String(item), true) ?? (item as Json))
        : writeValue(store, values, item as Json, entry),
    ]),
  );
}
