import type { ExpressionProblem } from '../../kubernetes/admission/index.ts';
import { locate } from '../../render/object.ts';
import type { Report, Rule } from '../rule.ts';
import type { PolicySubject } from './subject.ts';

export const expression: Rule<PolicySubject> = {
  id: 'policy/expression',
  severity: 'error',
  scope: 'general',
  title: 'The expressions of ValidatingAdmissionPolicies are valid CEL, of the type that is wanted.',
  why: 'The API server refuses the policy, and what it should keep out gets in.',
  fix: 'Correct the expression. What it may use is in the Kubernetes documentation under “Common Expression Language in Kubernetes”.',
  docs: 'https://kubernetes.io/docs/reference/using-api/cel/',
  *check({ problems }) {
    for (const { object, problem } of problems)
      if (!problem.unsupported)
        yield { message: problemMessage(problem), at: locate(object, problem.path), object };
  },
};

/** The server's words for an expression that does not compile. */
function problemMessage({ path, message, expression: text, at }: ExpressionProblem): Report['message'] {
  const field = path.reduce<string>(
    (joined, part) =>
      typeof part === 'number' ? `${joined}[${part}]` : joined === '' ? part : `${joined}.${part}`,
    '',
  );
  if (message.startsWith('must evaluate to')) return `${field}: ${message}`;
  const before = text.slice(0, at).split('\n');
  return `${field}: compilation failed: ERROR: <input>:${before.length}:${(before.at(-1) ?? '').length + 1}: ${message}`;
}
