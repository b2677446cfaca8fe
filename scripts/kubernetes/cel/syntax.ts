/** CEL's syntax tree. The parser is @marcbachmann/cel-js; what it yields is brought into one small form. */
import { createRequire } from 'node:module';
import type { Value } from './values.ts';

export type Expr = { readonly at: number } & (
  | { readonly op: 'literal'; readonly value: Value }
  | { readonly op: 'ident'; readonly name: string }
  | { readonly op: 'select'; readonly operand: Expr; readonly field: string; readonly optional: boolean }
  /** Operators are calls by cel-go's names: `_+_`, `!_`, `_[_]`, `_?_:_`. */
  | {
      readonly op: 'call';
      readonly name: string;
      readonly receiver: Expr | undefined;
      readonly args: readonly Expr[];
    }
  | { readonly op: 'list'; readonly items: readonly Expr[] }
  | { readonly op: 'map'; readonly entries: readonly (readonly [Expr, Expr])[] }
);

/** What is wrong with an expression before it is ever evaluated; `at` is an offset into it. */
export class CelSyntaxError extends Error {
  readonly at: number;
  /** Whether the server may well know the construct, but this evaluator does not. */
  readonly unsupported: boolean;
  constructor(message: string, at: number, unsupported = false) {
    super(message);
    this.at = at;
    this.unsupported = unsupported;
  }
}

interface RawNode {
  readonly op: string;
  readonly args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  /** The whole expression. */
  readonly input: string;
}

type Parse = (expression: string) => { readonly ast: RawNode };
let parser: Parse | undefined;

/** The library is loaded when the first expression is parsed: most runs of a command need none. */
function parse(expression: string): RawNode {
  if (parser === undefined) {
    const { Environment } = createRequire(import.meta.url)(
      '@marcbachmann/cel-js',
    ) as typeof import('@marcbachmann/cel-js');
    const environment = new Environment({
      enableOptionalTypes: true,
      unlistedVariablesAreDyn: true,
      limits: {
        maxAstNodes: 200_000,
        maxDepth: 1_000,
        maxListElements: 50_000,
        maxMapEntries: 50_000,
        maxCallArguments: 100,
      },
    });
    parser = (text) => environment.parse(text) as unknown as { ast: RawNode };
  }
  return parser(expression).ast;
}

const binary = new Set(['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||']);

/** Syntax that the server has and the parser has not: optional entries of literals, and messages of the types it knows. */
const beyondParser = /[[{,]\s*\?|\b(?:google\.protobuf\.\w+|Object|JSONPatch)[\w.]*\s*\{/;

const stringsAndFractions =
  /[rR]?(?:'''[\s\S]*?'''|"""[\s\S]*?""")|[rR]'[^']*'|[rR]"[^"]*"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<![\w)\]'"?])(\.\d)/g;

/** The parser wants a digit before the point of `.5`. */
const withLeadingZeros = (expression: string): string =>
  /(?<!\w)\.\d/.test(expression)
    ? expression.replace(stringsAndFractions, (text, fraction: string | undefined) =>
        fraction === undefined ? text : `0${fraction}`,
      )
    : expression;

/** Parses an expression; throws CelSyntaxError. */
export function parseExpression(expression: string): Expr {
  let root: RawNode;
  try {
    root = parse(withLeadingZeros(expression));
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const position = (error as { readonly range?: { readonly start?: unknown } }).range?.start;
    const quoteless = expression.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''");
    const unsupported = beyondParser.test(quoteless);
    throw new CelSyntaxError(
      unsupported ? `syntax that cannot be evaluated offline: ${message}` : `Syntax error: ${message}`,
      typeof position === 'number' ? position : 0,
      unsupported,
    );
  }
  return convert(root);
}

function convert(node: RawNode): Expr {
  const at = node.pos;
  const call = (name: string, args: readonly unknown[], receiver?: unknown): Expr => ({
    op: 'call',
    at,
    name,
    receiver: receiver === undefined ? undefined : convert(receiver as RawNode),
    args: args.map((arg) => convert(arg as RawNode)),
  });
  const args = node.args as readonly unknown[];
  switch (node.op) {
    case 'value':
      return { op: 'literal', at, value: literal(node.args, at) };
    case 'id':
      return { op: 'ident', at, name: node.args as string };
    case '.':
    case '.?':
      return {
        op: 'select',
        at,
        operand: convert(args[0] as RawNode),
        field: args[1] as string,
        optional: node.op === '.?',
      };
    case '[]':
      return call('_[_]', args);
    case '[?]':
      return call('_[?_]', args);
    case 'call':
      return { ...call(args[0] as string, args[1] as readonly unknown[]), at: node.input.indexOf('(', at) };
    case 'rcall':
      return {
        ...call(args[0] as string, args[2] as readonly unknown[], args[1]),
        at: node.input.indexOf('(', (args[1] as RawNode).end),
      };
    case 'list':
      return { op: 'list', at, items: args.map((item) => convert(item as RawNode)) };
    case 'map':
      return {
        op: 'map',
        at,
        entries: (args as readonly (readonly [RawNode, RawNode])[]).map(
          ([key, value]) => [convert(key), convert(value)] as const,
        ),
      };
    case '?:':
      return call('_?_:_', args);
    case 'in':
      return call('@in', args);
    case '!_':
      return call('!_', [node.args]);
    case '-_': {
      // The least number of 64 bits has no positive one beside it.
      const { op, args: operand } = node.args as RawNode;
      if (op === 'value' && operand === 2n ** 63n) return { op: 'literal', at, value: -operand };
      return negated(call('-_', [node.args]));
    }
  }
  if (binary.has(node.op)) return { ...call(`_${node.op}_`, args), at: between(node, node.op) };
  throw new CelSyntaxError(`\`${node.op}\` cannot be evaluated offline`, at, true);
}

/** A number with its sign is one literal. */
function negated(expr: Expr): Expr {
  const [argument] = expr.op === 'call' ? expr.args : [];
  if (argument?.op !== 'literal') return expr;
  const { value } = argument;
  return typeof value === 'bigint' || typeof value === 'number'
    ? { op: 'literal', at: expr.at, value: -value }
    : expr;
}

/** cel-go places an operator's errors at the operator. */
function between(node: RawNode, operator: string): number {
  const [left] = node.args as readonly RawNode[];
  const found = left === undefined ? -1 : node.input.indexOf(operator, left.end);
  return found === -1 ? node.pos : found;
}

function literal(value: unknown, at: number): Value {
  if (typeof value === 'bigint' && value >= 2n ** 63n) throw new CelSyntaxError('invalid int literal', at);
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Uint8Array
  )
    return value as Value;
  const unsigned = (value as { readonly value?: unknown }).value;
  if (typeof unsigned === 'bigint') return { type: 'uint', value: unsigned };
  throw new CelSyntaxError('a literal of this kind cannot be evaluated offline', at, true);
}
