/** A ValidatingAdmissionPolicy with its expressions compiled, as the server does when the policy is made. */
import { CelSyntaxError, compile, type Program, printType, type Type } from '../cel/index.ts';
import { variablesOf, variableType } from './environment.ts';
import { isMap, type JsonMap, listOf, mapOf, textOf } from './json.ts';

export type ExpressionPath = readonly (string | number)[];

/** An expression that the server would refuse, or that cannot be evaluated here. */
export interface ExpressionProblem {
  readonly path: ExpressionPath;
  readonly expression: string;
  readonly message: string;
  /** Offset into the expression. */
  readonly at: number;
  /** Whether only this evaluator cannot take it; the server may well. */
  readonly unsupported: boolean;
}

export interface NamedProgram {
  readonly name: string;
  readonly expression: string;
  readonly program: Program;
}

export interface Validation {
  readonly path: ExpressionPath;
  readonly expression: string;
  readonly program: Program;
  readonly message: string;
  readonly messageProgram: Program | undefined;
  readonly reason: string;
}

export interface Policy {
  readonly name: string;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly matchConstraints: JsonMap;
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly matchConditions: readonly NamedProgram[];
  readonly variables: readonly NamedProgram[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly NamedProgram[];
  /** Not empty: the policy is not evaluated at all. */
  readonly problems: readonly ExpressionProblem[];
}

/** Reads and compiles a policy from plain JSON. Broken expressions are told in `problems`. */
export function readPolicy(object: JsonMap): Policy {
  const spec = mapOf(object['spec']);
  const problems: ExpressionProblem[] = [];
  const own: Record<string, Type> = {};
  const paramKind = isMap(spec['paramKind'])
    ? { apiVersion: textOf(spec['paramKind']['apiVersion']), kind: textOf(spec['paramKind']['kind']) }
    : undefined;
  const compiled = (
    path: ExpressionPath,
    expression: unknown,
    wanted: readonly Type['kind'][] | undefined,
    authorizer = true,
  ): Program | undefined => {
    if (typeof expression !== 'string') return undefined;
    const variables = variablesOf({ params: paramKind !== undefined, authorizer, own: { ...own } });
    try {
      const program = compile(expression, variables);
      if (!wanted || wanted.includes(program.type.kind)) return program;
      const names = wanted.map((kind) => (kind === 'null' ? 'null_type' : kind));
      const choice = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
      const message = `must evaluate to ${choice} but got ${printType(program.type)}`;
      problems.push({ path, expression, message, at: 0, unsupported: false });
    } catch (error) {
      if (!(error instanceof CelSyntaxError)) throw error;
      const { message, at, unsupported } = error;
      problems.push({ path, expression, message, at, unsupported });
    }
    return undefined;
  };

  const variables = entries(spec['variables']).flatMap(({ item, index }) => {
    const name = textOf(item['name']);
    const expression = textOf(item['expression']);
    const program = compiled(['spec', 'variables', index, 'expression'], item['expression'], undefined);
    if (!program) return [];
    own[name] = variableType(program.type);
    return [{ name, expression, program }];
  });
  const matchConditions = entries(spec['matchConditions']).flatMap(({ item, index }) => {
    const program = compiled(['spec', 'matchConditions', index, 'expression'], item['expression'], ['bool']);
    return program ? [{ name: textOf(item['name']), expression: textOf(item['expression']), program }] : [];
  });
  const validations = entries(spec['validations']).flatMap(({ item, index }): Validation[] => {
    const path = ['spec', 'validations', index];
    const program = compiled([...path, 'expression'], item['expression'], ['bool']);
    const messageProgram = item['messageExpression']
      ? compiled([...path, 'messageExpression'], item['messageExpression'], ['string'], false)
      : undefined;
    if (!program) return [];
    return [
      {
        path: [...path, 'expression'],
        expression: textOf(item['expression']),
        program,
        message: textOf(item['message']),
        messageProgram,
        reason: textOf(item['reason']) || 'Invalid',
      },
    ];
  });
  const auditAnnotations = entries(spec['auditAnnotations']).flatMap(({ item, index }) => {
    const path = ['spec', 'auditAnnotations', index, 'valueExpression'];
    const program = compiled(path, item['valueExpression'], ['string', 'null']);
    return program
      ? [{ name: textOf(item['key']), expression: textOf(item['valueExpression']), program }]
      : [];
  });
  return {
    name: textOf(mapOf(object['metadata'])['name']),
    failurePolicy: spec['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
    matchConstraints: mapOf(spec['matchConstraints']),
    paramKind,
    matchConditions,
    variables,
    validations,
    auditAnnotations,
    problems,
  };
}

const entries = (list: unknown): { item: JsonMap; index: number }[] =>
  listOf(list).flatMap((item, index) => (isMap(item) ? [{ item, index }] : []));
