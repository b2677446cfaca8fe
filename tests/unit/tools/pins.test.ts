import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ADD_ONS } from '../../../scripts/schemas/sources.ts';
import { toolNamed, tools } from '../../../scripts/tools/catalog.ts';
import { readPin, toolsSource } from '../../../scripts/tools/pin.ts';
import { versionIn } from '../../../scripts/tools/program-version.ts';

const root = join(import.meta.dirname, '../../..');
const versions = parse(readFileSync(join(root, 'versions.yaml'), 'utf8')) as Record<string, string>;
const pinOf = (name: string) => readPin(toolNamed(name)!);

test('every directory with a go.mod is a tool, and every tool has one', () => {
  expect(tools.map(({ name }) => name).sort()).toEqual(readdirSync(toolsSource).sort());
});

test.each(tools.map((tool) => [tool.name, tool] as const))(
  '%s: its programs are the `tool` directives of its go.mod',
  (_, tool) => {
    const packages = Object.values(tool.programs).map((program) => program.package);
    expect(packages.sort()).toEqual([...readPin(tool).goMod.tools].sort());
  },
);

// Without it `go mod download` adds it, and a build would change the repository.
test.each(tools.map((tool) => [tool.name, tool] as const))(
  '%s: go.sum has the sum of its module',
  (_, tool) => {
    const { source, version } = readPin(tool);
    expect(readFileSync(join(source, 'go.sum'), 'utf8')).toContain(`${tool.module} ${version} h1:`);
  },
);

test.each<readonly [string, string]>([
  ['kubernetes', 'kubernetes'],
  ['source-controller', 'source-controller'],
  ['kustomize-controller', 'kustomize-controller'],
  ['helm-controller', 'helm-controller'],
  ['flux2', 'flux'],
  ...ADD_ONS.map(({ name }): [string, string] => [name, name]),
])('%s has the version that versions.yaml names', (tool, platform) => {
  expect(pinOf(tool).version).toBe(versions[platform]);
});

test.each([
  ['promtool', 'prometheus'],
  ['amtool', 'alertmanager'],
])('%s has the version of the component', (tool, component) => {
  const { images } = parse(readFileSync(join(root, 'base', component, 'kustomization.yaml'), 'utf8')) as {
    images: { name: string; newTag: string }[];
  };
  const tag = images.find(({ name }) => name.includes(component))!.newTag.split('@')[0]!;
  expect(pinOf(tool).version).toBe(versionIn(tag, toolNamed(tool)!));
});

test('etcd has the version of the object store, which keeps its names in it', () => {
  const { images } = parse(readFileSync(join(root, 'base/seaweedfs/kustomization.yaml'), 'utf8')) as {
    images: { name: string; newTag: string }[];
  };
  const tag = images.find(({ name }) => name.endsWith('/etcd'))!.newTag.split('@')[0]!;
  expect(pinOf('etcd').version).toBe(tag);
});

test('the programs of etcd are of one release', () => {
  const { goMod, version } = pinOf('etcd');
  for (const module of ['go.etcd.io/etcd/etcdctl/v3', 'go.etcd.io/etcd/etcdutl/v3'])
    expect(goMod.requires.get(module)).toBe(version);
});

test('Kubernetes is built from the staging modules of its own release', () => {
  const { goMod, version } = pinOf('kubernetes');
  const staging = [...goMod.replaces.values()];
  expect(staging.length).toBeGreaterThan(25);
  for (const target of staging) expect(target).toMatch(new RegExp(` ${version.replace(/^v1/, 'v0')}$`));
});

test('Flux renders with the kustomize that versions.yaml names', () => {
  // kustomize 5.8.1 is made of api and kyaml 0.21.1: see the go.mod of its release.
  expect(versions['kustomize']).toBe('v5.8.1');
  for (const name of ['kustomize-controller', 'helm-controller'])
    for (const module of ['api', 'kyaml'])
      expect(pinOf(name).goMod.replaces.get(`sigs.k8s.io/kustomize/${module}`)).toMatch(/ v0\.21\.1$/);
});

test('another go.sum is another build', () => {
  const copy = mkdtempSync(join(tmpdir(), 'pins-'));
  try {
    cpSync(toolsSource, copy, { recursive: true });
    const tool = toolNamed('age')!;
    const before = readPin(tool, {}, copy).directory;
    expect(before).toBe(readPin(tool, {}).directory);
    writeFileSync(join(copy, 'age', 'go.sum'), '\n', { flag: 'a' });
    expect(readPin(tool, {}, copy).directory).not.toBe(before);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test.each([
  ['Kubernetes v1.36.3', 'kubernetes', 'v1.36.3'],
  ['Kubernetes v1.36.3+k3s1', 'kubernetes', 'v1.36.3+k3s1'],
  ['etcd Version: 3.6.14\nGit SHA: 1.2.3', 'etcd', 'v3.6.14'],
  ['promtool, version 2.47.0 (branch: )', 'promtool', 'v0.47.0'],
  ['no number', 'kwok', undefined],
])('%j is version %s %s', (text, tool, version) => {
  expect(versionIn(text, toolNamed(tool)!)).toBe(version);
});
