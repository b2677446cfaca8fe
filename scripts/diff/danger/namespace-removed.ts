import { removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const namespaceRemoved: DangerRule = {
  id: 'namespace-removed',
  severity: 'danger',
  title: 'A Namespace is no longer in Git',
  why: 'With a namespace Kubernetes deletes all that is in it, whoever made it: claims, Secrets, what other Kustomizations applied.',
  fix: 'Keep it, with the annotation `kustomize.toolkit.fluxcd.io/prune: disabled`, and delete it by hand when it is empty.',
  *check(change) {
    for (const removed of removedObjects(change, '/Namespace'))
      yield removed.fate.deleted
        ? report(removed, [], 'Flux deletes it, and everything in it')
        : report(removed, [], `it is no longer in Git, and stays in the cluster: ${removed.fate.reason}`, {
            severity: 'notice',
            fix: 'Delete it by hand when it is empty.',
          });
  },
};
