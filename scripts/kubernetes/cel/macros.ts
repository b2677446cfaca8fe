/** CEL's macros: has, comprehensions of one and two variables, and the optionals'. */
import { entriesOf, isPresent, itemsOf } from './access.ts';
import { type Compiled, type Context, type Frame, fieldType, type Scope } from './compile.ts';
import { sortBy } from './functions/lists.ts';
import { CelSyntaxError, type Expr } from './syntax.ts';
import { assignable, bool, dyn, listOf, mapOf, optionalOf, printType, type Type } from './types.ts';
import {
  CelError,
  isMap,
  type Key,
  none,
  noSuchOverload,
  type Optional,
  some,
  tagOf,
  toKey,
  type Value,
} from './values.ts';

type Call = Expr & { op: 'call' };

const oneVariable: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  map: [2, 3],
  filter: [2],
  sortBy: [2],
  optMap: [2],
  optFlatMap: [2],
};

const twoVariables: Readonly<Record<string, readonly number[]>> = {
  all: [3],
  exists: [3],
  exists_one: [3],
  existsOne: [3],
  transformList: [3, 4],
  transformMap: [3, 4],
  transformMapEntry: [3, 4],
};

const takes = (macros: Readonly<Record<string, readonly number[]>>, { name, args }: Call): boolean =>
  Object.hasOwn(macros, name) && macros[name]!.includes(args.length);

export const isMacro = (expr: Call): boolean =>
  expr.receiver === undefined
    ? expr.name === 'has' && expr.args.length === 1
    : takes(oneVariable, expr) || takes(twoVariables, expr);

export function compileMacro(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  if (expr.receiver === undefined) return compileHas(expr, scope, context);
  if (expr.name === 'optMap' || expr.name === 'optFlatMap') return compileOptionalMap(expr, scope, context);
  if (takes(oneVariable, expr)) return compileOne(expr, scope, context);
  return compileTwo(expr, scope, context);
}

function compileHas(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const [argument] = expr.args as [Expr];
  if (argument.op !== 'select') throw new CelSyntaxError('invalid argument to has() macro', argument.at);
  const { type, run } = context.compile(argument.operand, scope);
  fieldType(type, argument.field, argument.at);
  const { field } = argument;
  return { type: bool, run: (frame) => isPresent(run(frame), field) };
}

function variableName(expr: Expr | undefined): string {
  if (expr?.op === 'ident') return expr.name;
  throw new CelSyntaxError('argument must be a simple name', expr?.at ?? 0);
}

function rangeTypes(type: Type, at: number): { item: Type; key: Type; value: Type } {
  switch (type.kind) {
    case 'list':
      return { item: type.item, key: { kind: 'int' }, value: type.item };
    case 'map':
      return { item: type.key, key: type.key, value: type.value };
    case 'dyn':
      return { item: dyn, key: dyn, value: dyn };
    default:
      throw new CelSyntaxError(
        `expression of type '${printType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        at,
      );
  }
}

/** `all` and `exists` combine their predicates with a logical operator. */
function logical(expr: Expr, { type }: Compiled): void {
  if (!assignable(bool, type, new Map()))
    throw new CelSyntaxError(`expected type 'bool' but found '${printType(type)}'`, expr.at);
}

/** The other macros keep or skip by a condition; `kept` is what they gather. */
function condition(expr: Expr, { type }: Compiled, kept: Type): void {
  if (!assignable(bool, type, new Map()))
    throw new CelSyntaxError(
      `found no matching overload for '_?_:_' applied to '(${[type, kept, kept].map(printType).join(', ')})'`,
      expr.at,
    );
}

const count: Type = { kind: 'int' };

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

type Test = (frame: Frame) => Value;

/** Whether any (`wanted` true) or all (`wanted` false) frames pass; an error counts only where no frame decides. */
function quantify(frames: Iterable<Frame>, test: Test, wanted: boolean): boolean {
  let failure: unknown;
  for (const frame of frames) {
    try {
      if (truth(test(frame)) === wanted) return wanted;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !wanted;
}

const existsOne = (frames: Iterable<Frame>, test: Test): boolean => {
  let count = 0;
  for (const frame of frames) if (truth(test(frame))) count += 1;
  return count === 1;
};

function* framesOf(frame: Frame, items: Iterable<Value>): Generator<Frame> {
  for (const value of items) yield { root: frame.root, value, up: frame };
}

function* pairFrames(frame: Frame, entries: Iterable<readonly [Value, Value]>): Generator<Frame> {
  for (const [key, value] of entries)
    yield { root: frame.root, value, up: { root: frame.root, value: key, up: frame } };
}

function compileOne(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const range = context.compile(expr.receiver as Expr, scope);
  const name = variableName(expr.args[0]);
  const { item } = rangeTypes(range.type, (expr.receiver as Expr).at);
  const inner: Scope = { name, type: item, up: scope };
  const [, second, third] = expr.args as [Expr, Expr, Expr | undefined];
  const body = context.compile(second, inner);
  const frames = (frame: Frame): Iterable<Frame> => framesOf(frame, itemsOf(range.run(frame)));
  switch (expr.name) {
    case 'all':
      logical(second, body);
      return { type: bool, run: (frame) => quantify(frames(frame), body.run, false) };
    case 'exists':
      logical(second, body);
      return { type: bool, run: (frame) => quantify(frames(frame), body.run, true) };
    case 'exists_one':
      condition(second, body, count);
      return { type: bool, run: (frame) => existsOne(frames(frame), body.run) };
    case 'filter':
      condition(second, body, listOf(item));
      return {
        type: listOf(item),
        run: (frame) => {
          const kept: Value[] = [];
          for (const one of frames(frame)) if (truth(body.run(one))) kept.push(one.value);
          return kept;
        },
      };
    case 'sortBy':
      return {
        type: listOf(item),
        run: (frame) => {
          const items = itemsOf(range.run(frame));
          return sortBy(items, [...framesOf(frame, items)].map(body.run));
        },
      };
    default: {
      if (!third)
        return { type: listOf(body.type), run: (frame) => Array.from(frames(frame), (one) => body.run(one)) };
      const transform = context.compile(third, inner);
      condition(second, body, listOf(transform.type));
      return {
        type: listOf(transform.type),
        run: (frame) => {
          const made: Value[] = [];
          for (const one of frames(frame)) if (truth(body.run(one))) made.push(transform.run(one));
          return made;
        },
      };
    }
  }
}

function compileTwo(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const range = context.compile(expr.receiver as Expr, scope);
  const { key, value } = rangeTypes(range.type, (expr.receiver as Expr).at);
  const [first, second] = [variableName(expr.args[0]), variableName(expr.args[1])];
  if (first === second)
    throw new CelSyntaxError(`duplicate iteration variable name: ${first}`, (expr.args[1] as Expr).at);
  const inner: Scope = { name: second, type: value, up: { name: first, type: key, up: scope } };
  const frames = (frame: Frame): Iterable<Frame> => pairFrames(frame, entriesOf(range.run(frame)));
  const third = expr.args[2] as Expr;
  const filter = expr.args.length === 4 ? context.compile(third, inner) : undefined;
  const body = context.compile(expr.args.at(-1) as Expr, inner);
  if (filter) condition(third, filter, listOf(body.type));
  const kept = (frame: Frame): Frame[] =>
    [...frames(frame)].filter((one) => filter === undefined || truth(filter.run(one)));
  switch (expr.name) {
    case 'all':
      logical(third, body);
      return { type: bool, run: (frame) => quantify(frames(frame), body.run, false) };
    case 'exists':
      logical(third, body);
      return { type: bool, run: (frame) => quantify(frames(frame), body.run, true) };
    case 'exists_one':
    case 'existsOne':
      condition(third, body, count);
      return { type: bool, run: (frame) => existsOne(frames(frame), body.run) };
    case 'transformList':
      return { type: listOf(body.type), run: (frame) => kept(frame).map(body.run) };
    case 'transformMap':
      return {
        type: mapOf(key, body.type),
        run: (frame) =>
          new Map(kept(frame).map((one) => [toKey((one.up as Frame).value) as Key, body.run(one)])),
      };
    default: {
      const made = body.type;
      if (made.kind !== 'map' && made.kind !== 'dyn')
        throw new CelSyntaxError(
          `found no matching overload for 'cel.@mapInsert' applied to '(map, ${printType(made)})'`,
          expr.at,
        );
      return { type: made, run: (frame) => mergeEntries(kept(frame).map(body.run)) };
    }
  }
}

function mergeEntries(maps: readonly Value[]): Value {
  const merged = new Map<Key, Value>();
  for (const map of maps) {
    if (!isMap(map)) throw noSuchOverload();
    for (const [key, value] of map) {
      if (merged.has(key)) throw new CelError(`insert failed: key ${String(key)} already exists`);
      merged.set(key, value);
    }
  }
  return merged;
}

function compileOptionalMap(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const receiver = context.compile(expr.receiver as Expr, scope);
  const { type } = receiver;
  if (type.kind !== 'optional' && type.kind !== 'dyn')
    throw new CelSyntaxError(
      `found no matching overload for 'hasValue' applied to '${printType(type)}.()'`,
      expr.at,
    );
  const inner: Scope = {
    name: variableName(expr.args[0]),
    type: type.kind === 'optional' ? type.item : dyn,
    up: scope,
  };
  const body = context.compile(expr.args[1] as Expr, inner);
  const flat = expr.name === 'optFlatMap';
  if (flat && body.type.kind !== 'optional' && body.type.kind !== 'dyn')
    throw new CelSyntaxError(
      `found no matching overload for '_?_:_' applied to '(bool, ${printType(body.type)}, optional_type(dyn))'`,
      expr.at,
    );
  return {
    type: flat ? (body.type.kind === 'dyn' ? optionalOf(dyn) : body.type) : optionalOf(body.type),
    run: (frame) => {
      const held = receiver.run(frame);
      if (tagOf(held) !== 'optional') throw noSuchOverload();
      const { value } = held as Optional;
      if (value === undefined) return none;
      const made = body.run({ root: frame.root, value, up: frame });
      return flat ? made : some(made);
    },
  };
}
