/** The CEL rules of CRDs (`x-kubernetes-validations`), evaluated as on creation. */
import { createRequire } from 'node:module';
import { isQuantity } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { type CelRule, isObject, type SchemaNode } from './types.ts';

type Cel = typeof import('@marcbachmann/cel-js');
type Program = (context: Record<string, unknown>) => unknown;

/** A rule that does not hold, or that cannot be evaluated (the server refuses both). */
export interface RuleFailure {
  readonly message: string;
  readonly rule: string;
  /** Where the rule wants its error shown, below the value it stands at. */
  readonly fieldPath: readonly string[];
}

let cel: { readonly module: Cel; readonly environment: InstanceType<Cel['Environment']> } | undefined;
const programs = new Map<string, Program>();

/** Parses and type-checks an expression over `self`; throws where it is not valid CEL. */
export function compileRule(expression: string): Program {
  const known = programs.get(expression);
  if (known !== undefined) return known;
  cel ??= load();
  const program = cel.environment.parse(expression);
  const check = program.check();
  if (!check.valid) throw new Error(check.error?.message ?? 'the expression does not type-check');
  programs.set(expression, program as Program);
  return program as Program;
}

/** Evaluates the rules of one schema node over the value that it describes. */
export function evaluateRules(node: SchemaNode, data: unknown): RuleFailure[] {
  const failures: RuleFailure[] = [];
  let self: unknown;
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

function evaluateRule(rule: CelRule, self: unknown): RuleFailure | undefined {
  const fieldPath = parseFieldPath(rule.fieldPath);
  const fail = (message: string): RuleFailure => ({ message, rule: rule.rule, fieldPath });
  try {
    const program = compileRule(rule.rule);
    const context = { self, oldSelf: cel?.module.Optional.none() };
    if (program(context) === true) return undefined;
    if (rule.messageExpression !== undefined) {
      const message = compileRule(rule.messageExpression)(context);
      if (typeof message === 'string' && message.trim() !== '') return fail(message.trim());
    }
    return fail(rule.message ?? `failed rule: ${rule.rule}`);
  } catch (error) {
    return fail(
      `the rule cannot be evaluated: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    );
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
export function toCel(value: unknown, node: SchemaNode | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => toCel(item, node?.items));
  if (isObject(value)) {
    const { properties, additionalProperties } = node ?? {};
    const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const field =
          properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
        return [field === undefined ? key : escapeName(key), toCel(item, field ?? rest)];
      }),
    );
  }
  if (typeof value === 'number') {
    const integral =
      node === undefined || node.type === 'integer' || node['x-kubernetes-int-or-string'] === true;
    return Number.isInteger(value) && (integral || node.type === undefined) ? BigInt(value) : value;
  }
  if (typeof value === 'string') {
    if (node?.format === 'date-time' || node?.format === 'date') return new Date(value);
    if (node?.format === 'byte') return Uint8Array.from(Buffer.from(value, 'base64'));
  }
  return value;
}

/** The library is loaded when the first rule is: most builds have no object with rules. */
function load(): { module: Cel; environment: InstanceType<Cel['Environment']> } {
  const module = createRequire(import.meta.url)('@marcbachmann/cel-js') as Cel;
  const environment = new module.Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn');
  registerExtensions(environment);
  return { module, environment };
}

/** Kubernetes' additions to CEL (apiserver/pkg/cel/library) that CRDs use: lists, regular expressions, quantities. */
function registerExtensions(environment: InstanceType<Cel['Environment']>): void {
  const compare = (a: unknown, b: unknown): number =>
    (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  const extreme = (list: readonly unknown[], sign: number): unknown => {
    if (list.length === 0) throw new Error('min and max need a list that is not empty');
    return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
  };
  const matches = (text: string, pattern: string): string[] => {
    compilePattern(pattern);
    return [...text.matchAll(new RegExp(pattern, 'gu'))].map((match) => match[0]);
  };
  const functions: readonly [string, (...args: never[]) => unknown][] = [
    [
      'list.isSorted(): bool',
      (list: unknown[]) => list.every((item, i) => i === 0 || compare(list[i - 1], item) <= 0),
    ],
    ['list.min(): dyn', (list: unknown[]) => extreme(list, -1)],
    ['list.max(): dyn', (list: unknown[]) => extreme(list, 1)],
    ['list.indexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.indexOf(item))],
    ['list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.lastIndexOf(item))],
    ['string.find(string): string', (text: string, pattern: string) => matches(text, pattern)[0] ?? ''],
    ['string.findAll(string): list', matches],
    ['isURL(string): bool', (text: string) => URL.canParse(text)],
    ['isQuantity(string): bool', isQuantity],
  ];
  for (const [signature, handler] of functions) {
    try {
      environment.registerFunction(signature, handler as (...args: unknown[]) => unknown);
    } catch (error) {
      // The library may have gained the function itself.
      if (!(error instanceof Error && /already|overlap/i.test(error.message))) throw error;
    }
  }
}
