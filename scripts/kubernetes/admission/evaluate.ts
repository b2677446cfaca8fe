/** Evaluates compiled policies over one object. Mirrors the validator of apiserver/pkg/admission/plugin/policy/validating. */
import { trimSpace } from '../cel/functions/strings.ts';
import { type Bindings, CelError, type Lazy, type Value } from '../cel/index.ts';
import type { ExpressionPath, Policy } from './policy.ts';

/** Why a policy does not let an object pass, or why that cannot be told. */
export interface Outcome {
  readonly kind: 'denied' | 'error' | 'unsupported';
  readonly message: string;
  readonly reason: string;
  /** The expression at fault within the policy. */
  readonly path: ExpressionPath;
}

/** The values of an expression's variables, but for the policy's own. */
export interface Inputs {
  readonly object: Value;
  readonly request: Value;
  readonly namespaceObject: Value;
  readonly params: Value;
}

const longestMessage = 5 * 1024;
const matchConditionsPath: ExpressionPath = ['spec', 'matchConditions'];

/** Everything that the policy holds against the object; empty where it passes or is not meant. */
export function evaluatePolicy(policy: Policy, inputs: Inputs): readonly Outcome[] {
  const conditions = checkConditions(policy, bind(policy, { ...inputs, namespaceObject: null }));
  if (conditions !== true) return conditions;
  const bindings = bind(policy, inputs);
  const outcomes: Outcome[] = [];
  for (const validation of policy.validations) {
    const result = attempt(() => validation.program.evaluate(bindings));
    if (!result.ok) outcomes.push(...failure(policy, validation, result.error));
    else if (result.value !== true)
      outcomes.push({
        kind: 'denied',
        message: messageOf(validation, bindings),
        reason: validation.reason,
        path: validation.path,
      });
  }
  for (const [index, annotation] of policy.auditAnnotations.entries()) {
    const result = attempt(() => annotation.program.evaluate(bindings));
    const path = ['spec', 'auditAnnotations', index, 'valueExpression'];
    if (!result.ok)
      outcomes.push(...failure(policy, { expression: annotation.expression, path }, result.error));
  }
  return outcomes;
}

/** True where all hold; otherwise what is to be reported, which is nothing where one does not hold. */
function checkConditions(policy: Policy, bindings: Bindings): true | readonly Outcome[] {
  const errors: { message: string; error: CelError }[] = [];
  for (const { expression, program } of policy.matchConditions) {
    const result = attempt(() => program.evaluate(bindings));
    if (!result.ok) errors.push({ message: errorMessage(expression, result.error), error: result.error });
    else if (result.value === false) return [];
  }
  if (errors.length === 0) return true;
  const lacking = errors.find(({ error }) => error.unsupported);
  if (lacking) return [unsupported(lacking.message, matchConditionsPath)];
  if (policy.failurePolicy === 'Ignore') return [];
  const messages = [...new Set(errors.map(({ message }) => message))];
  const message = messages.length === 1 ? (messages[0] as string) : `[${messages.join(', ')}]`;
  return [{ kind: 'error', message, reason: 'Invalid', path: matchConditionsPath }];
}

function failure(
  policy: Policy,
  { expression, path }: { readonly expression: string; readonly path: ExpressionPath },
  error: CelError,
): Outcome[] {
  const message = errorMessage(expression, error);
  if (error.unsupported) return [unsupported(message, path)];
  if (policy.failurePolicy === 'Ignore') return [];
  return [{ kind: 'error', message, reason: 'Invalid', path }];
}

const unsupported = (message: string, path: ExpressionPath): Outcome => ({
  kind: 'unsupported',
  message,
  reason: '',
  path,
});

const errorMessage = (expression: string, error: CelError): string =>
  `expression '${expression}' resulted in error: ${error.message}`;

function messageOf(validation: Policy['validations'][number], bindings: Bindings): string {
  const { messageProgram } = validation;
  const result = messageProgram && attempt(() => messageProgram.evaluate(bindings));
  const text = result?.ok && typeof result.value === 'string' ? trimSpace(result.value) : '';
  if (text !== '' && Buffer.byteLength(text) <= longestMessage && !text.includes('\n')) return text;
  return trimSpace(validation.message) || `failed expression: ${trimSpace(validation.expression)}`;
}

type Attempt =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: CelError };

function attempt(evaluate: () => Value): Attempt {
  try {
    return { ok: true, value: evaluate() };
  } catch (error) {
    if (error instanceof CelError) return { ok: false, error };
    // Deep recursion and the like: the server has a budget for that, and refuses as well.
    if (error instanceof RangeError) return { ok: false, error: new CelError(error.message) };
    throw error;
  }
}

/** A policy's variables are worked out when they are first used, and once. */
function bind(policy: Policy, inputs: Inputs): Bindings {
  const known = new Map<string, Attempt>();
  const variables: Lazy = {
    type: 'lazy',
    get: (name) => {
      const result = known.get(name) ?? workOut(name);
      if (result === undefined) return undefined;
      known.set(name, result);
      if (result.ok) return result.value;
      throw result.error;
    },
  };
  const workOut = (name: string): Attempt | undefined => {
    const variable = policy.variables.find((one) => one.name === name);
    if (!variable) return undefined;
    const result = attempt(() => variable.program.evaluate(bindings));
    if (result.ok) return result;
    const message = `composited variable ${JSON.stringify(name)} fails to evaluate: ${result.error.message}`;
    return { ok: false, error: new CelError(message, result.error.unsupported) };
  };
  const bindings: Bindings = (name) => {
    switch (name) {
      case 'object':
        return inputs.object;
      case 'request':
        return inputs.request;
      case 'namespaceObject':
        return inputs.namespaceObject;
      case 'params':
        return inputs.params;
      case 'variables':
        return variables;
      case 'authorizer':
      case 'authorizer.requestResource':
        throw new CelError(
          "`authorizer` asks the API server's own authorizer, which is not at hand here",
          true,
        );
      default:
        // oldObject: nothing is there before it is made.
        return null;
    }
  };
  return bindings;
}
