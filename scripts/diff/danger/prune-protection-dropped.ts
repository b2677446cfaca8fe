import { isProtected } from '../fate.ts';
import { get, listIn } from '../json.ts';
import { isOneOf, keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const pruneProtectionDropped: DangerRule = {
  id: 'prune-protection-dropped',
  severity: 'notice',
  title: 'An object, or all of a Kustomization, loses its protection from being pruned',
  why: 'From then on a slip that takes it out of Git, a wrong path or a renamed Kustomization, deletes it.',
  fix: 'Keep the annotation on what holds data. To remove an object for good, this change comes first, the removal after it.',
  *check(change) {
    for (const kept of keptObjects(change)) {
      if (!isProtected(kept.before) || isProtected(kept.after)) continue;
      const holdsData =
        isOneOf(kept.after, [
          '/PersistentVolumeClaim',
          '/PersistentVolume',
          '/Namespace',
          'apiextensions.k8s.io/CustomResourceDefinition',
        ]) || listIn(kept.after.value, ['spec', 'volumeClaimTemplates']).length > 0;
      yield report(
        kept,
        ['metadata', 'annotations'],
        'nothing keeps Flux from deleting it any more',
        holdsData ? { severity: 'danger' } : {},
      );
    }
    for (const kept of keptObjects(change, 'kustomize.toolkit.fluxcd.io/Kustomization')) {
      const [before, after] = [kept.before, kept.after].map(({ value }) => get(value, ['spec', 'prune']));
      if (before === false && after === true)
        yield report(
          kept,
          ['spec', 'prune'],
          'it prunes now: what is no longer in Git goes, also what left it earlier',
        );
    }
  },
};
