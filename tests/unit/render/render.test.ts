// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax.
import { describe, expect, test } from 'vitest';
import { type RenderOptions, renderRepository } from '../../../scripts/render/render.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const render = (files: Record<string, string>, options: RenderOptions = {}) =>
  renderRepository(openSources(openMemory(files)), options);
const flux = (name: string, path: string, more = '', source = 'flux-system'): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  path: ${path}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: ${source}\n${more}`;
const configMap = (name: string, data: string, namespace = 'default'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  ${data}\n`;
const list = (...paths: string[]): string => `resources:\n${paths.map((path) => `  - ${path}\n`).join('')}`;
const shape = (repository: ReturnType<typeof render>) =>
  repository.environments.map(({ name, builds }) => ({
    name,
    builds: builds.map(({ component, path, objects }) => `${component} ${path} ${objects.length}`),
  }));
const failures = (repository: ReturnType<typeof render>) =>
  repository.environments.flatMap(({ builds }) => builds.flatMap((build) => build.failures));

describe('the layout of environments', () => {
  const files = {
    'flux/one/kustomization.yaml': list('app.yaml', 'flux-system'),
    'flux/one/app.yaml': flux('app', './apps/one'),
    'flux/one/flux-system/kustomization.yaml': list('gotk-sync.yaml'),
    'flux/one/flux-system/gotk-sync.yaml': flux('flux-system', './flux/one'),
    'flux/two/app.yaml': flux('app', './apps/two'),
    'apps/one/kustomization.yaml': list('a.yaml'),
    'apps/one/a.yaml': configMap('a', 'k: v'),
    'apps/two/a.yaml': configMap('a', 'k: v'),
  };
  test('each directory is one, and the Kustomization that builds it does not build it again', () => {
    expect(shape(render(files))).toEqual([
      { name: 'one', builds: ['flux-system flux/one 2', 'app apps/one 1'] },
      { name: 'two', builds: ['flux-system flux/two 1', 'app apps/two 1'] },
    ]);
  });
  test('narrowed to an environment and a component', () => {
    expect(shape(render(files, { environments: ['two'], components: ['app'] }))).toEqual([
      { name: 'two', builds: ['app apps/two 1'] },
    ]);
  });
  test('objects know their build, and builds what they read', () => {
    const [environment] = render(files).environments;
    expect(environment?.objects.map(({ kind, component }) => `${component}: ${kind}`)).toEqual([
      'flux-system: Kustomization',
      'flux-system: Kustomization',
      'app: ConfigMap',
    ]);
    expect([...(environment?.builds[1]?.reads ?? [])]).toEqual(
      expect.arrayContaining(['apps/one/kustomization.yaml', 'apps/one/a.yaml']),
    );
  });
});

describe('components with sources of their own', () => {
  const source = (name: string, url: string, ref = '{branch: main}'): string =>
    `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "${url}", ref: ${ref}}\n`;
  const files = (own: string, fact: string) => ({
    'flux/one/kustomization.yaml': list('app.yaml', 'pinned.yaml', 'other.yaml', 'sync.yaml'),
    'flux/one/sync.yaml': `${flux('flux-system', './flux/one')}${source('flux-system', own)}`,
    'flux/one/app.yaml': `${flux('app', './app', '', 'app')}${source('app', 'ssh://git@example.org/own/one')}`,
    'flux/one/pinned.yaml': `${flux('pinned', './app', '', 'pinned')}${source('pinned', 'ssh://git@example.org/own/one', `{branch: main, commit: ${'a'.repeat(40)}}`)}`,
    'flux/one/other.yaml': `${flux('other', './app', '', 'other')}${source('other', 'https://example.org/other/one')}`,
    'overlays/one/environment/environment.yaml': configMap('environment', `repositoryUrl: ${fact}`),
    'app/a.yaml': configMap('a', 'k: v'),
  });
  const builds = (own: string, fact: string) => {
    const [environment] = render(files(own, fact)).environments;
    return environment?.builds
      .filter(({ component }) => component !== 'flux-system')
      .map(
        ({ component, objects, failures }) =>
          `${component} ${objects.length} ${failures.map(({ code }) => code)}`,
      )
      .sort();
  };
  test('with the URL of the root’s own source they are the working tree, pinned or not', () => {
    expect(builds('https://example.org/own/one.git', 'https://example.org/elsewhere/one')).toEqual([
      'app 1 ',
      'other 0 foreign-source',
      'pinned 1 ',
    ]);
  });
  test('with the URL of the fact too, however the root’s own source is reached', () => {
    expect(builds('https://mirror.example.org/one', 'https://example.org/own/one')).toEqual([
      'app 1 ',
      'other 0 foreign-source',
      'pinned 1 ',
    ]);
  });
  test('with neither they are another repository', () => {
    expect(builds('https://mirror.example.org/one', 'https://example.org/elsewhere/one')).toEqual([
      'app 0 foreign-source',
      'other 0 foreign-source',
      'pinned 0 foreign-source',
    ]);
  });
});

describe('any other repository', () => {
  test('environments are the Kustomizations that no other yields, by path', () => {
    const repository = render({
      'clusters/staging/flux-system/gotk-sync.yaml': flux('flux-system', './clusters/staging'),
      'clusters/staging/apps.yaml': flux('apps', './apps/staging'),
      'clusters/production/flux-system/gotk-sync.yaml': flux('flux-system', './clusters/production'),
      'clusters/production/apps.yaml': flux('apps', './apps/production'),
      'apps/staging/a.yaml': configMap('a', 'k: v'),
      'apps/production/a.yaml': configMap('a', 'k: v'),
      'apps/production/patch.yaml.txt': flux('ignored', './nowhere'),
    });
    expect(shape(repository)).toEqual([
      {
        name: 'clusters/production',
        builds: ['flux-system clusters/production 2', 'apps apps/production 1'],
      },
      { name: 'clusters/staging', builds: ['flux-system clusters/staging 2', 'apps apps/staging 1'] },
    ]);
    expect(failures(repository)).toEqual([]);
  });
  test('a patch of Flux objects is none, however whole it looks', () => {
    const repository = render({
      'clusters/x/kustomization.yaml': `${list('app.yaml')}patches:\n  - path: defaults.yaml\n    target: {kind: Kustomization}\n`,
      'clusters/x/app.yaml': flux('app', './app'),
      'clusters/x/defaults.yaml': flux('every', './replaced'),
      'app/a.yaml': configMap('a', 'k: v'),
    });
    expect(shape(repository)).toEqual([{ name: 'app', builds: ['app app 1'] }]);
  });
  test('a ring has a root all the same', () => {
    const repository = render({
      'a/ks.yaml': flux('to-b', './b'),
      'b/ks.yaml': flux('to-a', './a'),
    });
    expect(shape(repository)).toEqual([{ name: 'b', builds: ['to-b b 1', 'to-a a 1'] }]);
  });
  test('what builds from another repository is named, not built', () => {
    const repository = render({
      'clusters/x/sync.yaml': `${flux('flux-system', './clusters/x')}---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: "ssh://git@example.org/own/one.git"}\n`,
      'clusters/x/other.yaml': `${flux('other', './apps', '', 'other')}---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: other, namespace: flux-system}\nspec: {url: "https://example.org/other/one"}\n`,
      'clusters/x/same.yaml': `${flux('same', './apps', '', 'same')}---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: same, namespace: flux-system}\nspec: {url: "https://example.org/own/one"}\n`,
      'apps/a.yaml': configMap('a', 'k: v'),
    });
    expect(shape(repository)[0]?.builds.sort()).toEqual([
      'flux-system clusters/x 6',
      'other apps 0',
      'same apps 1',
    ]);
    expect(failures(repository).map(({ code }) => code)).toEqual(['foreign-source']);
  });
  test('without a Flux object there is no environment', () => {
    expect(render({ 'a.yaml': configMap('a', 'k: v') }).environments).toEqual([]);
  });
});

describe('variables', () => {
  const substitute = (more: string): string => `  postBuild:\n${more}`;
  const from = (name: string): string =>
    substitute(`    substituteFrom:\n      - {kind: ConfigMap, name: ${name}}\n`);
  const dataOf = (repository: ReturnType<typeof render>, name: string) =>
    repository.environments[0]?.objects.find((object) => object.name === name)?.value['data'];

  test('a ConfigMap that a later build yields is waited for, whose own variables are filled in', () => {
    const repository = render({
      'flux/test/kustomization.yaml': list('app.yaml', 'facts.yaml'),
      'flux/test/app.yaml': flux('app', './app', from('facts')),
      'flux/test/facts.yaml': flux('facts', './facts', substitute('    substitute: {DOMAIN: example.org}\n')),
      'app/a.yaml': configMap('a', 'host: app.${HOST}'),
      'facts/a.yaml': configMap('facts', 'HOST: x.${DOMAIN}', 'flux-system'),
    });
    expect(failures(repository)).toEqual([]);
    expect(dataOf(repository, 'a')).toEqual({ host: 'app.x.example.org' });
  });
  test('inline values win over those of ConfigMaps, of which the last wins', () => {
    const both = substitute(
      '    substitute: {C: inline}\n    substituteFrom:\n      - {kind: ConfigMap, name: one}\n      - {kind: ConfigMap, name: two}\n',
    );
    const facts = (name: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: flux-system}\ndata: {A: ${name}, B: ${name === 'one' ? 'one' : '"t\\nwo"'}, C: ${name}}\n`;
    const repository = render({
      'flux/test/app.yaml': flux('app', './app', both),
      'flux/test/one.yaml': facts('one'),
      'flux/test/two.yaml': facts('two'),
      'flux/test/kustomization.yaml': list('app.yaml', 'one.yaml', 'two.yaml'),
      'app/a.yaml': configMap('a', 'all: ${A} ${B} ${C}'),
    });
    expect(dataOf(repository, 'a')).toEqual({ all: 'two two inline' });
  });
  test('without variables nothing is touched, with the strategy Always everything is', () => {
    const files = (more: string): Record<string, string> => ({
      'flux/test/kustomization.yaml': list('app.yaml'),
      'flux/test/app.yaml': flux('app', './app', more),
      'app/a.yaml': configMap('a', 'all: $$ ${A:-x}'),
    });
    expect(dataOf(render(files('')), 'a')).toEqual({ all: '$$ ${A:-x}' });
    expect(dataOf(render(files(substitute('    substitute: {}\n'))), 'a')).toEqual({ all: '$$ ${A:-x}' });
    expect(dataOf(render(files(substitute('    substituteStrategy: Always\n'))), 'a')).toEqual({
      all: '$ x',
    });
  });
  test('a build that fails applies nothing', () => {
    const repository = render({
      'flux/test/kustomization.yaml': list('app.yaml'),
      'flux/test/app.yaml': flux('app', './app', substitute('    substitute: {A: x}\n')),
      'app/a.yaml': configMap('a', 'all: ${B}'),
    });
    expect(shape(repository)[0]?.builds).toEqual(['flux-system flux/test 1', 'app app 0']);
    expect(failures(repository)).toMatchObject([
      { stage: 'substitution', code: 'undefined-variable', origin: { file: 'app/a.yaml', line: 7 } },
    ]);
  });
  test('variables reach the paths of nested Kustomizations', () => {
    const repository = render({
      'flux/test/kustomization.yaml': list('all.yaml'),
      'flux/test/all.yaml': flux('all', './all', substitute('    substitute: {NAME: one}\n')),
      'all/ks.yaml': flux('nested', './apps/${NAME}'),
      'apps/one/a.yaml': configMap('a', 'k: v'),
    });
    expect(shape(repository)[0]?.builds).toEqual([
      'flux-system flux/test 1',
      'all all 1',
      'nested apps/one 1',
    ]);
  });
});

describe('what Flux does not see', () => {
  const files = (resource: string): Record<string, string> => ({
    'flux/test/kustomization.yaml': list('app.yaml'),
    'flux/test/app.yaml': flux('app', './app'),
    'app/kustomization.yaml': `configMapGenerator:\n  - name: a\n    files: [${resource}]\n`,
    'app/logo.png': 'x',
    'app/logo.svg': 'x',
  });
  test('a file that source-controller leaves out is missing, and the message says why', () => {
    expect(failures(render(files('logo.svg')))).toEqual([]);
    const [failure] = failures(render(files('logo.png')));
    expect(failure?.message).toContain('`app/logo.png` exists, but source-controller leaves it out');
  });
});
