/**
 * CEL expressions as the API server takes them: whether they parse, name only what there is, and can have the type that is
 * wanted. Mirrors what plugin/cel's `CompileCELExpression` refuses, without its full type check.
 */
import { CelSyntaxError, type Expr, parseExpression } from '../cel/syntax.ts';
import { shown } from './error.ts';

export type Wanted = 'bool' | 'string' | 'any';

/** The names of types, and of the namespaces of functions. */
const builtIn: ReadonlySet<string> = new Set(
  (
    'bool bytes double dyn duration int list map null_type string timestamp type uint optional_type ' +
    'google math optional sets strings base64 cel url ip cidr quantity semver format'
  ).split(' '),
);

/** Macros, with the number of variables that each may bind. */
const macros: Readonly<Record<string, number>> = {
  all: 2,
  exists: 2,
  exists_one: 2,
  existsOne: 2,
  map: 1,
  filter: 1,
  transformList: 2,
  transformMap: 2,
  transformMapEntry: 2,
  sortBy: 1,
  optMap: 1,
  optFlatMap: 1,
};

/** What is wrong with an expression, as a predicate; undefined where nothing is found. */
export function expressionFault(
  expression: string,
  variables: ReadonlySet<string>,
  wanted: Wanted,
  selfFields?: ReadonlySet<string>,
): string | undefined {
  let root: Expr;
  try {
    root = parseExpression(expression);
  } catch (error) {
    if (!(error instanceof CelSyntaxError) || error.unsupported) return undefined;
    return `is no valid CEL: ${error.message}`;
  }
  const unknown = unknownName(root, variables) ?? (selfFields && unknownField(root, selfFields));
  if (unknown !== undefined)
    return `names \`${unknown}\`, which does not exist here; there are ${[...(selfFields ?? variables)].sort().join(', ')}`;
  const type = typeOf(root);
  return wanted === 'any' || type === undefined || type === wanted
    ? undefined
    : `yields a ${type}, and a ${wanted} is wanted: ${shown(expression)}`;
}

/** The first name that nothing binds. */
function unknownName(node: Expr, bound: ReadonlySet<string>): string | undefined {
  const first = (nodes: readonly Expr[], names: ReadonlySet<string> = bound): string | undefined => {
    for (const item of nodes) {
      const found = unknownName(item, names);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (node.op) {
    case 'ident':
      return bound.has(node.name) || builtIn.has(node.name) || node.name.startsWith('.')
        ? undefined
        : node.name;
    case 'select': {
      const variable =
        node.operand.op === 'ident' && node.operand.name === 'variables'
          ? `variables.${node.field}`
          : undefined;
      return variable !== undefined && bound.has('variables') && !bound.has(variable)
        ? variable
        : unknownName(node.operand, bound);
    }
    case 'list':
      return first(node.items);
    case 'map':
      return first(node.entries.flat());
    case 'call': {
      const most = node.receiver === undefined ? undefined : macros[node.name];
      if (most === undefined)
        return first([...(node.receiver === undefined ? [] : [node.receiver]), ...node.args]);
      const count = most === 2 && node.args.length > 2 && node.args[1]?.op === 'ident' ? 2 : 1;
      const names = new Set(bound);
      for (const variable of node.args.slice(0, count)) if (variable.op === 'ident') names.add(variable.name);
      return (
        first(node.receiver === undefined ? [] : [node.receiver]) ?? first(node.args.slice(count), names)
      );
    }
    default:
      return undefined;
  }
}

/** The first field of `self` that its schema does not have. */
function unknownField(node: Expr, fields: ReadonlySet<string>): string | undefined {
  const first = (nodes: readonly Expr[]): string | undefined => {
    for (const item of nodes) {
      const found = unknownField(item, fields);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (node.op) {
    case 'select':
      return node.operand.op === 'ident' && node.operand.name === 'self' && !fields.has(node.field)
        ? `self.${node.field}`
        : unknownField(node.operand, fields);
    case 'list':
      return first(node.items);
    case 'map':
      return first(node.entries.flat());
    case 'call':
      return first([...(node.receiver === undefined ? [] : [node.receiver]), ...node.args]);
    default:
      return undefined;
  }
}

const comparing = new Set(['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_', '_&&_', '_||_', '!_', '@in']);

/** The type of an expression where it is plain to see. */
function typeOf(node: Expr): string | undefined {
  switch (node.op) {
    case 'literal':
      return { string: 'string', boolean: 'bool', number: 'double', bigint: 'int' }[
        typeof node.value as string
      ];
    case 'list':
    case 'map':
      return node.op;
    case 'call':
      if (comparing.has(node.name)) return 'bool';
      if (node.name === '-_') return node.args[0] === undefined ? undefined : typeOf(node.args[0]);
      if (node.name === '_?_:_') {
        const [, yes, no] = node.args;
        const types = [yes, no].map((branch) => (branch === undefined ? undefined : typeOf(branch)));
        return types[0] === types[1] ? types[0] : undefined;
      }
      if (node.name === 'size' && (node.receiver !== undefined || node.args.length === 1)) return 'int';
      return undefined;
    default:
      return undefined;
  }
}
