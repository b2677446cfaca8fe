import { describe } from '../../finding.ts';
import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { claimTemplatesOf, isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const unusedVolume: Rule<ReferenceSubject> = {
  id: 'reference/unused-volume',
  severity: 'warning',
  title: 'Every volume of a pod is mounted by one of its containers',
  why: 'The pod waits for a volume that nothing reads, and what was to be stored in it is lost with the container.',
  fix: 'Mount the volume in the container that needs it, or remove it.',
  docs: 'https://kubernetes.io/docs/concepts/storage/volumes/',
  scope: 'general',
  *check(subject) {
    for (const { object, template } of subject.workloads) {
      if (!isPodKind(object)) continue;
      const mounted = new Set(
        containersOf(template).flatMap(({ node }) =>
          ['volumeMounts', 'volumeDevices'].flatMap((field) =>
            itemsAt(node, [field]).map((mount) => textAt(mount, ['name'])),
          ),
        ),
      );
      for (const { name, path } of [...volumesOf(template), ...claimTemplatesOf(object)])
        if (name !== '' && !mounted.has(name))
          yield {
            message: `${describe(object)}: no container mounts volume \`${name}\``,
            fix: `Add a volumeMount of \`${name}\` to the container that needs it, or remove the volume.`,
            at: locate(object, path),
            object,
          };
    }
  },
};
