import { describe } from '../../finding.ts';
import { get, textIn } from '../json.ts';
import { addedObjects, removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

const kind = 'kustomize.toolkit.fluxcd.io/Kustomization';

export const kustomizationRemoved: DangerRule = {
  id: 'kustomization-removed',
  severity: 'danger',
  title: 'A Flux Kustomization is no longer in Git, or has another name',
  why: 'Before it goes, Flux deletes everything that it applied. A new name is a new Kustomization: whether the old one deletes before or after the new one has taken the objects over is a race.',
  fix: 'To rename it, first give the old one `prune: false`, let that reconcile, then rename. To remove it for good, remove its stores with their own runbook first.',
  *check(change) {
    for (const removed of removedObjects(change, kind)) {
      const applied = change.before.filter(({ component }) => component === removed.before.name);
      const gone = change.objects.filter(
        ({ component, fate }) => component === removed.before.name && fate?.deleted === true,
      );
      const moved = change.objects.filter(({ movedFrom }) => movedFrom === removed.before.name);
      const [first] = gone.length > 0 ? gone : moved;
      if (!removed.fate.deleted || !first || !prunes(removed.before.value)) {
        yield report(
          removed,
          [],
          `it is no longer in Git; ${applied.length === 0 ? 'it applied nothing' : 'what it applied stays in the cluster, and nothing keeps it as Git says'}`,
          {
            severity: 'notice',
            fix: 'Delete by hand what is left over.',
          },
        );
        continue;
      }
      const heir = addedObjects(change, kind).find(
        ({ after }) =>
          textIn(after.value, ['spec', 'path']) === textIn(removed.before.value, ['spec', 'path']) ||
          moved.some(({ component }) => component === after.name),
      );
      const list = `${count(gone.length + moved.length)}, among them ${describe(first.reference)}`;
      yield report(
        removed,
        [],
        heir
          ? `it is called ${heir.after.name} now: Flux deletes what the old one applied (${list}), or the new one takes it over first`
          : `it is no longer in Git: Flux deletes what it applied (${list})`,
      );
    }
  },
};

const prunes = (value: Parameters<typeof get>[0]): boolean => {
  if (get(value, ['spec', 'suspend']) === true) return false;
  const policy = textIn(value, ['spec', 'deletionPolicy']) ?? 'MirrorPrune';
  return policy !== 'Orphan' && (policy !== 'MirrorPrune' || get(value, ['spec', 'prune']) !== false);
};

const count = (number: number): string => `${number} object${number === 1 ? '' : 's'}`;
