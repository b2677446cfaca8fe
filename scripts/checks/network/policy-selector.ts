import { describe } from '../../finding.ts';
import { printRequirement } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { reportUnmatched } from '../reference/pod-selector.ts';
import type { Rule } from '../rule.ts';
import type { NetworkSubject } from './subject.ts';

export const policySelector: Rule<NetworkSubject> = {
  id: 'network/policy-selector',
  severity: 'warning',
  title: 'The podSelector of a NetworkPolicy matches pods',
  why: 'A policy that matches no pod neither protects nor admits anything; the pods that were meant keep what other policies leave them.',
  fix: 'Write labels that the pod template of the workload has.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  scope: 'general',
  *check(subject) {
    for (const { object, namespace, pods } of subject.ownPolicies) {
      if (subject.pods.some((group) => group.namespace === namespace && group.fulfils(pods))) continue;
      // Where flows.yaml tells of the pods that the gate does not see, those that it does not name are not there.
      if (subject.plan?.closed.has(namespace) && pods.length > 0 && !subject.broken)
        yield {
          message: `${describe(object)}: no pod of namespace ${namespace} has ${pods.map(printRequirement).join(', ')}, and network/flows.yaml knows of none: the policy applies to nothing`,
          at: locate(object, ['spec', 'podSelector']),
          object,
          severity: 'error',
        };
      else
        yield* reportUnmatched(
          subject.index,
          object,
          ['spec', 'podSelector'],
          'the policy applies to nothing',
        );
    }
  },
};
