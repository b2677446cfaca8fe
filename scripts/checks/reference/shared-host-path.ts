import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, textAt, toJson } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const sharedHostPath: Rule<ReferenceSubject> = {
  id: 'reference/shared-host-path',
  severity: 'error',
  title: 'No two PersistentVolumes lie in the same directory of a node',
  why: 'Two stores would write into one directory and destroy each other’s files.',
  fix: 'Give each PersistentVolume a directory of its own.',
  docs: 'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
  scope: 'general',
  *check(subject) {
    const owners = new Map<string, RenderedObject>();
    for (const volume of subject.all('', 'PersistentVolume')) {
      const source = ['hostPath', 'local'].find((field) => at(volume.node, ['spec', field]));
      const path = source && textAt(volume.node, ['spec', source, 'path'])?.replace(/\/+$/, '');
      if (!source || !path) continue;
      const affinity = at(volume.node, ['spec', 'nodeAffinity']);
      // The same path on another node is another directory.
      const key = `${path} ${affinity ? JSON.stringify(toJson(affinity)) : ''}`;
      const owner = owners.get(key);
      if (!owner) owners.set(key, volume);
      // One volume that two Kustomizations apply is another fault.
      else if (owner.name === volume.name) continue;
      // One directory that is shared on purpose says so by its access mode.
      else if (!(isShared(owner) && isShared(volume)))
        yield {
          message: `${describe(volume)} lies in ${path}, as ${describe(owner)} does: both would write into one directory`,
          fix: `Give ${describe(volume)} a directory of its own.`,
          at: locate(volume, ['spec', source, 'path']),
          object: volume,
        };
    }
  },
};

const isShared = (volume: RenderedObject): boolean => {
  const modes = at(volume.node, ['spec', 'accessModes']);
  const list = modes ? toJson(modes) : [];
  return Array.isArray(list) && (list.includes('ReadWriteMany') || list.includes('ReadOnlyMany'));
};
