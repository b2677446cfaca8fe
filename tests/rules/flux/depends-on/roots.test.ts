import { expect, test } from 'vitest';
import { fluxStage } from '../../../../scripts/checks/flux/index.ts';
import { runStage } from '../../../../scripts/checks/stage.ts';
import { renderRepository } from '../../../../scripts/render/render.ts';
import { openMemory } from '../../../../scripts/repository/files.ts';
import { openSources } from '../../../../scripts/repository/sources.ts';

const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n';
const kustomization = (name: string, path: string, dependsOn: string): string => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  prune: true
  path: ${path}
  sourceRef: {kind: GitRepository, name: flux-system}
  dependsOn: [${dependsOn}]
`;

const findings = (files: Record<string, string>) =>
  [
    ...runStage(
      fluxStage,
      renderRepository(openSources(openMemory(files)), { layout: 'roots' }),
      (rule) => rule.scope === 'general',
    ),
  ].map(({ rule, file, line }) => `${rule} ${file}:${line}`);

test('Kustomizations whose root is not in Git may depend on each other', () => {
  const files = {
    'cluster/base.yaml': kustomization('base', './base', ''),
    'cluster/web.yaml': kustomization('web', './web', '{name: base}'),
    'base/settings.yaml': settings,
    'web/settings.yaml': settings.replace('name: settings', 'name: other'),
  };
  expect(findings(files)).toEqual([]);
  const broken = { ...files, 'cluster/web.yaml': kustomization('web', './web', '{name: bse}') };
  expect(findings(broken)).toEqual(['flux/depends-on cluster/web.yaml:10']);
});

test('a root that is in its own build is there once', () => {
  const files = {
    'cluster/sync.yaml': kustomization('flux-system', './cluster', ''),
    'cluster/web.yaml': kustomization('web', './web', ''),
    'web/settings.yaml': settings,
  };
  expect(findings(files)).toEqual([]);
});
