/** CEL expressions as the API server takes them on creation of an object that holds them. */
import { variablesOf, variableType } from '../admission/environment.ts';
import { CelSyntaxError, compile, dyn, parseType, printType, type Type } from '../cel/index.ts';
import { escapeName, isReserved } from '../schema/cel.ts';
import { shown } from './error.ts';
import { entries, type Field, get, isTrue, text } from './field.ts';

/** The variables that an expression may use, with their types. */
export type Variables = Readonly<Record<string, Type>>;

export interface ExpressionResult {
  /** What is wrong, as a predicate. */
  readonly fault?: string;
  /** The type of what it yields; `dyn` where it cannot be told. */
  readonly type: Type;
}

/**
 * Type-checks an expression; `wanted` are the types that it may yield, as CEL names them, and none means any. What the
 * type checker at hand does not know counts as right. `makesObjects` where it may build objects and patches, which only
 * mutating policies do.
 */
export function checkExpression(
  expression: string,
  variables: Variables,
  wanted: readonly string[] = [],
  makesObjects = false,
): ExpressionResult {
  let type: Type;
  try {
    type = compile(expression, variables).type;
  } catch (error) {
    if (error instanceof CelSyntaxError && !error.unsupported)
      return { type: dyn, fault: `is no valid CEL: ${error.message}: ${shown(expression)}` };
    const made = makesObjects ? null : /\b(Object|JSONPatch)[\w.]*\s*\{/.exec(expression.replace(quoted, ''));
    return made === null
      ? { type: dyn }
      : { type: dyn, fault: `makes an ${made[1]}, which only mutating policies do: ${shown(expression)}` };
  }
  const name = printType(type).replace(/\(.*/, '');
  return wanted.length === 0 || wanted.includes(name)
    ? { type }
    : { type, fault: `is of the type ${printType(type)}, and ${wanted[0]} is wanted: ${shown(expression)}` };
}

const quoted = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

/** What the expressions of a policy may use; its own variables only where it has some. */
export function policyVariables(options: {
  readonly params: boolean;
  readonly authorizer: boolean;
  readonly own?: Readonly<Record<string, Type>>;
}): Variables {
  const { variables, ...others } = variablesOf({ ...options, own: options.own ?? {} });
  return options.own === undefined || variables === undefined ? others : { ...others, variables };
}

export { variableType };

/** The type that a structural schema declares for `self`. Mirrors `SchemaDeclType` of apiserver's pkg/cel/common. */
export const schemaType = (schema: Field, isResource: boolean): Type => typeOf(schema, isResource) ?? dyn;

/** Undefined where a schema says nothing of its values: such a field is none that an expression could name. */
function typeOf(schema: Field, isResource: boolean): Type | undefined {
  if (isTrue(get(schema, 'x-kubernetes-int-or-string'))) return dyn;
  switch (text(get(schema, 'type'))) {
    case 'array':
      return listOf(typeOf(get(schema, 'items'), isEmbedded(get(schema, 'items'))));
    case 'object':
      return objectType(schema, isResource || isEmbedded(schema));
    case 'string':
      return stringTypes[text(get(schema, 'format'))] ?? parseType('string');
    case 'boolean':
      return parseType('bool');
    case 'integer':
      return parseType('int');
    case 'number':
      return parseType('double');
    default:
      return undefined;
  }
}

const isEmbedded = (schema: Field): boolean => isTrue(get(schema, 'x-kubernetes-embedded-resource'));

const listOf = (item: Type | undefined): Type | undefined =>
  item === undefined ? undefined : { kind: 'list', item };

const stringTypes: Readonly<Record<string, Type>> = {
  byte: parseType('bytes'),
  date: parseType('timestamp'),
  'date-time': parseType('timestamp'),
  duration: parseType('duration'),
};

function objectType(schema: Field, isResource: boolean): Type | undefined {
  const additional = get(schema, 'additionalProperties');
  if (typeof additional.value === 'object' && additional.value !== null) {
    const value = typeOf(additional, isEmbedded(additional));
    return value === undefined ? undefined : { kind: 'map', key: parseType('string'), value };
  }
  const name = schema.path.join('.') || 'self';
  const fields = Object.fromEntries(
    entries(get(schema, 'properties')).flatMap(([key, property]) => {
      const type = typeOf(property, isEmbedded(property));
      if (type === undefined) return [];
      // A reserved word names a field as it is, too.
      return [escapeName(key), ...(isReserved(key) ? [key] : [])].map((name) => [name, type] as const);
    }),
  );
  const metadata = { name: parseType('string'), generateName: parseType('string') };
  const resource: Readonly<Record<string, Type>> = {
    apiVersion: parseType('string'),
    kind: parseType('string'),
    metadata: { kind: 'object', name: `${name}.metadata`, fields: metadata },
  };
  return { kind: 'object', name, fields: isResource ? { ...fields, ...resource } : fields };
}
