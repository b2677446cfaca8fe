import type { Meant } from '../../../scripts/status/meant.ts';
import type { Snapshot } from '../../../scripts/status/snapshot.ts';
import type { JsonObject } from '../../../scripts/yaml/node.ts';

export const commit = 'a'.repeat(40);
export const other = 'b'.repeat(40);
export const now = Date.parse('2030-01-01T12:00:00Z');

/** A Flux object that is Ready, unless told otherwise. */
export const flux = (
  kind: string,
  name: string,
  changes: { readonly spec?: JsonObject; readonly status?: JsonObject; readonly ready?: JsonObject } = {},
): JsonObject => ({
  kind,
  metadata: { name, namespace: 'flux-system', generation: 1 },
  spec: { ...changes.spec },
  status: {
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', message: 'fine', ...changes.ready }],
    ...changes.status,
  },
});

export const source = (changes: Parameters<typeof flux>[2] = {}): JsonObject =>
  flux('GitRepository', 'flux-system', {
    ...changes,
    spec: { url: 'https://h/r', ref: { branch: 'main' }, interval: '1m0s', ...changes.spec },
    status: { artifact: { revision: `main@sha1:${commit}` }, ...changes.status },
  });

export const kustomization = (name: string, changes: Parameters<typeof flux>[2] = {}): JsonObject =>
  flux('Kustomization', name, {
    ...changes,
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...changes.spec },
    status: {
      lastAppliedRevision: `main@sha1:${commit}`,
      inventory: { entries: [{ id: `infometis_${name}_apps_StatefulSet`, v: 'v1' }] },
      ...changes.status,
    },
  });

export const statefulSet = (name: string, readyReplicas = 1): JsonObject => ({
  kind: 'StatefulSet',
  metadata: { name, namespace: 'infometis', uid: `set-${name}`, generation: 2 },
  spec: { replicas: 1 },
  status: { observedGeneration: 2, readyReplicas, updatedReplicas: readyReplicas },
});

/** A pod of a StatefulSet. */
export const pod = (name: string, status: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  kind: 'Pod',
  metadata: {
    name: `${name}-0`,
    namespace: 'infometis',
    uid: `pod-${name}`,
    ownerReferences: [{ controller: true, uid: `set-${name}` }],
    ...metadata,
  },
  spec: {
    containers: [{ name: 'main', image: `r/${name}:1` }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${name}-0` } }],
  },
  status,
});

export const running: JsonObject = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
};

/** A pod whose one container is in a state. */
export const container = (state: JsonObject, rest: JsonObject = {}): JsonObject => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state, ...rest }],
});

export const event = (
  kind: string,
  name: string,
  reason: string,
  message: string,
  uid?: string,
): JsonObject => ({
  kind: 'Event',
  reason,
  message,
  involvedObject: { kind, name, namespace: 'infometis', ...(uid === undefined ? {} : { uid }) },
});

export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  flux: [source(), kustomization('flux-system', { status: { inventory: { entries: [] } } })],
  running: [],
  warnings: [],
  ...changes,
});

export const meant = (component: string, changes: Partial<Meant> = {}): Meant => ({
  component,
  pin: undefined,
  images: [`r/${component}:1`],
  dependsOn: [],
  ...changes,
});
