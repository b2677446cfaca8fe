import { listIn, textIn } from '../json.ts';
import { removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const storeRemoved: DangerRule = {
  id: 'store-removed',
  severity: 'danger',
  title: 'A StatefulSet with volumes of its own is no longer in Git',
  why: 'Flux deletes it, and what it serves is gone. Its claims stay, and the data with them, unless its retention policy says Delete.',
  fix: 'Scale it to 0 first, and remove it when nothing misses it.',
  *check(change) {
    for (const removed of removedObjects(change, 'apps/StatefulSet')) {
      const { value } = removed.before;
      const count = listIn(value, ['spec', 'volumeClaimTemplates']).length;
      if (count === 0) continue;
      const claims = `its ${count === 1 ? 'claim' : `${count} claims`} a replica`;
      const policy = textIn(value, ['spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted']);
      yield removed.fate.deleted
        ? report(
            removed,
            [],
            policy === 'Delete'
              ? `Flux deletes it, and ${claims} with it: the data is lost`
              : `Flux deletes it; ${claims} stay, and nothing serves their data`,
          )
        : report(removed, [], `it is no longer in Git, and goes on running: ${removed.fate.reason}`, {
            severity: 'notice',
            fix: 'Delete it by hand when nothing misses it.',
          });
    }
  },
};
