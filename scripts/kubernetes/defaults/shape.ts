/** A schema as defaulting needs it: worked out once for each definition, since thousands of objects may pass by. */
import { refName, type Store } from '../schema/store.ts';
import type { SchemaNode } from '../schema/types.ts';
import { coreDefaults } from './core.ts';
import { goFieldsOf, isZero } from './fields.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { otherDefaults } from './workloads.ts';

export interface Shape {
  readonly kind: 'quantity' | 'struct' | 'list' | 'map' | 'value';
  /** Of a struct. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Sets what SetDefaults_* sets. */
  readonly setDefaults: ((value: JsonObject) => void) | undefined;
  /** Defaults that OpenAPI states, of fields that are not there. */
  readonly stated: readonly { readonly key: string; readonly value: Json; readonly ifAbsent: boolean }[];
  /** Structs that are no pointers: there even where nothing of them is written. */
  readonly inner: readonly string[];
  /** Fields that are always written, with their zero values. */
  readonly always: Readonly<Record<string, Json>>;
  readonly alwaysKeys: readonly string[];
  /** Of a list its items, of a map its values. */
  readonly element: Shape | undefined;
}

export interface Field {
  readonly shape: Shape;
  /** Whether its zero value is written: it is a pointer, or always there. */
  readonly keepsZero: boolean;
  /** A list that is always written is written as nothing where it is empty. */
  readonly emptyAsNull: boolean;
}

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const core = 'io.k8s.api.core.v1.';
const api = 'io.k8s.api.';

const defaultsOf = (definition: string): ((value: JsonObject) => void) | undefined =>
  definition.startsWith(core)
    ? coreDefaults[definition.slice(core.length)]
    : definition.startsWith(api)
      ? otherDefaults[definition.slice(api.length)]
      : undefined;

const known = new WeakMap<Store, Map<string, Shape>>();

/** The shape of a definition, `io.k8s.api.core.v1.Pod`. */
export function shapeOf(store: Store, definition: string): Shape {
  let shapes = known.get(store);
  if (!shapes) {
    shapes = new Map();
    known.set(store, shapes);
  }
  return definitionShape(store, shapes, definition);
}

function definitionShape(store: Store, shapes: Map<string, Shape>, definition: string): Shape {
  const found = shapes.get(definition);
  if (found) return found;
  // Kept before it is filled, since definitions may hold themselves.
  const shape = {} as { -readonly [key in keyof Shape]: Shape[key] };
  shapes.set(definition, shape);
  Object.assign(shape, describe(store, shapes, definition, store.definition(definition)));
  return shape;
}

function nodeShape(store: Store, shapes: Map<string, Shape>, node: SchemaNode): Shape {
  const ref = node.$ref ?? node.allOf?.find((part) => part.$ref !== undefined)?.$ref;
  return ref === undefined ? describe(store, shapes, '', node) : definitionShape(store, shapes, refName(ref));
}

const plain = {
  fields: new Map<string, Field>(),
  setDefaults: undefined,
  stated: [],
  inner: [],
  always: {},
  alwaysKeys: [],
  element: undefined,
} as const;

function describe(store: Store, shapes: Map<string, Shape>, name: string, schema: SchemaNode): Shape {
  if (name === QUANTITY) return { ...plain, kind: 'quantity' };
  if (schema.properties === undefined) {
    const inside = schema.items ?? schema.additionalProperties;
    if (typeof inside !== 'object') return { ...plain, kind: 'value' };
    return {
      ...plain,
      kind: schema.items === undefined ? 'map' : 'list',
      element: nodeShape(store, shapes, inside),
    };
  }
  const { always = {}, pointers = [] } = goFieldsOf(name);
  const properties = Object.entries(schema.properties);
  const stated = properties.flatMap(([key, field]) => {
    const value = field.default as Json | undefined;
    if (value === undefined) return [];
    const ifAbsent = isZero(value, false);
    const isPointer = pointers.includes(key) || always[key] === null;
    return ifAbsent && !isPointer ? [] : [{ key, value, ifAbsent }];
  });
  const fields = new Map(
    properties.map(([key, field]): [string, Field] => [
      key,
      {
        shape: nodeShape(store, shapes, field),
        keepsZero: pointers.includes(key) || Object.hasOwn(always, key),
        emptyAsNull: always[key] === null,
      },
    ]),
  );
  return {
    kind: 'struct',
    fields,
    setDefaults: defaultsOf(name),
    stated,
    inner: Object.keys(always).filter((key) => isObject(always[key])),
    always,
    alwaysKeys: Object.keys(always),
    element: undefined,
  };
}
