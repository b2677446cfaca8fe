/** The CEL rules of CRDs (`x-kubernetes-validations`), evaluated as on creation. */

import { parseDuration, parseTimestamp } from '../cel/functions/times.ts';
import { CelError, CelSyntaxError, compile, dyn, type Program, parseType, type Value } from '../cel/index.ts';
import { none } from '../cel/values.ts';
import { type CelRule, isObject, type SchemaNode } from './types.ts';

/** A rule that does not hold, or that cannot be evaluated (the server refuses both). */
export interface RuleFailure {
  readonly message: string;
  readonly rule: string;
  /** Where the rule wants its error shown, below the value it stands at. */
  readonly fieldPath: readonly string[];
  /** The rule uses what is not known here. */
  readonly cannotTell?: true;
}

const programs = new Map<string, Program>();
const variables = { self: dyn, oldSelf: dyn };
const optionalVariables = { self: dyn, oldSelf: parseType('optional<dyn>') };

/** Parses and type-checks an expression over `self`; throws where it is not valid CEL. */
export function compileRule(expression: string, optionalOldSelf = false): Program {
  const key = `${optionalOldSelf} ${expression}`;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = compile(expression, optionalOldSelf ? optionalVariables : variables);
  programs.set(key, program);
  return program;
}

/** Evaluates the rules of one schema node over the value that it describes. */
export function evaluateRules(node: SchemaNode, data: unknown): RuleFailure[] {
  const failures: RuleFailure[] = [];
  let self: Value = null;
  let converted = false;
  for (const rule of node['x-kubernetes-validations'] ?? []) {
    // A transition rule compares with the stored object, which does not exist yet.
    if (/\boldSelf\b/.test(rule.rule) && rule.optionalOldSelf !== true) continue;
    if (!converted) {
      self = toCel(data, node);
      converted = true;
    }
    const failure = evaluateRule(rule, self);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

function evaluateRule(rule: CelRule, self: Value): RuleFailure | undefined {
  const fieldPath = parseFieldPath(rule.fieldPath);
  const fail = (message: string): RuleFailure => ({ message, rule: rule.rule, fieldPath });
  const optional = rule.optionalOldSelf === true;
  const bindings = (name: string): Value => (name === 'self' ? self : optional ? none : null);
  try {
    if (compileRule(rule.rule, optional).evaluate(bindings) === true) return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const failure = fail(`the rule cannot be evaluated: ${message}`);
    return error instanceof CelSyntaxError && error.unsupported ? { ...failure, cannotTell: true } : failure;
  }
  const message = rule.messageExpression && evaluateMessage(rule.messageExpression, optional, bindings);
  return fail(message || (rule.message ?? `failed rule: ${rule.rule}`));
}

/** A message that cannot be worked out gives way to the one that is written. */
function evaluateMessage(
  expression: string,
  optional: boolean,
  bindings: (name: string) => Value,
): string | undefined {
  try {
    const message = compileRule(expression, optional).evaluate(bindings);
    return typeof message === 'string' ? message.trim() : undefined;
  } catch (error) {
    if (error instanceof CelError || error instanceof CelSyntaxError) return undefined;
    throw error;
  }
}

/** `.spec.name` and `['x']`, the only two forms that the API allows. */
function parseFieldPath(path: string | undefined): string[] {
  if (path === undefined) return [];
  return [...path.matchAll(/\.([A-Za-z_][\w-]*)|\['((?:[^'\\]|\\.)*)'\]/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Whether CEL keeps a word for itself: a field of that name goes by its escaped name as well. */
export const isReserved = (name: string): boolean => RESERVED.has(name);

/** The name that CEL gives a field which is not an identifier (apiextensions' schema/cel/model Escape). */
export function escapeName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** The value with CEL's types: integers are 64-bit, formatted strings become times and bytes, field names are escaped. */
export function toCel(value: unknown, node: SchemaNode | undefined): Value {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => toCel(item, node?.items));
  if (isObject(value)) {
    const { properties, additionalProperties } = node ?? {};
    const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    return new Map(
      Object.entries(value).flatMap(([key, item]): [string, Value][] => {
        const field =
          properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
        const cel = toCel(item, field ?? rest);
        if (field === undefined) return [[key, cel]];
        return isReserved(key)
          ? [
              [key, cel],
              [escapeName(key), cel],
            ]
          : [[escapeName(key), cel]];
      }),
    );
  }
  if (typeof value === 'number') {
    const integral =
      node === undefined || node.type === 'integer' || node['x-kubernetes-int-or-string'] === true;
    return Number.isInteger(value) && (integral || node.type === undefined) ? BigInt(value) : value;
  }
  if (typeof value === 'string') {
    if (node?.format === 'date-time') return parseTimestamp(value) ?? value;
    if (node?.format === 'date') return parseTimestamp(`${value}T00:00:00Z`) ?? value;
    if (node?.format === 'duration') return parseDuration(value) ?? value;
    if (node?.format === 'byte') return Uint8Array.from(Buffer.from(value, 'base64'));
    return value;
  }
  return typeof value === 'boolean' ? value : null;
}
