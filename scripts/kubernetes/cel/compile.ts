/** Type-checks an expression as cel-go's checker does and turns it into a function. */
import { contains, select, selectOptional } from './access.ts';
import { functions } from './functions/index.ts';
import { clauseComplaint, formatParts } from './functions/strings.ts';
import { compileMacro, isMacro } from './macros.ts';
import type { Overload } from './overload.ts';
import { regexOf } from './regex.ts';
import { CelSyntaxError, type Expr, parseExpression } from './syntax.ts';
import {
  assignable,
  bool,
  dyn,
  general,
  listOf,
  mapOf,
  optionalOf,
  printType,
  sameType,
  substitute,
  type Type,
} from './types.ts';
import {
  CelError,
  equal,
  type Key,
  noSuchOverload,
  type Optional,
  tagOf,
  toKey,
  typeName,
  type Value,
} from './values.ts';

/** Gives the value of a variable of the environment. */
export type Bindings = (name: string) => Value;

/** What an expression is evaluated in: the variables of the environment and those of comprehensions. */
export interface Frame {
  readonly root: Bindings;
  readonly value: Value;
  readonly up: Frame | undefined;
}

export interface Compiled {
  readonly type: Type;
  readonly run: (frame: Frame) => Value;
  /** Whether the server works the value out when it compiles the expression. */
  readonly constant?: boolean;
}

/** The variables of comprehensions, innermost first. */
export interface Scope {
  readonly name: string;
  readonly type: Type;
  readonly up: Scope | undefined;
}

export interface Context {
  readonly variables: Readonly<Record<string, Type>>;
  /** How many calls of `format` are around: lists and maps in its arguments may mix types. */
  mixed: number;
  readonly compile: (expr: Expr, scope: Scope | undefined) => Compiled;
}

/** An expression that is ready to be evaluated. */
export interface Program {
  readonly type: Type;
  /** Throws CelError where the expression ends in an error. */
  readonly evaluate: (bindings: Bindings) => Value;
}

/**
 * Parses and type-checks an expression over the given variables.
 *
 * @throws CelSyntaxError when it is no valid CEL, or uses what this evaluator lacks (`unsupported`)
 */
export function compile(expression: string, variables: Readonly<Record<string, Type>>): Program {
  const context: Context = {
    variables,
    mixed: 0,
    compile: (expr, scope) => compileExpr(expr, scope, context),
  };
  const { type, run } = context.compile(parseExpression(expression), undefined);
  return { type, evaluate: (bindings) => run({ root: bindings, value: null, up: undefined }) };
}

const typeNames: Readonly<Record<string, string>> = {
  bool: 'bool',
  int: 'int',
  uint: 'uint',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
  null_type: 'null_type',
  type: 'type',
  optional_type: 'optional_type',
};

function compileExpr(expr: Expr, scope: Scope | undefined, context: Context): Compiled {
  switch (expr.op) {
    case 'literal': {
      const { value } = expr;
      return { type: typeOfLiteral(value), run: () => value, constant: true };
    }
    case 'ident':
      return compileIdent(expr.name, expr.at, scope, context);
    case 'select':
      return compileSelect(expr, scope, context);
    case 'list': {
      const items = expr.items.map((item) => context.compile(item, scope));
      const type = expr.items.reduce<Type | undefined>(
        (joined, item, i) => join(joined, (items[i] as Compiled).type, item.at, context),
        undefined,
      );
      const runs = items.map(({ run }) => run);
      return {
        type: listOf(type ?? dyn),
        run: (frame) => runs.map((run) => run(frame)),
        constant: items.every(({ constant }) => constant === true),
      };
    }
    case 'map':
      return compileMap(expr, scope, context);
    case 'call':
      return compileCall(expr, scope, context);
  }
}

function typeOfLiteral(value: Value): Type {
  if (value === null) return { kind: 'null' };
  const name = typeName(value);
  return { kind: name as 'bool' };
}

/** The names that an expression may stand for a variable by. */
function localType(name: string, scope: Scope | undefined): { type: Type; depth: number } | undefined {
  let depth = 0;
  for (let current = scope; current; current = current.up, depth += 1)
    if (current.name === name) return { type: current.type, depth };
  return undefined;
}

function compileIdent(name: string, at: number, scope: Scope | undefined, { variables }: Context): Compiled {
  const local = localType(name, scope);
  if (local) {
    const { depth } = local;
    if (depth === 0) return { type: local.type, run: (frame) => frame.value };
    return {
      type: local.type,
      run: (frame) => {
        let current = frame;
        for (let i = 0; i < depth; i += 1) current = current.up as Frame;
        return current.value;
      },
    };
  }
  const type = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (type) return { type, run: (frame) => frame.root(name) };
  const typed = Object.hasOwn(typeNames, name) ? typeNames[name] : undefined;
  if (typed) {
    const value: Value = { type: 'type', name: typed };
    return { type: { kind: 'type' }, run: () => value };
  }
  throw new CelSyntaxError(`undeclared reference to '${name}' (in container '')`, at);
}

const wellKnownTypes: Readonly<Record<string, Value>> = {
  'google.protobuf.Timestamp': { type: 'type', name: 'google.protobuf.Timestamp' },
  'google.protobuf.Duration': { type: 'type', name: 'google.protobuf.Duration' },
};

/** `a.b` of nothing but names; undefined where it is anything else. */
function dottedName(expr: Expr | undefined): string | undefined {
  if (expr?.op === 'ident') return expr.name;
  if (expr?.op !== 'select' || expr.optional) return undefined;
  const operand = dottedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}

function compileSelect(expr: Expr & { op: 'select' }, scope: Scope | undefined, context: Context): Compiled {
  const dotted = dottedName(expr);
  const known =
    dotted !== undefined && Object.hasOwn(wellKnownTypes, dotted) ? wellKnownTypes[dotted] : undefined;
  if (known !== undefined) return { type: { kind: 'type' }, run: () => known };
  // A variable may have a dot in its name, such as `authorizer.requestResource`.
  const variable =
    dotted !== undefined && Object.hasOwn(context.variables, dotted) ? context.variables[dotted] : undefined;
  if (dotted !== undefined && variable) return { type: variable, run: (frame) => frame.root(dotted) };
  const { type, run } = context.compile(expr.operand, scope);
  const { field } = expr;
  const { item, optional } = fieldType(type, field, expr.at);
  if (expr.optional || optional)
    return {
      type: optionalOf(item),
      run: expr.optional
        ? (frame) => selectOptional(run(frame), field)
        : (frame) => select(run(frame), field),
    };
  return { type: item, run: (frame) => select(run(frame), field) };
}

/** The type of a field, and whether its owner is an optional. */
export function fieldType(owner: Type, field: string, at: number): { item: Type; optional: boolean } {
  switch (owner.kind) {
    case 'dyn':
      return { item: dyn, optional: false };
    case 'map':
      return { item: owner.value, optional: false };
    case 'optional':
      return { item: fieldType(owner.item, field, at).item, optional: true };
    case 'object': {
      const type = Object.hasOwn(owner.fields, field) ? owner.fields[field] : undefined;
      if (!type) throw new CelSyntaxError(`undefined field '${field}'`, at);
      return { item: type, optional: false };
    }
    default:
      throw new CelSyntaxError(`type '${printType(owner)}' does not support field selection`, at);
  }
}

/** The element type of a literal: all of one type, unless some are not known. */
function join(joined: Type | undefined, next: Type, at: number, { mixed }: Context): Type {
  if (joined === undefined) return next;
  if (assignable(joined, next, new Map()) || assignable(next, joined, new Map()))
    return general(joined, next);
  if (mixed > 0) return dyn;
  throw new CelSyntaxError(`expected type '${printType(joined)}' but found '${printType(next)}'`, at);
}

function compileMap(expr: Expr & { op: 'map' }, scope: Scope | undefined, context: Context): Compiled {
  let keyType: Type | undefined;
  let valueType: Type | undefined;
  const entries = expr.entries.map(([key, value]) => {
    const compiledKey = context.compile(key, scope);
    const compiledValue = context.compile(value, scope);
    keyType = join(keyType, compiledKey.type, key.at, context);
    valueType = join(valueType, compiledValue.type, value.at, context);
    return [compiledKey.run, compiledValue.run] as const;
  });
  return {
    type: mapOf(keyType ?? dyn, valueType ?? dyn),
    run: (frame) => {
      const map = new Map<Key, Value>();
      for (const [key, value] of entries) {
        const at = toKey(key(frame));
        if (at === undefined) throw new CelError('unsupported key type');
        map.set(at, value(frame));
      }
      return map;
    },
  };
}

type Call = Expr & { op: 'call' };

function compileCall(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  if (isMacro(expr)) return compileMacro(expr, scope, context);
  const qualifier = dottedName(expr.receiver);
  const qualified = qualifier === undefined ? undefined : `${qualifier}.${expr.name}`;
  if (qualified !== undefined && functions.has(qualified))
    return compileFunction({ ...expr, name: qualified, receiver: undefined }, scope, context);
  switch (expr.name) {
    case '_&&_':
      return compileLogic(expr, scope, context, false);
    case '_||_':
      return compileLogic(expr, scope, context, true);
    case '_?_:_':
      return compileTernary(expr, scope, context);
    case '_==_':
    case '_!=_':
      return compileEquality(expr, scope, context);
    case '@in':
      return compileIn(expr, scope, context);
    case '_[_]':
    case '_[?_]':
      return compileIndex(expr, scope, context);
    case '!_': {
      const [{ run }] = compileArgs(expr, scope, context, [bool]) as [Compiled];
      return { type: bool, run: (frame) => !truth(run(frame)) };
    }
    case 'or':
    case 'orValue':
      if (expr.receiver && expr.args.length === 1) return compileOr(expr, scope, context);
  }
  return compileFunction(expr, scope, context);
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

function noOverload(name: string, types: readonly Type[], at: number, member = false): CelSyntaxError {
  const [first, ...rest] = types;
  const args = member
    ? `${printType(first as Type)}.(${rest.map(printType).join(', ')})`
    : `(${types.map(printType).join(', ')})`;
  return new CelSyntaxError(`found no matching overload for '${name}' applied to '${args}'`, at);
}

/** Compiles the arguments of an operator whose parameters are known. */
function compileArgs(
  expr: Call,
  scope: Scope | undefined,
  context: Context,
  wanted: readonly Type[],
): readonly Compiled[] {
  const args = expr.args.map((arg) => context.compile(arg, scope));
  if (!args.every(({ type }, i) => assignable(wanted[i] as Type, type, new Map())))
    throw noOverload(
      expr.name,
      args.map(({ type }) => type),
      expr.at,
    );
  return args;
}

/** `&&` and `||`: one side that decides makes an error on the other side not matter. */
function compileLogic(expr: Call, scope: Scope | undefined, context: Context, decisive: boolean): Compiled {
  const [left, right] = expr.args.map((arg) => {
    const compiled = context.compile(arg, scope);
    if (!assignable(bool, compiled.type, new Map()))
      throw new CelSyntaxError(`expected type 'bool' but found '${printType(compiled.type)}'`, arg.at);
    return compiled;
  }) as [Compiled, Compiled];
  return {
    type: bool,
    run: (frame) => {
      let failure: unknown;
      try {
        const first = truth(left.run(frame));
        if (first === decisive) return decisive;
      } catch (error) {
        failure = error;
      }
      if (failure === undefined) return truth(right.run(frame));
      if (attempt(right.run, frame) === decisive) return decisive;
      throw failure;
    },
  };
}

/** The value, or undefined where evaluation ends in an error. */
function attempt(run: Compiled['run'], frame: Frame): Value | undefined {
  try {
    return run(frame);
  } catch (error) {
    if (error instanceof CelError) return undefined;
    throw error;
  }
}

function compileTernary(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const [condition, yes, no] = expr.args.map((arg) => context.compile(arg, scope)) as [
    Compiled,
    Compiled,
    Compiled,
  ];
  const bound = new Map<string, Type>();
  const branch: Type = { kind: 'param', name: 'A' };
  if (
    !assignable(bool, condition.type, new Map()) ||
    !assignable(branch, yes.type, bound) ||
    !assignable(branch, no.type, bound)
  )
    throw noOverload('_?_:_', [condition.type, yes.type, no.type], expr.at);
  return {
    type: substitute(branch, bound),
    run: (frame) => (truth(condition.run(frame)) ? yes.run(frame) : no.run(frame)),
  };
}

function compileEquality(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const [a, b] = expr.args.map((arg) => context.compile(arg, scope)) as [Compiled, Compiled];
  const bound = new Map<string, Type>();
  const side: Type = { kind: 'param', name: 'A' };
  if (!assignable(side, a.type, bound) || !assignable(side, b.type, bound))
    throw noOverload(expr.name, [a.type, b.type], expr.at);
  const wanted = expr.name === '_==_';
  return { type: bool, run: (frame) => equal(a.run(frame), b.run(frame)) === wanted };
}

function compileIn(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const [item, collection] = expr.args.map((arg) => context.compile(arg, scope)) as [Compiled, Compiled];
  const holder = collection.type;
  const wanted =
    holder.kind === 'list'
      ? holder.item
      : holder.kind === 'map'
        ? holder.key
        : holder.kind === 'dyn'
          ? dyn
          : undefined;
  const fits =
    wanted !== undefined &&
    (assignable(wanted, item.type, new Map()) || assignable(item.type, wanted, new Map()));
  if (!fits) throw noOverload('@in', [item.type, holder], expr.at);
  return {
    type: bool,
    run: (frame) => {
      const value = item.run(frame);
      return contains(collection.run(frame), value, equal);
    },
  };
}

function compileIndex(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const [owner, index] = expr.args.map((arg) => context.compile(arg, scope)) as [Compiled, Compiled];
  const holder = owner.type.kind === 'optional' ? owner.type.item : owner.type;
  const element = elementType(holder, index.type);
  if (!element) throw noOverload(expr.name, [owner.type, index.type], expr.at);
  const optional = expr.name === '_[?_]';
  return {
    type: optional || owner.type.kind === 'optional' ? optionalOf(element) : element,
    run: optional
      ? (frame) => selectOptional(owner.run(frame), index.run(frame))
      : (frame) => select(owner.run(frame), index.run(frame)),
  };
}

function elementType(holder: Type, index: Type): Type | undefined {
  switch (holder.kind) {
    case 'dyn':
      return dyn;
    case 'list':
      return assignable({ kind: 'int' }, index, new Map()) ? holder.item : undefined;
    case 'map':
      return assignable(holder.key, index, new Map()) ? holder.value : undefined;
    default:
      return undefined;
  }
}

/** `or` and `orValue` look at their argument only where the optional is empty. */
function compileOr(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const receiver = context.compile(expr.receiver as Expr, scope);
  const other = context.compile(expr.args[0] as Expr, scope);
  const bound = new Map<string, Type>();
  const value: Type = { kind: 'param', name: 'V' };
  const wanted = expr.name === 'or' ? optionalOf(value) : value;
  if (!assignable(optionalOf(value), receiver.type, bound) || !assignable(wanted, other.type, bound))
    throw noOverload(expr.name, [receiver.type, other.type], expr.at, true);
  return {
    type: substitute(wanted, bound),
    run: (frame) => {
      const optional = receiver.run(frame);
      if (tagOf(optional) !== 'optional') {
        if (expr.name === 'orValue') return optional;
        throw noSuchOverload();
      }
      const held = (optional as Optional).value;
      if (held === undefined) return other.run(frame);
      return expr.name === 'or' ? optional : held;
    },
  };
}

/** Standard functions with one implementation for all types, whose complaint is shorter. */
const terse = new Set(['contains', 'endsWith', 'startsWith', 'matches']);

function overloadError(name: string, values: readonly Value[]): CelError {
  if (/\W/.test(name) || terse.has(name)) return noSuchOverload();
  if (name === 'size') return new CelError('no such overload: size');
  return new CelError(`no such overload: ${name}(${values.map(typeName).join(', ')})`);
}

/** Functions that the server evaluates when it compiles, where their argument is constant. */
const conversions = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

const nowhere: Frame = { root: () => null, value: null, up: undefined };

function compileFunction(expr: Call, scope: Scope | undefined, context: Context): Compiled {
  const isMember = expr.receiver !== undefined;
  const receiver = expr.receiver && context.compile(expr.receiver, scope);
  if (!functions.has(expr.name))
    throw new CelSyntaxError(`undeclared reference to '${expr.name}' (in container '')`, expr.at);
  const isFormat = isMember && expr.name === 'format';
  if (isFormat) context.mixed += 1;
  const rest = expr.args.map((arg) => context.compile(arg, scope));
  const args = receiver ? [receiver, ...rest] : rest;
  if (isFormat) context.mixed -= 1;
  const types = args.map(({ type }) => type);
  let result: Type | undefined;
  const fitting: Overload[] = [];
  for (const overload of functions.get(expr.name) ?? []) {
    if (overload.member !== isMember || overload.params.length !== types.length) continue;
    const bound = new Map<string, Type>();
    if (!overload.params.every((param, i) => assignable(param, types[i] as Type, bound))) continue;
    const own = substitute(overload.result, bound);
    result = result === undefined || sameType(result, own) ? own : dyn;
    fitting.push(overload);
  }
  if (result === undefined) throw noOverload(expr.name, types, expr.at, isMember);
  checkLiterals(expr, scope, context);
  const runs = args.map(({ run }) => run);
  const run = (frame: Frame): Value => {
    const values = runs.map((one) => one(frame));
    for (const overload of fitting)
      if (overload.accepts(values)) return overload.run(...(values as unknown as never[]));
    throw overloadError(expr.name, values);
  };
  if (!isMember && args.length === 1 && args[0]?.constant && conversions.has(expr.name)) {
    const value = attemptConstant(run, expr);
    return { type: result, run: () => value, constant: true };
  }
  return { type: result, run };
}

function attemptConstant(run: Compiled['run'], expr: Call): Value {
  try {
    return run(nowhere);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const isLiteral = expr.args[0]?.op === 'literal';
    throw new CelSyntaxError(
      isLiteral && (expr.name === 'duration' || expr.name === 'timestamp')
        ? `invalid ${expr.name} argument`
        : `program instantiation failed: ${error.message}`,
      expr.at,
    );
  }
}

/** What the server's validators refuse: a pattern that can never be read, a format string without its arguments. */
function checkLiterals(expr: Call, scope: Scope | undefined, context: Context): void {
  const [last] = expr.args.slice(-1);
  if (expr.name === 'matches' && last?.op === 'literal' && typeof last.value === 'string')
    try {
      regexOf(last.value);
    } catch {
      throw new CelSyntaxError('invalid matches argument', last.at);
    }
  const { receiver } = expr;
  if (
    expr.name === 'format' &&
    receiver?.op === 'literal' &&
    typeof receiver.value === 'string' &&
    last?.op === 'list'
  )
    checkFormat(receiver.value, last.items, { expr, scope, context });
}

const clauseKinds: Readonly<Record<string, readonly string[]>> = {
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  o: ['int', 'uint'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
};

function checkFormat(
  text: string,
  items: readonly Expr[],
  at: { readonly expr: Call; readonly scope: Scope | undefined; readonly context: Context },
): void {
  const refuse = (message: string, where: number): never => {
    throw new CelSyntaxError(message, where);
  };
  try {
    let next = 0;
    for (const part of formatParts(text)) {
      if (typeof part === 'string') continue;
      const item = items[next] ?? refuse(`index ${next} out of range`, at.expr.at);
      next += 1;
      at.context.mixed += 1;
      const { type } = at.context.compile(item, at.scope);
      at.context.mixed -= 1;
      const kinds = clauseKinds[part.clause];
      if (kinds && type.kind !== 'dyn' && !kinds.includes(type.kind))
        refuse(
          `error during formatting: ${clauseComplaint(part.clause)}, was given ${printType(type)}`,
          item.at,
        );
    }
    if (next < items.length)
      refuse(
        `too many arguments supplied to string.format (expected ${next}, got ${items.length})`,
        at.expr.at,
      );
  } catch (error) {
    if (error instanceof CelError) refuse(error.message, at.expr.at);
    throw error;
  }
}
