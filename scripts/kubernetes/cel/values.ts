/** The values of CEL, as the evaluator and the functions hold them. */

export interface Uint {
  readonly type: 'uint';
  readonly value: bigint;
}

export interface Timestamp {
  readonly type: 'timestamp';
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;
}

export interface Duration {
  readonly type: 'duration';
  readonly nanos: bigint;
}

export interface Optional {
  readonly type: 'optional';
  /** Undefined for `optional.none()`. */
  readonly value: Value | undefined;
}

export interface TypeValue {
  readonly type: 'type';
  readonly name: string;
}

/** A record whose fields are worked out when they are asked for, such as a policy's `variables`. */
export interface Lazy {
  readonly type: 'lazy';
  readonly get: (field: string) => Value | undefined;
}

/** A value that only functions look into: a quantity, a URL, an IP address. */
export interface Opaque {
  readonly type: 'opaque';
  /** `kubernetes.Quantity`. */
  readonly name: string;
  readonly data: unknown;
  readonly equals: (other: Opaque) => boolean;
}

/** int is a bigint, double a number, a map keeps its entries in order; its keys are strings, bigints and booleans. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Key, Value>
  | Uint
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | Lazy
  | Opaque;

export type Key = string | bigint | boolean;

/** What an expression ends with instead of a value. */
export class CelError extends Error {
  /** Whether the expression asks for something that only a running API server knows. */
  readonly unsupported: boolean;
  constructor(message: string, unsupported = false) {
    super(message);
    this.unsupported = unsupported;
  }
}

export const noSuchOverload = (): CelError => new CelError('no such overload');

export const none: Optional = { type: 'optional', value: undefined };
export const some = (value: Value): Optional => ({ type: 'optional', value });

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value): value is ReadonlyMap<Key, Value> => value instanceof Map;

type Tagged = Uint | Timestamp | Duration | Optional | TypeValue | Lazy | Opaque;
const isTagged = (value: Value): value is Tagged =>
  typeof value === 'object' && value !== null && 'type' in value;

/** The tag of a value that is none of JavaScript's own kinds. */
export const tagOf = (value: Value): Tagged['type'] | undefined => (isTagged(value) ? value.type : undefined);

/** The name of a value's type as CEL's `type()` gives it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint8Array) return 'bytes';
  if (isList(value)) return 'list';
  if (!isTagged(value)) return 'map';
  switch (value.type) {
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'optional':
      return 'optional_type';
    case 'lazy':
      return 'map';
    case 'opaque':
      return value.name;
    default:
      return value.type;
  }
}

/**
 * Plain JSON as CEL sees an unstructured object: a number without a fraction is an int. Keys keep their order.
 */
export function fromJson(value: unknown): Value {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value;
    case 'bigint':
      return value;
  }
  if (Array.isArray(value)) return value.map(fromJson);
  const map = new Map<Key, Value>();
  for (const key of Object.keys(value as object))
    map.set(key, fromJson((value as Record<string, unknown>)[key]));
  return map;
}

const numberOf = (value: Value): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number'
    ? value
    : isTagged(value) && value.type === 'uint'
      ? value.value
      : undefined;

/** CEL's equality: numbers compare across their types, values of different types are not equal. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  const opaque = tagOf(a) === 'opaque' ? (a as Opaque) : undefined;
  if (opaque !== undefined) {
    if (tagOf(b) !== 'opaque' || (b as Opaque).name !== opaque.name) throw noSuchOverload();
    return opaque.equals(b as Opaque);
  }
  const left = numberOf(a);
  if (left !== undefined) {
    const right = numberOf(b);
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same size are only loosely equal
    return right !== undefined && left == right;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as Value));
  if (isMap(a)) {
    if (!isMap(b) || a.size !== b.size) return false;
    for (const [key, value] of a) if (!b.has(key) || !equal(value, b.get(key) as Value)) return false;
    return true;
  }
  if (!isTagged(a) || !isTagged(b) || a.type !== b.type) return false;
  switch (a.type) {
    case 'timestamp':
    case 'duration':
      return a.nanos === (b as Timestamp).nanos;
    case 'type':
      return a.name === (b as TypeValue).name;
    case 'optional': {
      const other = (b as Optional).value;
      if (a.value === undefined || other === undefined) return a.value === other;
      return equal(a.value, other);
    }
    default:
      return false;
  }
}

/** -1, 0 or 1 for two values that have an order; throws `no such overload` for others. */
export function compare(a: Value, b: Value): -1 | 0 | 1 {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : a ? 1 : -1;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  const x = isTagged(a) ? a : undefined;
  const y = isTagged(b) ? b : undefined;
  if (
    (x?.type === 'timestamp' && y?.type === 'timestamp') ||
    (x?.type === 'duration' && y?.type === 'duration')
  )
    return x.nanos < y.nanos ? -1 : x.nanos > y.nanos ? 1 : 0;
  throw noSuchOverload();
}

// Go compares UTF-8, in which surrogate pairs sort after everything else.
function compareStrings(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const surrogate = /[\ud800-\udfff]/;
  if (surrogate.test(a) || surrogate.test(b)) return compareBytes(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const compareBytes = (a: Uint8Array, b: Uint8Array): -1 | 0 | 1 => Buffer.compare(a, b);

/** The form in which a map holds a key; undefined for a value that can be none. */
export function toKey(value: Value): Key | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return isTagged(value) && value.type === 'uint' ? value.value : undefined;
}

export const maxInt = 2n ** 63n - 1n;
export const minInt = -(2n ** 63n);
export const maxUint = 2n ** 64n - 1n;
