import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { claimTemplatesOf } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';

export const storageClass: Rule<ReferenceSubject> = {
  id: 'reference/storage-class',
  severity: 'error',
  title: 'The StorageClass of a claim exists',
  why: 'A claim of a class that does not exist stays Pending, and so do its pods.',
  fix: "Write the name of a StorageClass of the environment; `''` binds to volumes without a class.",
  docs: 'https://kubernetes.io/docs/concepts/storage/storage-classes/',
  scope: 'general',
  *check(subject) {
    // An environment without any takes those that its cluster came with.
    if (subject.everywhere('storage.k8s.io', 'StorageClass').length === 0) return;
    const volumeClasses = new Set(
      subject
        .everywhere('', 'PersistentVolume')
        .map((volume) => textAt(volume.node, ['spec', 'storageClassName'])),
    );
    const claims = [
      ...subject.all('', 'PersistentVolumeClaim').map((object) => ({ object, path: [], node: object.node })),
      ...subject
        .all('apps', 'StatefulSet')
        .flatMap((object) => claimTemplatesOf(object).map(({ node, path }) => ({ object, path, node }))),
    ];
    for (const { object, path, node } of claims) {
      const name = textAt(node, ['spec', 'storageClassName']);
      // A class that exists only as a word on both sides binds volumes too.
      if (!name || volumeClasses.has(name)) continue;
      yield* reportMissing(subject, {
        object,
        path: [...path, 'spec', 'storageClassName'],
        target: { group: 'storage.k8s.io', kind: 'StorageClass', name },
        reader: '`storageClassName`',
        consequence: 'the claim stays Pending, and so do its pods',
      });
    }
  },
};
