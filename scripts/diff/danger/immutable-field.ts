import type { RenderedObject } from '../../render/object.ts';
import type { Path } from '../../yaml/node.ts';
import { isForced } from '../fate.ts';
import { get, isEqual, textIn } from '../json.ts';
import { isOneOf, type Kept, keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const immutableField: DangerRule = {
  id: 'immutable-field',
  severity: 'danger',
  title: 'A field changes that the API server never lets change',
  why: 'The API server refuses the whole object, so its Kustomization fails and applies nothing any more. With Flux’s `force` the object is deleted and made again instead: its pods, its address or its data go with it.',
  fix: 'Leave the field as it is and make an object of another name; or delete the old object by hand, as its runbook says, before this is merged.',
  *check(change) {
    for (const kept of keptObjects(change)) {
      const fixed = isFixed(kept);
      if (!fixed) continue;
      const paths = new Set<string>();
      for (const field of kept.fields) {
        if (!fixed(field.afterPath) || paths.has(field.path)) continue;
        paths.add(field.path);
        if (!isForced(kept.after, change.buildsAfter.get(kept.component))) {
          yield report(
            kept,
            field.afterPath,
            `\`${field.path}\` changes, which is immutable: the API server refuses it`,
          );
        } else if (!isOneOf(kept.after, ['batch/Job'])) {
          yield report(
            kept,
            field.afterPath,
            `\`${field.path}\` changes, which is immutable: Flux deletes the object and makes it again, as \`force\` tells it to`,
            { severity: 'notice', fix: 'Make sure that it may be gone for a while.' },
          );
        }
      }
    }
  },
};

type IsFixed = (path: Path) => boolean;

const below =
  (...paths: readonly Path[]): IsFixed =>
  (path) =>
    paths.some((fixed) => fixed.every((segment, index) => path[index] === segment));

const specExcept =
  (...fields: readonly string[]): IsFixed =>
  (path) =>
    path[0] === 'spec' && !fields.includes(String(path[1]));

// Mirrors the update validations of k8s.io/kubernetes/pkg/apis of 1.36.
const fixedFields: Readonly<Record<string, IsFixed>> = {
  'apps/StatefulSet': specExcept(
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ),
  'apps/Deployment': below(['spec', 'selector']),
  'apps/DaemonSet': below(['spec', 'selector']),
  'apps/ReplicaSet': below(['spec', 'selector']),
  'batch/Job': below(
    ['spec', 'template'],
    ['spec', 'selector'],
    ['spec', 'completionMode'],
    ['spec', 'podFailurePolicy'],
    ['spec', 'backoffLimitPerIndex'],
    ['spec', 'successPolicy'],
    ['spec', 'managedBy'],
  ),
  '/PersistentVolume': specExcept(
    'capacity',
    'accessModes',
    'persistentVolumeReclaimPolicy',
    'claimRef',
    'mountOptions',
    'storageClassName',
    'volumeAttributesClassName',
  ),
  'storage.k8s.io/StorageClass': below(
    ['provisioner'],
    ['parameters'],
    ['reclaimPolicy'],
    ['volumeBindingMode'],
  ),
  'storage.k8s.io/CSIDriver': below(
    ['spec', 'attachRequired'],
    ['spec', 'fsGroupPolicy'],
    ['spec', 'volumeLifecycleModes'],
  ),
  'rbac.authorization.k8s.io/RoleBinding': below(['roleRef']),
  'rbac.authorization.k8s.io/ClusterRoleBinding': below(['roleRef']),
  'networking.k8s.io/IngressClass': below(['spec', 'controller']),
  'scheduling.k8s.io/PriorityClass': below(['value'], ['preemptionPolicy']),
  'node.k8s.io/RuntimeClass': below(['handler']),
  'apiextensions.k8s.io/CustomResourceDefinition': below(['spec', 'scope'], ['spec', 'group']),
};

function isFixed(kept: Kept): IsFixed | undefined {
  const { before, after } = kept;
  const known = Object.entries(fixedFields).find(([kind]) => isOneOf(after, [kind]));
  if (known) return known[1];
  if (isOneOf(after, ['/Service'])) return fixedOfService(before, after);
  if (isOneOf(after, ['/PersistentVolumeClaim'])) return fixedOfClaim(before);
  if (!isOneOf(after, ['/ConfigMap', '/Secret'])) return undefined;
  // A generated object of other content has another name: it is a new one.
  if (before.name !== after.name) return undefined;
  const data = [['data'], ['binaryData'], ['stringData']];
  const isSealed = get(before.value, ['immutable']) === true;
  return below(
    ...(isOneOf(after, ['/Secret']) ? [['type']] : []),
    ...(isSealed ? [...data, ['immutable']] : []),
  );
}

/** An address that the server gave may be left to it again; one that is asked for must be the one that is there. */
function fixedOfService(before: RenderedObject, after: RenderedObject): IsFixed {
  const type = (object: RenderedObject): string => textIn(object.value, ['spec', 'type']) ?? 'ClusterIP';
  if (type(before) === 'ExternalName' || type(after) === 'ExternalName') return () => false;
  return below(['spec', 'clusterIP'], ['spec', 'clusterIPs'], ['spec', 'ipFamilies', 0]);
}

/** A claim may grow, and take a volume where it named none. */
function fixedOfClaim(before: RenderedObject): IsFixed {
  const fixed = specExcept('resources', 'volumeAttributesClassName');
  const isOpen = isEqual(get(before.value, ['spec', 'volumeName']), undefined);
  return (path) => fixed(path) && !(isOpen && path[1] === 'volumeName');
}
