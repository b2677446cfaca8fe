import { describe } from '../../finding.ts';
import { requirementsOf } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { selectedWorkloads } from './matching-pods.ts';
import { replicasOf } from './replicas.ts';

export const blockedDrain: Rule<ReferenceSubject> = {
  id: 'reference/blocked-drain',
  severity: 'error',
  title: 'A PodDisruptionBudget lets at least one of its pods be evicted',
  why: 'Draining a node asks for the eviction of its pods, again and again. A budget that never allows one keeps the node from ever being emptied: no upgrade, no repair.',
  fix: 'Write `maxUnavailable: 1`, or fewer in minAvailable than there are pods.',
  docs: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  scope: 'infometis',
  *check(subject) {
    for (const budget of subject.all('policy', 'PodDisruptionBudget')) {
      const field = ['maxUnavailable', 'minAvailable'].find((name) => at(budget.node, ['spec', name]));
      if (field === undefined) continue;
      const selector = requirementsOf(at(budget.node, ['spec', 'selector']));
      const namespace = subject.namespaceOf(budget) ?? 'default';
      const counts = selectedWorkloads(subject, namespace, selector).map(({ object }) =>
        replicasOf(subject, object),
      );
      let pods = 0;
      for (const count of counts) pods += count ?? Number.NaN;
      const value = at(budget.node, ['spec', field]);
      const wanted = value?.type === 'scalar' ? countOf(value.value, pods) : undefined;
      // Without pods there is nothing to evict; of those that nobody counts here nothing can be said.
      if (!(pods > 0) || wanted === undefined) continue;
      if ((field === 'maxUnavailable' ? wanted : pods - wanted) > 0) continue;
      yield {
        message: `${describe(budget)}: with ${field} ${value?.type === 'scalar' ? value.value : ''} and ${pods} pod${pods === 1 ? '' : 's'} no eviction is ever allowed: the drain of a node that has one of them never ends`,
        at: locate(budget, ['spec', field]),
        object: budget,
      };
    }
  },
};

/** A number of pods, or a share of them; the disruption controller rounds both shares up. */
function countOf(value: unknown, pods: number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * pods) / 100);
}
