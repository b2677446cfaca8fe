import type { Json } from '../../yaml/node.ts';
import { get, listIn, textIn } from '../json.ts';
import { keptObjects, removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const definitionRemoved: DangerRule = {
  id: 'definition-removed',
  severity: 'danger',
  title: 'A CustomResourceDefinition, or a version that it serves, is no longer in Git',
  why: 'With a definition Kubernetes deletes all objects of its kind in all namespaces, and controllers take down what those stood for. Objects of a version that is no longer served can be neither read nor applied.',
  fix: 'Remove what uses the kind first; move the objects to another version before one goes.',
  *check(change) {
    const kind = 'apiextensions.k8s.io/CustomResourceDefinition';
    for (const removed of removedObjects(change, kind))
      yield removed.fate.deleted
        ? report(
            removed,
            [],
            `Flux deletes it, and every ${textIn(removed.before.value, ['spec', 'names', 'kind'])} in the cluster with it`,
          )
        : report(removed, [], `it is no longer in Git, and stays in the cluster: ${removed.fate.reason}`, {
            severity: 'notice',
            fix: 'Delete it by hand when nothing is of its kind any more.',
          });
    for (const kept of keptObjects(change, kind)) {
      const after = new Set(served(kept.after.value));
      for (const version of served(kept.before.value))
        if (!after.has(version))
          yield report(kept, ['spec', 'versions'], `version ${version} is no longer served`);
    }
  },
};

const served = (value: Json): readonly string[] =>
  listIn(value, ['spec', 'versions'])
    .filter((version) => get(version, ['served']) === true)
    .flatMap((version) => textIn(version, ['name']) ?? []);
