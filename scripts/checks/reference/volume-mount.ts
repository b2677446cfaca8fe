import { describe } from '../../finding.ts';
import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { claimTemplatesOf, isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const volumeMount: Rule<ReferenceSubject> = {
  id: 'reference/volume-mount',
  severity: 'error',
  title: 'Every volumeMount and volumeDevice names a volume of its pod',
  why: 'The API server refuses the object; in a StatefulSet it accepts it and then refuses each of its pods.',
  fix: 'Correct the name, or add the volume or volumeClaimTemplate.',
  docs: 'https://kubernetes.io/docs/concepts/storage/volumes/',
  scope: 'general',
  *check(subject) {
    for (const { object, template } of subject.workloads) {
      if (!isPodKind(object)) continue;
      const names = new Set([
        ...volumesOf(template).map(({ name }) => name),
        ...claimTemplatesOf(object).map(({ name }) => name),
      ]);
      for (const container of containersOf(template))
        for (const field of ['volumeMounts', 'volumeDevices'])
          for (const [index, mount] of itemsAt(container.node, [field]).entries()) {
            const name = textAt(mount, ['name']);
            if (name === undefined || names.has(name)) continue;
            const where = textAt(mount, ['mountPath']) ?? textAt(mount, ['devicePath']);
            yield {
              message: `${describe(object)}: container \`${container.name}\` mounts volume \`${name}\`${where ? ` at ${where}` : ''}, and the pod has no such volume: no pod is made${didYouMean(name, names)}`,
              fix: `Write one of the pod's volumes (${[...names].join(', ') || 'it has none'}), or add a volume \`${name}\`.`,
              at: locate(object, [...container.path, field, index, 'name']),
              object,
            };
          }
    }
  },
};
