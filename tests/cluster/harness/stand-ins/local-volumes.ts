import type { KubernetesObject } from '../client.ts';
import { mustWrite, type Round } from './stand-in.ts';

/** As the add-on local-path-provisioner is told to: where each volume gets a directory of its own. */
const directory = '/var/lib/infometis-volumes';
const provisioner = 'rancher.io/local-path';

interface ClaimSpec {
  readonly accessModes: readonly string[];
  readonly resources: { readonly requests: { readonly storage: string } };
  readonly storageClassName?: string;
  readonly volumeName?: string;
}

/**
 * Does what local-path-provisioner does with a claim of its class: once the scheduler has chosen a node for the first pod that
 * uses it, a volume of type `local` is made there, which no pod of another node can use.
 */
export const provisionLocalVolumes: Round = async (client) => {
  const [claims, classes] = await Promise.all([
    client.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
    client.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }),
  ]);
  const own = new Map(
    classes
      .filter((storageClass) => storageClass['provisioner'] === provisioner)
      .map((storageClass) => [storageClass.metadata.name, storageClass]),
  );
  for (const claim of claims) {
    const { storageClassName, volumeName } = claim['spec'] as ClaimSpec;
    const node = claim.metadata.annotations?.['volume.kubernetes.io/selected-node'];
    const storageClass = own.get(storageClassName);
    if (storageClass === undefined || volumeName !== undefined || node === undefined) continue;
    const volume = volumeFor(claim, storageClass, node);
    const verdict = await client.create(volume, { fieldManager: 'local-path-provisioner' });
    if (!verdict.ok && verdict.reason === 'AlreadyExists') continue;
    mustWrite(`the volume of ${claim.metadata.name}`, verdict);
  }
};

function volumeFor(claim: KubernetesObject, storageClass: KubernetesObject, node: string): KubernetesObject {
  const { accessModes, resources, storageClassName } = claim['spec'] as ClaimSpec;
  const { name, namespace, uid } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: { 'pv.kubernetes.io/provisioned-by': provisioner },
    },
    spec: {
      capacity: { storage: resources.requests.storage },
      accessModes,
      storageClassName,
      persistentVolumeReclaimPolicy: storageClass['reclaimPolicy'],
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      local: { path: `${directory}/pvc-${uid}_${namespace}_${name}` },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  };
}
