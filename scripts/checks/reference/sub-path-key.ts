import { describe } from '../../finding.ts';
import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { nearestName } from '../../text/nearest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { filesOf, isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const subPathKey: Rule<ReferenceSubject> = {
  id: 'reference/sub-path-key',
  severity: 'error',
  title: 'A subPath into a ConfigMap or Secret volume is one of its files',
  why: 'For a subPath that is not there the kubelet makes an empty directory, so the process finds a directory in place of its file.',
  fix: 'Write a key of the ConfigMap or Secret as `subPath`, or the `path` of one of the volume’s items.',
  docs: 'https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath',
  scope: 'general',
  *check(subject) {
    for (const { object, namespace, template } of subject.workloads) {
      if (!isPodKind(object)) continue;
      const volumes = new Map(volumesOf(template).map((volume) => [volume.name, volume]));
      for (const container of containersOf(template))
        for (const [index, mount] of itemsAt(container.node, ['volumeMounts']).entries()) {
          const subPath = textAt(mount, ['subPath'])?.replace(/\/+$/, '');
          const volume = volumes.get(textAt(mount, ['name']) ?? '');
          if (!subPath || !volume) continue;
          const files = filesOf(subject, namespace, volume.node);
          if (files === undefined || files === 'any') continue;
          const found = [...files].some((file) => file === subPath || file.startsWith(`${subPath}/`));
          if (found) continue;
          const nearest = nearestName(subPath, files);
          yield {
            message: `${describe(object)}: container \`${container.name}\` mounts \`${subPath}\` of volume \`${volume.name}\`, which holds no such file: it gets an empty directory at ${textAt(mount, ['mountPath']) ?? 'its mount path'}${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
            fix: `Write one of the volume's files: ${[...files].join(', ') || 'it has none'}.`,
            at: locate(object, [...container.path, 'volumeMounts', index, 'subPath']),
            object,
          };
        }
    }
  },
};
