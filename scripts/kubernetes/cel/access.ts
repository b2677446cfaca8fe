/** Reaching into values: fields, keys, indices and the elements that a comprehension walks. */
import { printDouble } from './print.ts';
import {
  CelError,
  isList,
  isMap,
  none,
  noSuchOverload,
  type Optional,
  some,
  tagOf,
  toKey,
  typeName,
  type Uint,
  type Value,
} from './values.ts';

/** What is there under a key or an index, or undefined; throws where such a key can never be. */
function find(value: Value, key: Value): Value | undefined {
  if (isMap(value)) {
    const wanted = toKey(key);
    if (wanted === undefined && typeof key !== 'number')
      throw new CelError(`unsupported key type '${typeName(key)}' in map`);
    return wanted === undefined ? undefined : value.get(wanted);
  }
  if (isList(value)) {
    const index = toIndex(key);
    return index >= 0n && index < BigInt(value.length) ? value[Number(index)] : undefined;
  }
  if (value !== null && typeof value === 'object' && 'type' in value && value.type === 'lazy')
    return typeof key === 'string' ? value.get(key) : undefined;
  return undefined;
}

function toIndex(key: Value): bigint {
  if (typeof key === 'bigint') return key;
  if (tagOf(key) === 'uint') return (key as Uint).value;
  if (typeof key === 'number') {
    if (Number.isInteger(key)) return BigInt(key);
    throw new CelError(`unsupported index value ${printDouble(key)} in list`);
  }
  throw new CelError(`unsupported index type '${typeName(key)}' in list`);
}

const asText = (key: Value): string =>
  typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean'
    ? String(key)
    : typeof key === 'number'
      ? printDouble(key)
      : String((key as Uint).value);

const optionalOf = (value: Value): Optional | undefined =>
  tagOf(value) === 'optional' ? (value as Optional) : undefined;

/** `value[key]` and `value.key`. On an optional all that follows is optional, too. */
export function select(value: Value, key: Value): Value {
  const optional = optionalOf(value);
  if (optional !== undefined) return selectOptional(value, key);
  const found = find(value, key);
  if (found !== undefined) return found;
  throw new CelError(isList(value) ? `index out of bounds: ${asText(key)}` : `no such key: ${asText(key)}`);
}

/** `value.?key` and `value[?key]`. */
export function selectOptional(value: Value, key: Value): Optional {
  const optional = optionalOf(value);
  if (optional !== undefined && optional.value === undefined) return none;
  const found = find(optional === undefined ? value : (optional.value as Value), key);
  return found === undefined ? none : some(found);
}

/** `has(value.key)`. */
export const isPresent = (value: Value, key: string): boolean =>
  selectOptional(value, key).value !== undefined;

/** `item in collection`, where equality decides. */
export function contains(collection: Value, item: Value, equal: (a: Value, b: Value) => boolean): boolean {
  if (isList(collection)) return collection.some((other) => equal(item, other));
  if (isMap(collection)) {
    const key = toKey(item);
    return key !== undefined && collection.has(key);
  }
  throw noSuchOverload();
}

const goTypes: Readonly<Record<string, string>> = {
  bool: 'Bool',
  int: 'Int',
  uint: 'Uint',
  double: 'Double',
  string: 'String',
  bytes: 'Bytes',
  null_type: 'Null',
};

function notIterable(value: Value): CelError {
  const name = goTypes[typeName(value)];
  return name === undefined ? noSuchOverload() : new CelError(`got 'types.${name}', expected iterable type`);
}

/** The elements of a list with their indices, or the entries of a map. */
export function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isList(value)) return value.map((item, index) => [BigInt(index), item] as const);
  if (isMap(value)) return [...value];
  throw notIterable(value);
}

/** What a comprehension with one variable walks: a list's items, a map's keys. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (isMap(value)) return [...value.keys()];
  throw notIterable(value);
}
