import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import { requirementsOf, unmet } from '../../kubernetes/selectors.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import { get } from '../json.ts';
import { isOneOf, report } from './report.ts';
import type { DangerRule } from './rule.ts';

const kind = 'policy/PodDisruptionBudget';

export const budgetBlocksDrain: DangerRule = {
  id: 'budget-blocks-drain',
  severity: 'danger',
  title: 'A PodDisruptionBudget no longer lets any pod be evicted',
  why: 'The drain of a node that has one of the pods never ends: no upgrade, no repair.',
  fix: 'Write `maxUnavailable: 1`, or fewer in minAvailable than there are pods.',
  *check(change) {
    const changed = new Map(change.objects.map((item) => [item.after, item]));
    for (const budget of change.after) {
      if (!isOneOf(budget, [kind])) continue;
      const guarded = change.after.filter((object) => budgetsOf(object, [budget]).length > 0);
      const related = [budget, ...guarded].flatMap((object) => changed.get(object) ?? []);
      const [cause] = related;
      if (!cause || !isBlocking(budget, change.after)) continue;
      const old = change.before.find(
        (object) =>
          isOneOf(object, [kind]) && object.name === budget.name && object.namespace === budget.namespace,
      );
      if (old && isBlocking(old, change.before)) continue;
      yield report(
        { ...cause, after: budget, reference: budget, component: budget.component },
        ['spec'],
        'it allows no eviction any more',
      );
    }
  },
};

/** The budgets that count the pods of a workload. */
export function budgetsOf(
  workload: RenderedObject,
  objects: readonly RenderedObject[],
): readonly RenderedObject[] {
  const template = isOneOf(workload, ['batch/Job', 'batch/CronJob']) ? undefined : podTemplateOf(workload);
  if (!template) return [];
  return objects.filter(
    (object) =>
      isKind(object, 'policy', 'PodDisruptionBudget') &&
      object.namespace === workload.namespace &&
      unmet(template.labels, requirementsOf(at(object.node, ['spec', 'selector']))).length === 0,
  );
}

/** The replicas of a workload; undefined where something else decides. */
export function replicasOf(workload: RenderedObject): number | undefined {
  if (!isOneOf(workload, ['apps/Deployment', 'apps/StatefulSet', 'apps/ReplicaSet'])) return undefined;
  const replicas = get(workload.value, ['spec', 'replicas']) ?? 1;
  return typeof replicas === 'number' ? replicas : undefined;
}

/** How many of some pods a budget wants to be up. */
export function podsWanted(budget: RenderedObject, pods: number): number | undefined {
  const [least, most] = ['minAvailable', 'maxUnavailable'].map((field) => get(budget.value, ['spec', field]));
  if (least !== undefined) return countOf(least, pods);
  const allowed = countOf(most, pods);
  return allowed === undefined ? undefined : pods - allowed;
}

function isBlocking(budget: RenderedObject, objects: readonly RenderedObject[]): boolean {
  let pods = 0;
  for (const object of objects)
    if (budgetsOf(object, [budget]).length > 0) pods += replicasOf(object) ?? Number.NaN;
  // Without pods there is nothing to evict; of those that nobody counts here nothing can be said.
  if (!(pods > 0)) return false;
  const wanted = podsWanted(budget, pods);
  return wanted !== undefined && wanted >= pods;
}

/** A number of pods, or a share of them, which the disruption controller rounds up. */
function countOf(value: unknown, pods: number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * pods) / 100);
}
