import { volumesOf } from '../../kubernetes/pod-template.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';
import { claimsOf } from './storage-claims.ts';

export const persistentVolumeClaim: Rule<ReferenceSubject> = {
  id: 'reference/persistent-volume-claim',
  severity: 'error',
  title: 'A PersistentVolumeClaim that a pod mounts exists in its namespace',
  why: 'The scheduler places no pod whose claim is missing: it stays Pending.',
  fix: 'Correct the name, or add the PersistentVolumeClaim.',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes',
  scope: 'general',
  *check(subject) {
    const made = new Set(claimsOf(subject).map(({ namespace, name }) => `${namespace}/${name}`));
    for (const { object, namespace, template } of subject.workloads) {
      if (!isPodKind(object)) continue;
      for (const volume of volumesOf(template)) {
        const name = textAt(volume.node, ['persistentVolumeClaim', 'claimName']);
        if (name === undefined || made.has(`${namespace}/${name}`)) continue;
        yield* reportMissing(subject, {
          object,
          path: [...volume.path, 'persistentVolumeClaim', 'claimName'],
          target: { group: '', kind: 'PersistentVolumeClaim', namespace, name },
          reader: `volume \`${volume.name}\``,
          consequence: 'its pods stay Pending',
        });
      }
    }
  },
};
