import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { nearestName } from '../../text/nearest.ts';
import { textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
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

export const volumeClaim: Rule<ReferenceSubject> = {
  id: 'reference/volume-claim',
  severity: 'error',
  title: 'A PersistentVolume is reserved for a claim that exists and fits it',
  why: 'A volume that is reserved for a claim that nobody makes is never used. One that is too small, or lacks an access mode, is never bound: the claim and its pods stay Pending.',
  fix: 'Name the claim as `<template>-<StatefulSet>-<ordinal>`, and give the volume at least its size, its access modes and its class.',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume',
  scope: 'general',
  *check(subject) {
    const claims = claimsOf(subject);
    const byName = new Map(claims.map((claim) => [`${claim.namespace}/${claim.name}`, claim]));
    for (const volume of subject.all('', 'PersistentVolume')) {
      const name = textAt(volume.node, ['spec', 'claimRef', 'name']);
      if (name === undefined) continue;
      const namespace = textAt(volume.node, ['spec', 'claimRef', 'namespace']) ?? 'default';
      const claim = byName.get(`${namespace}/${name}`);
      if (claim) yield* checkFit(volume, claim);
      else if (!subject.isOpaque(namespace)) yield missingClaim(volume, namespace, name, claims);
    }
    yield* checkVolumeNames(subject, claims);
  },
};

function missingClaim(
  volume: RenderedObject,
  namespace: string,
  name: string,
  claims: readonly Claim[],
): Report {
  const names = claims.filter((claim) => claim.namespace === namespace).map((claim) => claim.name);
  const elsewhere = claims.find((claim) => claim.name === name);
  const nearest = nearestName(name, names);
  const hint = nearest
    ? `; did you mean \`${nearest}\`?`
    : elsewhere
      ? `; there is one in namespace ${elsewhere.namespace}`
      : '';
  // A volume that waits for a further replica.
  const isSpare = claims.some((claim) => claim.namespace === namespace && isLaterOrdinal(claim, name));
  return {
    message: `${describe(volume)} is reserved for claim ${namespace}/${name}, which nothing makes: the volume stays unused${hint}`,
    fix: 'Name the claim as it will be called: `<volumeClaimTemplate>-<StatefulSet>-<ordinal>`, or the name of the PersistentVolumeClaim.',
    at: locate(volume, ['spec', 'claimRef', elsewhere && !nearest ? 'namespace' : 'name']),
    object: volume,
    ...(isSpare && { severity: 'warning' as const }),
  };
}

/** Whether a name is that of a claim which the same StatefulSet would make with more replicas. */
const isLaterOrdinal = (claim: Claim, name: string): boolean =>
  claim.path.length > 0 && name.replace(/\d+$/, '') === claim.name.replace(/\d+$/, '') && /\d$/.test(name);

function* checkFit(volume: RenderedObject, claim: Claim): Generator<Report> {
  const size = sizeAt(volume.node, capacityPath);
  const wanted = sizeAt(claim.node, requestPath);
  if (size && wanted && size.bytes < wanted.bytes)
    yield {
      message: `${describe(volume)} has ${size.text}, and ${claim.printed} asks for ${wanted.text}: they are never bound, and the pod stays Pending`,
      fix: `Write at least \`storage: ${wanted.text}\` as the capacity of the volume, or ask for less.`,
      at: locate(volume, capacityPath),
      object: volume,
    };
  const modes = modesOf(volume.node);
  const absent = modesOf(claim.node).filter((mode) => !modes.includes(mode));
  if (absent.length > 0)
    yield {
      message: `${describe(volume)} offers ${modes.join(', ') || 'no access mode'}, and ${claim.printed} asks for ${absent.join(', ')}: they are never bound, and the pod stays Pending`,
      fix: `Add ${absent.join(', ')} to the accessModes of the volume, or change the claim.`,
      at: locate(volume, ['spec', 'accessModes']),
      object: volume,
    };
  const ownClass = classOf(volume.node) ?? '';
  const claimClass = classOf(claim.node);
  if (claimClass !== undefined && claimClass !== ownClass)
    yield {
      message: `${describe(volume)} is of ${ownClass === '' ? 'no class' : `class \`${ownClass}\``}, and ${claim.printed} of ${claimClass === '' ? 'none' : `\`${claimClass}\``}: the reservation binds them all the same, but only as long as it stands`,
      fix: `Write \`storageClassName: ${claimClass === '' ? "''" : claimClass}\` in the volume.`,
      at: locate(volume, ['spec', 'storageClassName']),
      object: volume,
      severity: 'warning',
    };
}

/** Claims that name their volume, the reservation from the other side. */
function* checkVolumeNames(subject: ReferenceSubject, claims: readonly Claim[]): Generator<Report> {
  const seen = new Set<string>();
  for (const claim of claims) {
    const name = textAt(claim.node, ['spec', 'volumeName']);
    const key = `${claim.object.kind} ${claim.namespace}/${claim.object.name} ${claim.path.join('.')}`;
    if (!name || seen.has(key) || claim.object.environment !== subject.environment.name) continue;
    seen.add(key);
    const missing = subject.missing({ group: '', kind: 'PersistentVolume', name });
    if (missing)
      yield {
        message: `${claim.printed} names PersistentVolume ${name}, which does not exist: the claim stays Pending${missing.hint}`,
        fix: 'Write the name of a PersistentVolume of the environment, or leave `volumeName` out.',
        at: originOfClaim(claim, ['spec', 'volumeName']),
        object: claim.object,
        ...(missing.severity && { severity: missing.severity }),
      };
  }
}
