/** Objects as admission sees them: decoded into Go types, defaulted, and written out again. */
import { canonicalQuantity } from '../exact-quantity.ts';
import { applyDefaults, dropNulls } from '../schema/normalise.ts';
import { type KindSchema, refName, type Store } from '../schema/store.ts';
import type { SchemaNode } from '../schema/types.ts';
import { isZero } from './fields.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { type Shape, shapeOf } from './shape.ts';

export type { Json, JsonObject } from './json.ts';

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

/** The object after decoding and defaulting, as the server would store it; the given one stays as it is. */
export function defaultObject(store: Store, schema: KindSchema, value: unknown): JsonObject {
  if (!schema.builtin || schema.definition === undefined)
    return copy(applyDefaults(value, schema.root) as Json) as JsonObject;
  const resolve = (node: SchemaNode): SchemaNode =>
    node.$ref === undefined ? node : store.definition(refName(node.$ref));
  const decoded = copy(dropNulls(value, schema.root, resolve) as Json) as JsonObject;
  const { apiVersion, kind } = decoded;
  const shape = shapeOf(store, schema.definition);
  fill(shape, decoded);
  return { apiVersion: apiVersion ?? '', kind: kind ?? '', ...write(shape, decoded) };
}

function copy(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== undefined) result[key] = copy(item);
  }
  return result;
}

/** Sets defaults from the outside in, as the generated SetObjectDefaults functions do. */
function fill(shape: Shape, value: JsonObject): void {
  shape.setDefaults?.(value);
  for (const { key, value: wanted, ifAbsent } of shape.stated) {
    const found = value[key];
    if (found === undefined || (!ifAbsent && (found === null || found === ''))) value[key] = copy(wanted);
  }
  for (const key of shape.inner) value[key] ??= {};
  for (const key of Object.keys(value)) {
    const field = shape.fields.get(key);
    if (field) fillValue(field.shape, value[key]);
  }
}

function fillValue(shape: Shape, value: Json | undefined): void {
  if (value === undefined || value === null || typeof value !== 'object') return;
  if (shape.kind === 'struct') {
    if (isObject(value)) fill(shape, value);
  } else if (shape.element && shape.element.kind !== 'value' && shape.element.kind !== 'quantity')
    for (const item of Array.isArray(value) ? value : Object.values(value)) fillValue(shape.element, item);
}

/** Writes a Go value as JSON: what is empty and optional goes, what is always written comes, quantities are canonical. */
function write(shape: Shape, value: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const found = value[key];
    const field = shape.fields.get(key);
    if (field === undefined || found === undefined) continue;
    const zero = isZero(found, field.shape.kind === 'struct');
    if (zero && !field.keepsZero) continue;
    out[key] = zero && field.emptyAsNull && Array.isArray(found) ? null : writeValue(field.shape, found, key);
  }
  for (const key of shape.alwaysKeys) if (out[key] === undefined) out[key] = copy(shape.always[key] as Json);
  return out;
}

function writeValue(shape: Shape, value: Json, key: string): Json {
  if (shape.kind === 'quantity') return canonicalQuantity(String(value)) ?? value;
  if (value === null || typeof value !== 'object') return value;
  if (shape.kind === 'struct') return isObject(value) ? write(shape, value) : value;
  const { element } = shape;
  if (element === undefined || element.kind === 'value') return value;
  if (Array.isArray(value)) return value.map((item) => writeValue(element, item, key));
  const rounded = element.kind === 'quantity' && roundedLists.has(key);
  const out: JsonObject = {};
  for (const entry of Object.keys(value)) {
    const item = value[entry] as Json;
    out[entry] = rounded ? (canonicalQuantity(String(item), true) ?? item) : writeValue(element, item, entry);
  }
  return out;
}
