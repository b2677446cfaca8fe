import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import type { RenderedObject } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const volumeUnmounted: DangerRule = {
  id: 'volume-unmounted',
  severity: 'danger',
  title: 'A container no longer sees a persistent volume where it was',
  why: 'The process starts with an empty directory there, as if it had never held data; what it writes is lost with the pod.',
  fix: 'Mount the volume where it was, or move the data together with the mount.',
  *check(change) {
    for (const kept of keptObjects(change)) {
      const after = new Set(persistentMounts(kept.after).map(keyOf));
      const now = podTemplateOf(kept.after);
      if (!now) continue;
      for (const mount of persistentMounts(kept.before))
        if (!after.has(keyOf(mount)))
          yield report(
            kept,
            now.specPath,
            `container \`${mount.container}\` no longer has ${mount.volume} at ${mount.path}`,
          );
    }
  },
};

interface Mount {
  readonly container: string;
  readonly path: string;
  /** Of what it is: `claim data`. */
  readonly volume: string;
}

const keyOf = ({ container, path, volume }: Mount): string => [container, path, volume].join('\u0000');

/** What the main containers mount of claims. */
function persistentMounts(object: RenderedObject): readonly Mount[] {
  const template = podTemplateOf(object);
  if (!template) return [];
  const volumes = new Map<string, string>();
  for (const claim of itemsAt(object.node, ['spec', 'volumeClaimTemplates'])) {
    const name = textAt(claim, ['metadata', 'name']) ?? '';
    volumes.set(name, `claim \`${name}\``);
  }
  for (const volume of itemsAt(template.spec, ['volumes'])) {
    const claim = textAt(volume, ['persistentVolumeClaim', 'claimName']);
    if (claim !== undefined) volumes.set(textAt(volume, ['name']) ?? '', `claim \`${claim}\``);
  }
  return itemsAt(template.spec, ['containers']).flatMap((container) =>
    itemsAt(container, ['volumeMounts']).flatMap((mount) => {
      const volume = volumes.get(textAt(mount, ['name']) ?? '');
      const path = textAt(mount, ['mountPath']) ?? '';
      const part = textAt(mount, ['subPath']);
      return volume === undefined
        ? []
        : [
            {
              container: textAt(container, ['name']) ?? '',
              path: path.replace(/(?<=.)\/$/, ''),
              volume: part === undefined ? volume : `${volume} (${part})`,
            },
          ];
    }),
  );
}
