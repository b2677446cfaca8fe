import { parseType, splitTop, type Type } from './types.ts';
import { isList, isMap, tagOf, typeName, type Value } from './values.ts';

/** One signature of a function. */
export interface Overload {
  readonly name: string;
  /** Whether it is called on a receiver, which is then the first parameter. */
  readonly member: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly run: (...args: never[]) => Value;
  /** Whether the values at hand fit the parameters, as far as they can tell at run time. */
  readonly accepts: (args: readonly Value[]) => boolean;
}

type Run = (...args: never[]) => Value;

const overload = (name: string, member: boolean, params: string, result: string, run: Run): Overload => {
  const types = splitTop(params).map(parseType);
  const tests = types.map(runtimeTest);
  return {
    name,
    member,
    params: types,
    result: parseType(result),
    run,
    accepts: (args) => args.length === tests.length && tests.every((test, i) => test(args[i] as Value)),
  };
};

/** A function such as `size(x)` or `sets.contains(a, b)`: `global('size', 'list<A>', 'int', …)`. */
export const global = (name: string, params: string, result: string, run: Run): Overload =>
  overload(name, false, params, result, run);

/** A function that is called on a value, `'a'.find('b')`; its first parameter is that value. */
export const member = (name: string, params: string, result: string, run: Run): Overload =>
  overload(name, true, params, result, run);

/** Both `size(x)` and `x.size()`. */
export const both = (name: string, params: string, result: string, run: Run): Overload[] => [
  global(name, params, result, run),
  member(name, params, result, run),
];

function runtimeTest(type: Type): (value: Value) => boolean {
  switch (type.kind) {
    case 'bool':
      return (value) => typeof value === 'boolean';
    case 'int':
      return (value) => typeof value === 'bigint';
    case 'double':
      return (value) => typeof value === 'number';
    case 'string':
      return (value) => typeof value === 'string';
    case 'null':
      return (value) => value === null;
    case 'bytes':
      return (value) => value instanceof Uint8Array;
    case 'list': {
      // Like cel-go, only the first element is looked at.
      const item = runtimeTest(type.item);
      return (value) => isList(value) && (value.length === 0 || item(value[0] as Value));
    }
    case 'map': {
      const [key, item] = [runtimeTest(type.key), runtimeTest(type.value)];
      return (value) => {
        if (!isMap(value)) return tagOf(value) === 'lazy';
        const first = value.entries().next();
        return first.done === true || (key(first.value[0]) && item(first.value[1]));
      };
    }
    case 'uint':
    case 'timestamp':
    case 'duration':
    case 'optional':
    case 'type':
      return (value) => tagOf(value) === type.kind;
    case 'opaque':
      return (value) => tagOf(value) === 'opaque' && typeName(value) === type.name;
    default:
      return () => true;
  }
}
