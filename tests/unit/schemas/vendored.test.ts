import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../scripts/kubernetes/schema/cel.ts';
import { loadSchemas } from '../../../scripts/kubernetes/schema/index.ts';
import { compilePattern } from '../../../scripts/kubernetes/schema/pattern.ts';
import type { SchemaNode } from '../../../scripts/kubernetes/schema/types.ts';
import { formatJson } from '../../../scripts/schemas/format.ts';
import { kubernetesFolder } from '../../../scripts/schemas/generate.ts';
import { API_MODULES, CRD_FOLDERS, KUBERNETES } from '../../../scripts/schemas/sources.ts';
import { readVersions, sourceAt } from '../../../scripts/schemas/versions.ts';

const root = new URL('../../../schemas', import.meta.url).pathname;
const files = ['kubernetes', 'crds'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(root, folder, file)),
);

/** Every schema node, not what stands under `properties` as a name. */
function nodes(value: unknown, out: SchemaNode[] = []): SchemaNode[] {
  if (Array.isArray(value)) for (const item of value) nodes(item, out);
  else if (typeof value === 'object' && value !== null) {
    out.push(value as SchemaNode);
    for (const item of Object.values(value)) nodes(item, out);
  }
  return out;
}

describe('the vendored schemas', () => {
  const schemas = loadSchemas(root);
  const all = files.flatMap((file) => nodes(JSON.parse(readFileSync(file, 'utf8'))));

  it('are written as the generator writes them', () => {
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(formatJson(JSON.parse(text)) === text, file).toBe(true);
    }
  });

  it('are made from the versions in versions.yaml', () => {
    const versions = readVersions(new URL('../../../versions.yaml', import.meta.url).pathname);
    if (!versions.ok) throw new Error(versions.error);
    const folder = join(root, kubernetesFolder(versions.value(KUBERNETES)));
    const builtin = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { source: string };
    expect(builtin.source).toBe(sourceAt(KUBERNETES, versions.value));
    const custom = JSON.parse(readFileSync(join(root, 'crds/index.json'), 'utf8')) as {
      kinds: Record<string, { source: string }>;
    };
    const expected = [...CRD_FOLDERS, ...API_MODULES].map((source) => sourceAt(source, versions.value));
    expect([...new Set(Object.values(custom.kinds).map(({ source }) => source))].sort()).toEqual(
      expected.sort(),
    );
  });

  it('stay small', () => {
    expect(files.reduce((sum, file) => sum + readFileSync(file).length, 0)).toBeLessThan(2_000_000);
  });

  it('hold no prose', () => {
    const prose = all.filter(
      ({ type, description }) => typeof type === 'string' && typeof description === 'string',
    );
    expect(prose).toEqual([]);
  });

  it('compile, every kind', () => {
    const kinds = [...schemas.kinds()];
    expect(kinds.length).toBeGreaterThan(60);
    const start = performance.now();
    for (const key of kinds) {
      const kind = schemas.store.kind(key);
      expect(kind, key).toBeDefined();
      if (kind !== undefined) expect(typeof schemas.validator(kind), key).toBe('function');
    }
    console.log(`${kinds.length} kinds compiled in ${(performance.now() - start).toFixed(0)} ms`);
  });

  it('have CEL rules that parse and type-check', () => {
    const rules = all
      .flatMap((node) => node['x-kubernetes-validations'] ?? [])
      .filter(({ rule }) => typeof rule === 'string');
    expect(rules.length).toBeGreaterThan(30);
    for (const { rule, messageExpression, optionalOldSelf } of rules)
      for (const expression of [rule, messageExpression ?? rule])
        expect(() => compileRule(expression, optionalOldSelf), expression).not.toThrow();
  });

  it('have patterns that compile', () => {
    const patterns = new Set(all.flatMap(({ pattern }) => (typeof pattern === 'string' ? [pattern] : [])));
    expect(patterns.size).toBeGreaterThan(5);
    for (const pattern of patterns) expect(() => compilePattern(pattern), pattern).not.toThrow();
  });

  // The chart does not install it, so the cluster would refuse what the gate lets through.
  it('leave out what only lies in a module', () => {
    expect([...schemas.kinds()].filter((key) => key.endsWith(' ClusterBundle'))).toEqual([]);
  });

  it('cover the kinds of the platform', () => {
    for (const key of [
      'v1 ConfigMap',
      'v1 Namespace',
      'v1 PersistentVolume',
      'v1 PersistentVolumeClaim',
      'v1 Secret',
      'v1 Service',
      'v1 ServiceAccount',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
      'apiextensions.k8s.io/v1 CustomResourceDefinition',
      'apps/v1 DaemonSet',
      'apps/v1 Deployment',
      'apps/v1 StatefulSet',
      'batch/v1 CronJob',
      'batch/v1 Job',
      'cert-manager.io/v1 Certificate',
      'cert-manager.io/v1 ClusterIssuer',
      'cert-manager.io/v1 Issuer',
      'helm.toolkit.fluxcd.io/v2 HelmRelease',
      'k8up.io/v1 PreBackupPod',
      'k8up.io/v1 Schedule',
      'kustomize.toolkit.fluxcd.io/v1 Kustomization',
      'metallb.io/v1beta1 IPAddressPool',
      'metallb.io/v1beta1 L2Advertisement',
      'metallb.io/v1beta2 BGPPeer',
      'networking.k8s.io/v1 Ingress',
      'networking.k8s.io/v1 IngressClass',
      'networking.k8s.io/v1 NetworkPolicy',
      'notification.toolkit.fluxcd.io/v1 Receiver',
      'notification.toolkit.fluxcd.io/v1beta3 Alert',
      'notification.toolkit.fluxcd.io/v1beta3 Provider',
      'policy/v1 PodDisruptionBudget',
      'rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac.authorization.k8s.io/v1 RoleBinding',
      'source.toolkit.fluxcd.io/v1 GitRepository',
      'source.toolkit.fluxcd.io/v1 HelmRepository',
      'source.toolkit.fluxcd.io/v1 OCIRepository',
      'storage.k8s.io/v1 StorageClass',
      'trust.cert-manager.io/v1alpha1 Bundle',
    ]) {
      expect([...schemas.kinds()], key).toContain(key);
    }
  });
});
