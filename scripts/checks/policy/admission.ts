import { describe, type Severity } from '../../finding.ts';
import type { ValidationAction } from '../../kubernetes/admission/index.ts';
import { locate } from '../../render/object.ts';
import type { Report, Rule } from '../rule.ts';
import { blame } from './blame.ts';
import type { DecisionOn, PolicySubject } from './subject.ts';

/** What a binding's actions do to whoever applies the object. */
export const severityOf = (actions: readonly ValidationAction[]): Severity =>
  actions.includes('Deny') ? 'error' : actions.includes('Warn') ? 'warning' : 'info';

/** The server's words for a decision. */
export function serverMessage({ decision }: DecisionOn): string {
  const { policy, binding, message, actions } = decision;
  return actions.includes('Deny')
    ? `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`
    : `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`;
}

export const admission: Rule<PolicySubject> = {
  id: 'policy/admission',
  severity: 'error',
  scope: 'general',
  title: 'The ValidatingAdmissionPolicies of the cluster let every object pass.',
  why: 'The API server refuses the object, and Flux applies nothing of its Kustomization. A binding that only warns lets it pass, with a warning; one that audits, in silence.',
  fix: 'Follow the message, which comes from the policy itself.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/',
  *check(subject) {
    const denied = subject.decisions.filter(({ decision }) => decision.kind === 'denied');
    const lenient = new Map<string, DecisionOn[]>();
    for (const one of denied) {
      if (severityOf(one.decision.actions) === 'error' || !subject.together) yield report(one);
      else {
        const key = one.decision.binding;
        lenient.set(key, [...(lenient.get(key) ?? []), one]);
      }
    }
    for (const group of lenient.values()) yield* reportTogether(subject, group);
  },
};

function report(one: DecisionOn): Report {
  return {
    message: serverMessage(one),
    at: blame(one.object, one.decision.message),
    object: one.object,
    severity: severityOf(one.decision.actions),
  };
}

/** A policy that warns of everything would bury the rest: it is one finding, where its binding says that it only warns. */
function* reportTogether(subject: PolicySubject, group: readonly DecisionOn[]): Generator<Report> {
  const [first] = group as [DecisionOn, ...DecisionOn[]];
  const objects = [...new Set(group.map(({ object }) => object))];
  const binding = subject.binding(first.decision.binding);
  if (objects.length === 1 || !binding) {
    for (const one of group) yield report(one);
    return;
  }
  const { policy, actions } = first.decision;
  const severity = severityOf(actions);
  const verb = severity === 'warning' ? 'warns of' : 'audits';
  yield {
    message: `ValidatingAdmissionPolicy '${policy}' ${verb} ${objects.length} objects, the first of them ${describe(first.object)}: ${first.decision.message}`,
    at: locate(binding, ['spec', 'validationActions']),
    object: binding,
    severity,
  };
}
