import type { SchemaNode } from '../../../scripts/kubernetes/schema/types.ts';
import type { Candidate, Seed } from './case.ts';
import { absent, isObject, type Path, pathText, shown, withValue } from './json.ts';
import { integers, intsOrStrings, quantities, strings, wrongTypes } from './pools.ts';
import { randomFor } from './random.ts';
import type { SchemaView, Site } from './schema.ts';

/** What the seeds write into fields of a name, or of a definition: good values for other objects' like fields. */
export interface Vocabulary {
  ofField(field: string): readonly unknown[];
  ofDefinition(definition: string): readonly unknown[];
}

export function vocabularyOf(schemas: SchemaView, seeds: readonly Seed[]): Vocabulary {
  const fields = new Map<string, Map<string, unknown>>();
  const definitions = new Map<string, Map<string, unknown>>();
  const add = (map: Map<string, Map<string, unknown>>, key: string, value: unknown): void => {
    const text = JSON.stringify(value);
    if (text.length > 2000) return;
    const values = map.get(key) ?? new Map<string, unknown>();
    if (values.size < 60) values.set(text, value);
    map.set(key, values);
  };
  for (const { kind, object } of seeds)
    for (const { field, definition, value } of schemas.sites(kind, object)) {
      if (typeof value !== 'object') add(fields, field, value);
      else if (definition !== undefined) add(definitions, definition, value);
    }
  const listed = (map: Map<string, Map<string, unknown>>, key: string): readonly unknown[] => [
    ...(map.get(key)?.values() ?? []),
  ];
  return {
    ofField: (field) => listed(fields, field),
    ofDefinition: (definition) => listed(definitions, definition),
  };
}

/**
 * Every change that an object's schema suggests: unknown, missing, null, empty and mistyped fields, items twice, values
 * at and beyond the edges, and fields that are allowed but not there. Some are refused by rules that no schema holds.
 */
export function* genericCandidates(
  schemas: SchemaView,
  vocabulary: Vocabulary,
  seed: Seed,
  runSeed: number,
): Generator<Candidate> {
  const { object, kind } = seed;
  const random = randomFor(runSeed, `${kind}/${seed.name}`);
  const change = (family: string, path: Path, value: unknown, what?: string): Candidate => ({
    seed,
    family,
    describe: () => what ?? `${pathText(path)} = ${shown(value)}`,
    make: () => withValue(object, path, value),
  });

  for (const site of schemas.sites(kind, object)) {
    const { path, value, schema } = site;
    if (path[0] === 'status' || isMetadataName(path)) continue;
    if (path.length > 0) {
      yield change('null', path, null);
      yield change(site.required ? 'missing' : 'removed', path, absent);
      const wrong = wrongTypes.filter((other) => typeOf(other) !== typeOf(value));
      for (const other of random.shuffle(wrong).slice(0, 3)) yield change('wrong-type', path, other);
      if (site.definition !== undefined)
        for (const other of random.shuffle(vocabulary.ofDefinition(site.definition)).slice(0, 3))
          yield change('vocabulary', path, other);
    }
    switch (shapeOf(schema, value)) {
      case 'struct':
        yield* structChanges(site);
        break;
      case 'map':
        yield change('empty', path, {});
        for (const key of random
          .shuffle(['', 'under_score', 'UPPER', 'a b', 'a/b', 'a/b/c', '.', 'ü', 'k'.repeat(64)])
          .slice(0, 3))
          yield change('map-key', [...path, key], firstValue(value) ?? 'value');
        break;
      case 'list':
        yield* listChanges(site);
        break;
      case 'quantity':
        for (const other of quantities) yield change('quantity', path, other);
        break;
      case 'int-or-string':
        for (const other of intsOrStrings) yield change('int-or-string', path, other);
        break;
      case 'enum':
        for (const other of [...(schema.enum ?? []), 'Other', '', 'lower'].slice(0, 12))
          yield change('enum', path, other);
        break;
      case 'number':
        for (const other of random.shuffle(integers).slice(0, 8)) yield change('number', path, other);
        yield change('number', path, 1.5);
        break;
      case 'boolean':
        yield change('boolean', path, value !== true);
        break;
      case 'string':
        for (const other of random.shuffle(strings).slice(0, 6)) yield change('string', path, other);
        for (const other of random.shuffle(vocabulary.ofField(site.field)).slice(0, 4))
          yield change('vocabulary', path, other);
        break;
    }
  }

  function* structChanges({ path, value, schema }: Site): Generator<Candidate> {
    yield change('unknown-field', [...path, 'unknownField'], 'value');
    const present = Object.keys(isObject(value) ? value : {});
    const known = present.find((key) => /[a-z]/.test(key));
    if (known !== undefined && path.length > 0)
      yield change('unknown-field', [...path, known[0]!.toUpperCase() + known.slice(1)], 'value');
    if (path.length > 0) yield change('empty', path, {});
    for (const [key, node] of Object.entries(schema.properties ?? {})) {
      if (present.includes(key) || (path.length === 0 && ['status', 'apiVersion', 'kind'].includes(key)))
        continue;
      if (path.length === 1 && path[0] === 'metadata') continue;
      yield change('null', [...path, key], null);
      const added = sample(node, key, 0);
      yield change('optional-field', [...path, key], added);
      const definition = schemas.resolve(node);
      if (definition.type === 'object') yield change('empty', [...path, key], {});
      if (definition.type === 'array') yield change('empty', [...path, key], []);
      if (definition.type === 'string' && definition.enum === undefined) {
        yield change('empty', [...path, key], '');
        yield change('optional-field', [...path, key], random.pick(strings));
      }
      if (definition.type === 'integer')
        yield change('optional-field', [...path, key], random.pick(integers));
    }
  }

  function* listChanges({ path, value, schema }: Site): Generator<Candidate> {
    const items = Array.isArray(value) ? value : [];
    yield change('empty', path, []);
    if (items.length === 0) return;
    const first: unknown = items[0];
    yield change('list-duplicate', path, [...items, first], `${pathText(path)}: its first item twice`);
    const keys = schema['x-kubernetes-list-map-keys'];
    if (keys !== undefined && isObject(first)) {
      const twin = Object.fromEntries(Object.entries(first).filter(([key]) => keys.includes(key)));
      yield change(
        'list-duplicate',
        path,
        [...items, twin],
        `${pathText(path)}: another item of the same key`,
      );
    }
    yield change('null', path, [...items, null], `${pathText(path)}: a null item`);
    if (items.length > 1)
      yield change('vocabulary', path, [...items].reverse(), `${pathText(path)}: reversed`);
    if (schema.items !== undefined)
      yield change(
        'optional-field',
        path,
        [...items, sample(schema.items, '', 0)],
        `${pathText(path)}: one more`,
      );
  }

  /** A value that the schema allows, with words that the seeds use. */
  function sample(node: SchemaNode, field: string, depth: number): unknown {
    const schema = schemas.resolve(node);
    switch (shapeOf(schema, undefined)) {
      case 'struct': {
        const out: Record<string, unknown> = {};
        const properties = Object.entries(schema.properties ?? {});
        const extra = properties.length > 0 ? random.pick(properties)[0] : undefined;
        for (const [key, child] of properties)
          if (schema.required?.includes(key) || (key === extra && depth < 2))
            out[key] = sample(child, key, depth + 1);
        return out;
      }
      case 'map':
        return {
          key:
            typeof schema.additionalProperties === 'object'
              ? sample(schema.additionalProperties, field, depth + 1)
              : 'value',
        };
      case 'list':
        return schema.items === undefined ? [] : [sample(schema.items, field, depth + 1)];
      case 'quantity':
        return '1Gi';
      case 'int-or-string':
        return random.pick([1, '10%', 'http']);
      case 'enum':
        return random.pick(schema.enum ?? []);
      case 'number':
        return random.pick([1, 2, 5, 60]);
      case 'boolean':
        return random.pick([true, false]);
      default: {
        const words = vocabulary.ofField(field).filter((word) => typeof word === 'string');
        return words.length > 0 ? random.pick(words) : 'value';
      }
    }
  }
}

type Shape =
  | 'struct'
  | 'map'
  | 'list'
  | 'quantity'
  | 'int-or-string'
  | 'enum'
  | 'number'
  | 'boolean'
  | 'string';

function shapeOf(schema: SchemaNode, value: unknown): Shape {
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return 'int-or-string';
  if (schema.oneOf?.some(({ type }) => type === 'number')) return 'quantity';
  if (schema.enum !== undefined) return 'enum';
  if (schema.properties !== undefined) return 'struct';
  if (schema.additionalProperties !== undefined) return 'map';
  if (schema.type === 'array') return 'list';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'object') return isObject(value) && Object.keys(value).length > 0 ? 'map' : 'struct';
  return 'string';
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

const firstValue = (value: unknown): unknown => (isObject(value) ? Object.values(value)[0] : undefined);

/** Names and namespaces make the URL of a request, so they have cases of their own. */
const isMetadataName = (path: Path): boolean =>
  path[0] === 'metadata' && path.length === 2 && (path[1] === 'name' || path[1] === 'namespace');
