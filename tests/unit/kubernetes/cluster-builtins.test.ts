import { expect, test } from 'vitest';
import {
  isBuiltInClusterRole,
  isBuiltInGroup,
  isClusterScoped,
} from '../../../scripts/kubernetes/cluster-builtins.ts';

test('scope of Kubernetes’ own kinds, and of no others', () => {
  expect(isClusterScoped('v1', 'Namespace')).toBe(true);
  expect(isClusterScoped('storage.k8s.io/v1', 'StorageClass')).toBe(true);
  expect(isClusterScoped('storage.k8s.io/v1', 'CSIStorageCapacity')).toBe(false);
  expect(isClusterScoped('apps/v1', 'Deployment')).toBe(false);
  expect(isClusterScoped('cert-manager.io/v1', 'ClusterIssuer')).toBeUndefined();
});

test('groups that end in k8s.io may still be CRDs', () => {
  expect(isBuiltInGroup('networking.k8s.io')).toBe(true);
  expect(isBuiltInGroup('gateway.networking.k8s.io')).toBe(false);
});

test('cluster roles that need no declaration', () => {
  expect(['view', 'cluster-admin', 'system:auth-delegator'].every(isBuiltInClusterRole)).toBe(true);
  expect(isBuiltInClusterRole('viewer')).toBe(false);
});
