import { both, global, member, type Overload } from '../overload.ts';
import {
  CelError,
  compare,
  equal,
  isList,
  type Key,
  none,
  type Optional,
  some,
  type Value,
} from '../values.ts';

type List = readonly Value[];

const extreme =
  (name: string, sign: number) =>
  (list: List): Value => {
    const [first, ...rest] = list;
    if (first === undefined) throw new CelError(`${name} called on empty list`);
    return rest.reduce((best, item) => (compare(item, best) === sign ? item : best), first);
  };

const contains = (list: List, item: Value): boolean => list.some((other) => equal(other, item));

function distinct(list: List): Value[] {
  const kept: Value[] = [];
  for (const item of list) if (!contains(kept, item)) kept.push(item);
  return kept;
}

function flatten(list: List, depth: bigint): Value[] {
  if (depth < 0n) throw new CelError('level must be non-negative');
  return list.flatMap((item) => (isList(item) && depth > 0n ? flatten(item, depth - 1n) : [item]));
}

function slice(list: List, start: bigint, end: bigint): Value[] {
  if (start < 0n || end < 0n)
    throw new CelError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new CelError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (BigInt(list.length) < end)
    throw new CelError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function range(count: bigint): Value[] {
  if (count > 1_000_000n) throw new CelError('the list is too long to be made offline', true);
  return Array.from({ length: Math.max(0, Number(count)) }, (_, i) => BigInt(i));
}

/** A new list in order; `keys` are what to order by. */
export function sortBy(list: List, keys: List): Value[] {
  for (const key of keys)
    if (compare(keys[0] as Value, key) === undefined) throw new CelError('no such overload');
  return list
    .map((item, i) => ({ item, key: keys[i] as Value, i }))
    .sort((a, b) => compare(a.key, b.key) || a.i - b.i)
    .map(({ item }) => item);
}

const unwrap = (list: List): Value[] =>
  list.flatMap((item) => {
    const { value } = item as Optional;
    return value === undefined ? [] : [value];
  });

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const summable = ['int', 'uint', 'double', 'duration'];
const zero: Readonly<Record<string, Value>> = {
  int: 0n,
  uint: { type: 'uint', value: 0n },
  double: 0,
  duration: { type: 'duration', nanos: 0n },
};

/** Adds two values of one kind; given by the number functions. */
type Add = (a: Value, b: Value) => Value;

export const listFunctions = (add: Add): readonly Overload[] => [
  ...both('size', 'list<A>', 'int', (list: List) => BigInt(list.length)),
  ...both('size', 'map<A, B>', 'int', (map: ReadonlyMap<Key, Value>) => BigInt(map.size)),
  ...both('size', 'string', 'int', (text: string) => BigInt([...text].length)),
  ...both('size', 'bytes', 'int', (bytes: Uint8Array) => BigInt(bytes.length)),
  ...comparable.flatMap((type) => [
    member('isSorted', `list<${type}>`, 'bool', (list: List) =>
      list.every((item, i) => i === 0 || compare(list[i - 1] as Value, item) <= 0),
    ),
    member('max', `list<${type}>`, type, extreme('max', 1)),
    member('min', `list<${type}>`, type, extreme('min', -1)),
    member('sort', `list<${type}>`, `list<${type}>`, (list: List) => sortBy(list, list)),
  ]),
  ...summable.map((type) =>
    member('sum', `list<${type}>`, type, (list: List) =>
      list.reduce(add, list.length === 0 ? zero[type]! : zeroLike(list[0] as Value)),
    ),
  ),
  member('indexOf', 'list<A>, A', 'int', (list: List, item: Value) =>
    BigInt(list.findIndex((other) => equal(other, item))),
  ),
  member('lastIndexOf', 'list<A>, A', 'int', (list: List, item: Value) =>
    BigInt(list.findLastIndex((other) => equal(other, item))),
  ),
  member('slice', 'list<T>, int, int', 'list<T>', slice),
  member('flatten', 'list<list<T>>', 'list<T>', (list: List) => flatten(list, 1n)),
  member('flatten', 'list<dyn>, int', 'list<dyn>', flatten),
  global('lists.range', 'int', 'list<int>', range),
  member('reverse', 'list<T>', 'list<T>', (list: List) => [...list].reverse()),
  member('distinct', 'list<T>', 'list<T>', distinct),
  member('first', 'list<V>', 'optional<V>', (list: List) =>
    list.length === 0 ? none : some(list[0] as Value),
  ),
  member('last', 'list<V>', 'optional<V>', (list: List) =>
    list.length === 0 ? none : some(list.at(-1) as Value),
  ),
  global('optional.unwrap', 'list<optional<V>>', 'list<V>', unwrap),
  member('unwrapOpt', 'list<optional<V>>', 'list<V>', unwrap),
  global('sets.contains', 'list<T>, list<T>', 'bool', (list: List, part: List) =>
    part.every((item) => contains(list, item)),
  ),
  global(
    'sets.equivalent',
    'list<T>, list<T>',
    'bool',
    (a: List, b: List) => a.every((item) => contains(b, item)) && b.every((item) => contains(a, item)),
  ),
  global('sets.intersects', 'list<T>, list<T>', 'bool', (a: List, b: List) =>
    a.some((item) => contains(b, item)),
  ),
];

function zeroLike(value: Value): Value {
  if (typeof value === 'bigint') return 0n;
  if (typeof value === 'number') return 0;
  if (value !== null && typeof value === 'object' && 'type' in value) {
    if (value.type === 'uint') return { type: 'uint', value: 0n };
    if (value.type === 'duration') return { type: 'duration', nanos: 0n };
  }
  throw new CelError('no such overload');
}
