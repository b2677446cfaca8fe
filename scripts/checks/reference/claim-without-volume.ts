import type { RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import {
  type Claim,
  capacityPath,
  claimsOf,
  classOf,
  modesOf,
  originOfClaim,
  requestPath,
  sizeAt,
} from './storage-claims.ts';

export const claimWithoutVolume: Rule<ReferenceSubject> = {
  id: 'reference/claim-without-volume',
  severity: 'error',
  title: 'A claim of a class without provisioner has a PersistentVolume to bind to',
  why: 'Nothing makes volumes for a class whose provisioner is kubernetes.io/no-provisioner: the claim and its pod stay Pending.',
  fix: 'Add a PersistentVolume with `claimRef` for each claim: as many as the StatefulSet has replicas.',
  docs: 'https://kubernetes.io/docs/concepts/storage/storage-classes/#local',
  scope: 'general',
  *check(subject) {
    if (subject.isOpaque(undefined)) return;
    const withoutProvisioner = new Set(
      subject
        .everywhere('storage.k8s.io', 'StorageClass')
        .filter(({ node }) => textAt(node, ['provisioner']) === 'kubernetes.io/no-provisioner')
        .map(({ name }) => name),
    );
    if (withoutProvisioner.size === 0) return;
    const free = new Set(subject.everywhere('', 'PersistentVolume'));
    const claims = claimsOf(subject);
    const reserved = new Set<string>();
    for (const volume of free) {
      const name = textAt(volume.node, ['spec', 'claimRef', 'name']);
      if (name === undefined) continue;
      reserved.add(`${textAt(volume.node, ['spec', 'claimRef', 'namespace']) ?? 'default'}/${name}`);
      free.delete(volume);
    }
    for (const claim of claims) {
      const name = classOf(claim.node);
      if (!name || !withoutProvisioner.has(name) || reserved.has(`${claim.namespace}/${claim.name}`))
        continue;
      const volume = [...free].filter((candidate) => fits(candidate, claim)).sort(bySize)[0];
      if (volume) {
        free.delete(volume);
        continue;
      }
      if (claim.object.environment !== subject.environment.name) continue;
      yield {
        message: `${claim.printed} is of class \`${name}\`, for which nothing makes volumes, and no PersistentVolume is left for it: its pod stays Pending`,
        fix: `Add a PersistentVolume of class \`${name}\` with \`claimRef: {namespace: ${claim.namespace}, name: ${claim.name}}\`.`,
        at: originOfClaim(claim, ['spec', 'storageClassName']),
        object: claim.object,
      };
    }
  },
};

/** Whether the binder would take the volume, as far as labels do not decide. */
function fits(volume: RenderedObject, claim: Claim): boolean {
  const volumeName = textAt(claim.node, ['spec', 'volumeName']);
  if (volumeName) return volumeName === volume.name;
  const size = sizeAt(volume.node, capacityPath)?.bytes ?? 0;
  const wanted = sizeAt(claim.node, requestPath)?.bytes ?? 0;
  const modes = modesOf(volume.node);
  return (
    classOf(volume.node) === classOf(claim.node) &&
    size >= wanted &&
    modesOf(claim.node).every((mode) => modes.includes(mode))
  );
}

const bySize = (a: RenderedObject, b: RenderedObject): number =>
  (sizeAt(a.node, capacityPath)?.bytes ?? 0) - (sizeAt(b.node, capacityPath)?.bytes ?? 0);
