import { get, isEqual, textIn } from '../json.ts';
import { keptObjects, removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

const kind = 'helm.toolkit.fluxcd.io/HelmRelease';

export const helmIdentity: DangerRule = {
  id: 'helm-identity',
  severity: 'danger',
  title: 'A HelmRelease is gone, or stands for another release',
  why: 'Another release name, namespace or storage namespace makes helm-controller uninstall the old release with all that it made, then install a new one. Without its HelmRelease a release is uninstalled.',
  fix: 'Leave releaseName, targetNamespace and storageNamespace as they are; before a removal, remove what uses the add-on.',
  *check(change) {
    for (const removed of removedObjects(change, kind))
      if (removed.fate.deleted && get(removed.before.value, ['spec', 'suspend']) !== true)
        yield report(
          removed,
          [],
          'it is no longer in Git: the release is uninstalled, with all that its chart made',
        );
    for (const kept of keptObjects(change, kind)) {
      for (const field of ['releaseName', 'targetNamespace', 'storageNamespace']) {
        const [before, after] = [kept.before, kept.after].map(({ value }) => get(value, ['spec', field]));
        if (!isEqual(before, after))
          yield report(
            kept,
            ['spec', field],
            `${field} changes from ${before ?? 'none'} to ${after ?? 'none'}: the release is uninstalled and installed anew`,
          );
      }
      const path = ['spec', 'chart', 'spec', 'chart'];
      const [before, after] = [kept.before, kept.after].map(({ value }) => textIn(value, path));
      if (before !== undefined && after !== undefined && before !== after)
        yield report(
          kept,
          path,
          `it installs another chart, ${after} instead of ${before}: what the old one made goes`,
        );
    }
  },
};
