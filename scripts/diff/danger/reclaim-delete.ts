import { textIn } from '../json.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const reclaimDelete: DangerRule = {
  id: 'reclaim-delete',
  severity: 'danger',
  title: 'A volume that outlived its claim, or a claim that outlived its StatefulSet, no longer does',
  why: 'From then on deleting the claim, scaling down or deleting the StatefulSet deletes the data, too.',
  fix: 'Keep `Retain`.',
  *check(change) {
    for (const kept of keptObjects(change, '/PersistentVolume')) {
      const path = ['spec', 'persistentVolumeReclaimPolicy'];
      // A volume that is made by hand is retained unless it says otherwise.
      const [before, after] = [kept.before, kept.after].map(({ value }) => textIn(value, path) ?? 'Retain');
      if (before === 'Retain' && after !== 'Retain')
        yield report(kept, path, `its data is deleted with its claim: ${after} instead of Retain`);
    }
    for (const kept of keptObjects(change, 'apps/StatefulSet'))
      for (const field of ['whenDeleted', 'whenScaled']) {
        const path = ['spec', 'persistentVolumeClaimRetentionPolicy', field];
        const [before, after] = [kept.before, kept.after].map(({ value }) => textIn(value, path) ?? 'Retain');
        if (before === 'Retain' && after === 'Delete')
          yield report(
            kept,
            path,
            field === 'whenDeleted'
              ? 'its claims go when it is deleted'
              : 'the claims of replicas go when it is scaled down',
          );
      }
  },
};
