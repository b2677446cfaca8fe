import { removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const volumeRemoved: DangerRule = {
  id: 'volume-removed',
  severity: 'danger',
  title: 'A volume or a claim is no longer in Git',
  why: 'Flux deletes it. With a claim goes its volume, unless that is to be retained, and with the volume the data.',
  fix: 'Keep it, or annotate it `kustomize.toolkit.fluxcd.io/prune: disabled` in a change before this one, and delete it by hand when its data is safe.',
  *check(change) {
    for (const removed of removedObjects(change, '/PersistentVolumeClaim', '/PersistentVolume'))
      yield removed.fate.deleted
        ? report(removed, [], 'it is no longer in Git, and Flux deletes it: its data may go with it')
        : report(removed, [], `it is no longer in Git, and stays in the cluster: ${removed.fate.reason}`, {
            severity: 'notice',
            fix: 'When its data is safe, delete it by hand.',
          });
  },
};
