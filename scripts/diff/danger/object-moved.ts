import { isProtected } from '../fate.ts';
import { get, listIn } from '../json.ts';
import { isOneOf, keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const objectMoved: DangerRule = {
  id: 'object-moved',
  severity: 'notice',
  title: 'Another Flux Kustomization applies an object than before',
  why: 'The one that no longer has it deletes it, unless the other has taken it over by then: whichever reconciles first decides. What is deleted is made again, empty.',
  fix: 'Annotate the object `kustomize.toolkit.fluxcd.io/prune: disabled` in a change before this one, and take the annotation away afterwards.',
  *check(change) {
    const gone = new Set(change.removedComponents);
    for (const moved of keptObjects(change)) {
      // Of a Kustomization that is gone altogether its own rule tells.
      if (moved.movedFrom === undefined || gone.has(moved.movedFrom)) continue;
      if (isProtected(moved.before)) continue;
      const old = change.buildsBefore.get(moved.movedFrom)?.kustomization;
      if (old && get(old.value, ['spec', 'prune']) === false) continue;
      const holdsData =
        isOneOf(moved.before, ['/PersistentVolumeClaim', '/PersistentVolume', '/Namespace']) ||
        isOneOf(moved.before, ['apiextensions.k8s.io/CustomResourceDefinition']) ||
        listIn(moved.before.value, ['spec', 'volumeClaimTemplates']).length > 0;
      yield report(
        moved,
        [],
        `it moves from Kustomization ${moved.movedFrom} to ${moved.component}: it may be deleted before the new one takes it over`,
        holdsData ? { severity: 'danger' } : {},
      );
    }
  },
};
