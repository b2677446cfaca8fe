import { join } from 'node:path';
import { openStore, refName } from '../../../scripts/kubernetes/schema/store.ts';
import type { SchemaNode } from '../../../scripts/kubernetes/schema/types.ts';
import { isObject, type JsonObject, type Path } from './json.ts';

export const schemaDirectory = join(import.meta.dirname, '../../../schemas');

/** A value of an object, with the schema that it obeys. */
export interface Site {
  readonly path: Path;
  readonly value: unknown;
  readonly schema: SchemaNode;
  /** The name of the definition that the schema is, where it is one: `io.k8s.api.core.v1.Container`. */
  readonly definition: string | undefined;
  /** The last field name on the path; items of lists bear their list's. */
  readonly field: string;
  /** Of a field of a struct: whether it must be there. */
  readonly required: boolean;
}

export interface SchemaView {
  readonly kinds: readonly string[];
  resolve(node: SchemaNode): SchemaNode;
  /** Every value of an object but its apiVersion and kind, from the outside inwards. */
  sites(kind: string, object: JsonObject): Site[];
}

export function openSchemas(): SchemaView {
  const store = openStore(schemaDirectory);
  const resolve = (node: SchemaNode): SchemaNode =>
    node.$ref === undefined ? node : store.definition(refName(node.$ref));

  function* walk(
    node: SchemaNode,
    value: unknown,
    path: Path,
    field: string,
    required: boolean,
  ): Generator<Site> {
    const schema = resolve(node);
    const definition = node.$ref === undefined ? undefined : refName(node.$ref);
    yield { path, value, schema, definition, field, required };
    if (Array.isArray(value)) {
      if (schema.items !== undefined)
        for (const [index, item] of value.entries())
          yield* walk(schema.items, item, [...path, index], field, false);
      return;
    }
    if (!isObject(value)) return;
    for (const [key, item] of Object.entries(value)) {
      const known = schema.properties?.[key];
      const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      const next = known ?? rest;
      if (next === undefined || (path.length === 0 && (key === 'apiVersion' || key === 'kind'))) continue;
      yield* walk(
        next,
        item,
        [...path, key],
        known === undefined ? field : key,
        schema.required?.includes(key) ?? false,
      );
    }
  }

  return {
    kinds: [...store.kinds.keys()],
    resolve,
    sites: (kind, object) => {
      const schema = store.kind(kind);
      return schema === undefined ? [] : [...walk(schema.root, object, [], '', true)];
    },
  };
}
