import { describe } from '../../finding.ts';
import { budgetsOf, podsWanted, replicasOf } from './budget-blocks-drain.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const replicasReduced: DangerRule = {
  id: 'replicas-reduced',
  severity: 'danger',
  title: 'A workload is scaled to nothing, or below what its PodDisruptionBudget asks for',
  why: 'With 0 replicas what it serves is gone. With fewer than its budget wants to be up, quorum or redundancy is lost, and no node can be drained.',
  fix: 'Keep the replicas; to stop a workload on purpose, say so by name when it is merged or promoted.',
  *check(change) {
    for (const kept of keptObjects(change, 'apps/Deployment', 'apps/StatefulSet', 'apps/ReplicaSet')) {
      const [before, after] = [replicasOf(kept.before), replicasOf(kept.after)];
      if (before === undefined || after === undefined || after >= before) continue;
      const path = ['spec', 'replicas'];
      if (after === 0) {
        yield report(kept, path, `it is scaled from ${before} to 0: it stops`);
        continue;
      }
      const budget = budgetsOf(kept.after, change.after).find((candidate) => {
        const wanted = podsWanted(candidate, before);
        return wanted !== undefined && after < wanted;
      });
      if (budget)
        yield report(
          kept,
          path,
          `it is scaled from ${before} to ${after}, fewer than ${describe(budget)} wants to be up`,
        );
      else if (kept.after.kind === 'StatefulSet')
        yield report(
          kept,
          path,
          `it is scaled from ${before} to ${after}: what the last ones hold is out of reach`,
          {
            severity: 'notice',
            fix: 'Move the data of the replicas that go to the others first, as the scaling runbook says.',
          },
        );
    }
  },
};
