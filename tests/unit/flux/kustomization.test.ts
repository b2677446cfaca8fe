import { expect, test } from 'vitest';
import { pathOf, rootKustomization, withCommonMetadata } from '../../../scripts/flux/kustomization.ts';
import { renderedObject } from '../../../scripts/render/object.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { at, type MapNode, toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const flux = (spec: string) =>
  renderedObject(
    parseYaml(
      'flux.yaml',
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: app\n  namespace: flux-system\nspec:\n${spec}`,
    ).documents[0]?.node as MapNode,
    { environment: 'test', component: 'flux-system' },
  );
const rootOf = (files: Record<string, string>, spec?: string) => {
  const result = rootKustomization(
    openSources(openMemory(files)),
    'app',
    spec === undefined ? undefined : flux(spec),
  );
  if (!result.ok || !result.root) throw new Error('no root');
  return result.root;
};

test.each([
  ['./apps/x/', 'apps/x'],
  ['../apps', 'apps'],
  ['/apps', 'apps'],
  ['./', '.'],
  ['""', '.'],
])('path %s is %s', (path, expected) => {
  expect(pathOf(flux(`  path: ${path}\n`))).toBe(expected);
});

test('without a kustomization every manifest is taken, and directories that have one whole', () => {
  const root = rootOf({
    'app/b.yaml': '',
    'app/a.yml': '',
    'app/notes.md': '',
    'app/sub/c.yaml': '',
    'app/own/kustomization.yml': '',
    'app/own/d.yaml': '',
  });
  expect(toJson(at(root, ['resources'])!)).toEqual(['a.yml', 'b.yaml', 'own', 'sub/c.yaml']);
});

test('what the Flux object adds, each with the place where it stands', () => {
  const root = rootOf(
    {
      'app/kustomization.yaml':
        'resources: [a.yaml]\npatches:\n  - path: p.yaml\nimages:\n  - name: one\n    newTag: "1"\n    newName: uno\n  - name: two\n    digest: sha256:aa\n',
    },
    `  path: ./app
  targetNamespace: team
  namePrefix: p-
  nameSuffix: -s
  patches:
    - patch: "- op: remove"
      target: {kind: Service, unknown: x}
  images:
    - name: one
      newTag: "2"
    - name: two
      newTag: "3"
    - name: three
      newTag: "4"
`,
  );
  expect(toJson(root)).toEqual({
    resources: ['a.yaml'],
    namespace: 'team',
    namePrefix: 'p-',
    nameSuffix: '-s',
    patches: [{ path: 'p.yaml' }, { patch: '- op: remove', target: { kind: 'Service' } }],
    images: [
      { name: 'one', newName: 'uno', newTag: '2' },
      // Tag and digest are one choice: the old digest would win over the new tag.
      { name: 'two', newTag: '3' },
      { name: 'three', newTag: '4' },
    ],
  });
  expect(at(root, ['patches', 0, 'path'])?.origin.file).toBe('app/kustomization.yaml');
  expect(at(root, ['patches', 1, 'patch'])?.origin).toMatchObject({ file: 'flux.yaml', line: 12 });
});

test('missing components are left out only where that is allowed', () => {
  const files = { 'app/kustomization.yaml': 'resources: [a.yaml]\n', 'extra/kustomization.yaml': '' };
  const spec = '  path: app\n  components: [../extra, ../absent]\n';
  expect(toJson(at(rootOf(files, spec), ['components'])!)).toEqual(['../extra', '../absent']);
  expect(toJson(at(rootOf(files, `${spec}  ignoreMissingComponents: true\n`), ['components'])!)).toEqual([
    '../extra',
  ]);
});

test('an empty file yields nothing, and is no failure', () => {
  const sources = openSources(openMemory({ 'app/kustomization.yaml': '# nothing yet\n' }));
  expect(rootKustomization(sources, 'app')).toMatchObject({ ok: true, empty: true });
});

test('common metadata wins over what the object has', () => {
  const object = parseYaml('a.yaml', 'kind: X\nmetadata:\n  name: x\n  labels: {a: "1", b: "1"}\n')
    .documents[0]?.node as MapNode;
  const changed = withCommonMetadata(
    object,
    flux('  commonMetadata:\n    labels: {b: "2", c: "2"}\n    annotations: {d: "2"}\n'),
  );
  expect(toJson(changed)).toEqual({
    kind: 'X',
    metadata: { name: 'x', labels: { a: '1', b: '2', c: '2' }, annotations: { d: '2' } },
  });
  expect(at(changed, ['metadata', 'labels', 'b'])?.origin.file).toBe('flux.yaml');
  expect(toJson(object)).toEqual({ kind: 'X', metadata: { name: 'x', labels: { a: '1', b: '1' } } });
});
