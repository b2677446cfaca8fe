import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  CelError,
  CelSyntaxError,
  compile,
  fromJson,
  parseType,
  printType,
  type Value,
} from '../../../scripts/kubernetes/cel/index.ts';

/** What kube-apiserver 1.36.3 said when the expression stood in a policy, and when the policy met the object below. */
type Verdict =
  | { readonly expression: string; readonly refused: string }
  /** `true`, `false`, or `error: …`. */
  | { readonly expression: string; readonly result: string };

const verdicts = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/server-verdicts.json'), 'utf8'),
) as Verdict[];

const object: Value = fromJson({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'probe',
    namespace: 'default',
    labels: { a: 'x', b: 'y' },
    annotations: { 'n/e': 'v' },
  },
  data: {
    one: '1',
    url: 'https://user@example.com:8080/p/a?q=1&q=2&r=%20z#f',
    q: '1500m',
    e: '',
    long: 'héllo wörld',
    ip: '10.1.2.3',
  },
});

const dyn = parseType('dyn');
const variables = {
  object: dyn,
  oldObject: dyn,
  request: { kind: 'object', name: 'request', fields: { operation: parseType('string') } },
} as const;
const bindings: Readonly<Record<string, Value>> = { object, request: fromJson({ operation: 'CREATE' }) };

/** Types of types are not told apart. */
const known = new Set(['type(1) in [int, string]']);

function verdictOf(expression: string): string {
  try {
    const program = compile(expression, variables);
    if (program.type.kind !== 'bool') return `must evaluate to bool but got ${printType(program.type)}`;
    return String(program.evaluate((name) => bindings[name] ?? null));
  } catch (error) {
    if (error instanceof CelError) return `error: ${error.message}`;
    if (error instanceof CelSyntaxError) return `refused: ${error.message}`;
    throw error;
  }
}

test('there are verdicts to agree with', () => {
  expect(verdicts.length).toBeGreaterThan(500);
});

describe('expressions that the server refuses', () => {
  const refused = verdicts.filter((one) => 'refused' in one && !known.has(one.expression));
  test.each(refused)('$expression', (verdict) => {
    const mine = verdictOf(verdict.expression);
    const { refused: server } = verdict as { refused: string };
    // Parsers have words of their own, and so has the checker of mixed lists.
    if (/^Syntax error|not an identifier|^expected type .* but found 'list/.test(server))
      expect(mine).toMatch(/^refused: /);
    else expect(mine).toContain(server);
  });
});

describe('results', () => {
  test.each(verdicts.filter((one) => 'result' in one))('$expression', (verdict) => {
    expect(verdictOf(verdict.expression)).toBe((verdict as { result: string }).result);
  });
});
