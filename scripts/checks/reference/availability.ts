import { describe } from '../../finding.ts';
import { requirementsOf } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { at, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ReferenceSubject, Workload } from './index-objects.ts';
import { selectedWorkloads, unmetBy } from './matching-pods.ts';
import { replicasOf } from './replicas.ts';

const hostname = 'kubernetes.io/hostname';

export const availability: Rule<ReferenceSubject> = {
  id: 'reference/availability',
  severity: 'error',
  title: 'What has several pods keeps them on different nodes, and a drain takes one at a time',
  why: 'Two pods on one node go down with it, and a drain without a budget evicts all pods that it finds at once: the second pod costs its memory and protects nobody. A budget around a single pod tells that there were to be more.',
  fix: 'Give the workload a PodDisruptionBudget with maxUnavailable 1, and a topologySpreadConstraint over kubernetes.io/hostname with DoNotSchedule.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  scope: 'infometis',
  *check(subject) {
    const facts = `overlays/${subject.environment.name}/environment/environment.yaml`;
    // One node has nothing to spread over, and a drain of it is its end.
    if (textAt(subject.sources.yaml(facts)?.documents[0]?.node, ['data', 'nodeCount']) === '1') return;
    const guarded = new Map<Workload, string>();
    for (const budget of subject.all('policy', 'PodDisruptionBudget')) {
      const selector = requirementsOf(at(budget.node, ['spec', 'selector']));
      for (const workload of selectedWorkloads(subject, subject.namespaceOf(budget) ?? 'default', selector))
        guarded.set(workload, describe(budget));
    }
    for (const workload of subject.workloads) yield* checkWorkload(subject, workload, guarded.get(workload));
  },
};

function* checkWorkload(
  subject: ReferenceSubject,
  workload: Workload,
  budget: string | undefined,
): Generator<Report> {
  const { object } = workload;
  const replicas = replicasOf(subject, object);
  if (replicas === undefined || replicas === 0) return;
  const report = (message: string, fix: string): Report => ({
    message: `${describe(object)}: ${message}`,
    fix,
    at: locate(object, ['spec', 'replicas']),
    object,
  });
  if (replicas === 1) {
    if (budget !== undefined)
      yield report(
        `it has 1 replica, and ${budget} is for several: when its node is drained or lost, nothing takes over`,
        'Give it the replicas back, or take its PodDisruptionBudget away.',
      );
    return;
  }
  if (budget === undefined)
    yield report(
      `it has ${replicas} replicas and no PodDisruptionBudget: a drain may evict all of them at once`,
      'Add a PodDisruptionBudget with maxUnavailable 1.',
    );
  if (!isSpread(workload))
    yield report(
      `nothing keeps its ${replicas} replicas on different nodes: the loss of one node may take all of them`,
      `Add a topologySpreadConstraint over ${hostname} with whenUnsatisfiable DoNotSchedule whose labelSelector its own pods fulfil.`,
    );
}

function isSpread(workload: Workload): boolean {
  const { spec } = workload.template;
  const countsOwn = (term: Node): boolean =>
    at(term, ['labelSelector']) !== undefined &&
    textAt(term, ['topologyKey']) === hostname &&
    unmetBy(workload, requirementsOf(at(term, ['labelSelector']))).length === 0;
  return (
    itemsAt(spec, ['topologySpreadConstraints']).some(
      (constraint) =>
        countsOwn(constraint) &&
        (textAt(constraint, ['whenUnsatisfiable']) ?? 'DoNotSchedule') === 'DoNotSchedule',
    ) ||
    itemsAt(spec, ['affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution']).some(
      countsOwn,
    )
  );
}
