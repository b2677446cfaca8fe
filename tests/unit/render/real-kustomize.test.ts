import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstDifference } from '../../../scripts/render/compare.ts';
import { realJudge, withProvenance } from '../../../scripts/render/fallback.ts';
import {
  buildCopyWithRealKustomize,
  buildWithRealKustomize,
  bundled,
  findRealKustomize,
  type Program,
  pinnedKustomize,
  refusal,
  unpackBundled,
  versionOf,
} from '../../../scripts/render/real-kustomize.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory, openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { originAt, toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const repositoryRoot = join(import.meta.dirname, '..', '..', '..');
const runs = process.platform === 'linux' && process.arch === 'x64';
const directories: string[] = [];
const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'infometis-test-'));
  directories.push(directory);
  return directory;
};
const write = (files: Record<string, string>): string => {
  const root = temporary();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
};
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const service = (name: string): string => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n`;
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n';

test('the pinned package, the lock file and versions.yaml say the same', () => {
  const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8'));
  expect(lock.packages[`node_modules/${bundled.package}`].version).toBe(bundled.version);
  expect(pinnedKustomize(openSources(openDirectory(repositoryRoot)))).toBe(bundled.kustomize);
});

test('another version than the bundled one is refused', () => {
  expect(findRealKustomize({ version: 'v5.0.0', platform: 'linux-x64' })).toMatchObject({
    ok: false,
    message: expect.stringContaining('asks for kustomize v5.0.0'),
  });
});

test('elsewhere only exactly the right version on PATH will do', () => {
  const path = temporary();
  const program = (version: string): void =>
    writeFileSync(join(path, 'kustomize'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  const find = () => findRealKustomize({ version: 'v5.8.1', platform: 'darwin-arm64', searchPath: path });
  expect(find()).toMatchObject({ ok: false, message: expect.stringContaining('install kustomize v5.8.1') });
  program('v5.8.0');
  expect(find()).toMatchObject({ ok: false, message: expect.stringContaining('has v5.8.0') });
  program('v5.8.1');
  expect(find()).toEqual({ ok: true, program: { path: join(path, 'kustomize'), command: 'kustomize' } });
});

describe.runIf(runs)('the bundled binary', () => {
  let cache: string;
  let program: Program;
  beforeAll(() => {
    cache = temporary();
    const found = unpackBundled(cache);
    if (!found.ok) throw new Error(found.message);
    program = found.program;
  });

  test('is the kustomize that is pinned, and alone in its directory', () => {
    expect(versionOf(program)).toBe(bundled.kustomize);
    expect(readdirSync(dirname(program.path)).sort()).toEqual(['kubectl', 'verified']);
  });
  test('is used again as it is', () => {
    const before = statSync(program.path).mtimeMs;
    expect(unpackBundled(cache)).toEqual({ ok: true, program });
    expect(statSync(program.path).mtimeMs).toBe(before);
  });
  test('is made anew when it was cut off or changed', () => {
    truncateSync(program.path, 1000);
    expect(unpackBundled(cache).ok).toBe(true);
    expect(versionOf(program)).toBe(bundled.kustomize);
    const bytes = readFileSync(program.path);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    writeFileSync(program.path, bytes);
    expect(unpackBundled(cache).ok).toBe(true);
    expect(readFileSync(program.path).equals(bytes)).toBe(false);
  });
  test('two runs at once and one that was killed leave one whole file', async () => {
    const shared = temporary();
    const leftover = join(shared, 'kubectl', bundled.sha256, '.kubectl-1-1');
    mkdirSync(dirname(leftover), { recursive: true });
    writeFileSync(leftover, 'cut off');
    utimesSync(leftover, 0, 0);
    const module = new URL('../../../scripts/render/real-kustomize.ts', import.meta.url).href;
    const code = `import(${JSON.stringify(module)}).then((m) => process.exit(m.unpackBundled(${JSON.stringify(shared)}).ok ? 0 : 1))`;
    const start = () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', code], { cwd: repositoryRoot });
    await Promise.all([start(), start()]);
    expect(readdirSync(dirname(leftover)).sort()).toEqual(['kubectl', 'verified']);
    expect(unpackBundled(shared).ok).toBe(true);
  }, 30_000);
  test('a cache that cannot be written to is a message, not a crash', () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    expect(unpackBundled(file)).toMatchObject({
      ok: false,
      message: expect.stringContaining('cannot unpack'),
    });
  });

  test('builds in either order', async () => {
    const root = write({
      'kustomization.yaml': 'resources: [b.yaml, a.yaml]\n',
      'b.yaml': service('b'),
      'a.yaml': namespace,
    });
    const kinds = async (order: 'none' | 'legacy') => {
      const built = await buildWithRealKustomize(program, root, '.', {
        loadRestrictions: 'root-only',
        order,
      });
      return built.ok ? [...built.yaml.matchAll(/^kind: (.*)$/gm)].map((match) => match[1]) : built.message;
    };
    expect(await kinds('none')).toEqual(['Service', 'Namespace']);
    expect(await kinds('legacy')).toEqual(['Namespace', 'Service']);
  });
  test('says what kustomize says', async () => {
    const root = write({ 'kustomization.yaml': 'resources: [a.yaml]\nunknown: 1\n', 'a.yaml': namespace });
    const built = await buildWithRealKustomize(program, root, '.', {
      loadRestrictions: 'none',
      order: 'legacy',
    });
    expect(built).toMatchObject({ ok: false, message: expect.stringContaining('unknown') });
  });
  test.each([
    ['resources: [https://example.org/a.yaml]\n', 'fetched from the network'],
    ['resources: [absent/repo]\n', 'does not exist'],
    ['resources: [../outside.yaml]\n', 'leads out of the repository'],
    ['configMapGenerator: [{name: a, files: [a=https://example.org/a]}]\n', 'fetched from the network'],
    ['helmCharts: [{name: a}]\n', 'Helm chart'],
  ])('is not started for %s', async (kustomization, message) => {
    const root = write({ 'kustomization.yaml': kustomization });
    // A program that does not exist: had it been started, the message would be another.
    const built = await buildWithRealKustomize({ path: '/nonexistent', command: 'kubectl' }, root, '.', {
      loadRestrictions: 'none',
      order: 'none',
    });
    expect(built).toMatchObject({ ok: false, message: expect.stringContaining(message) });
  });
  test('is not started where a link may lead out', () => {
    const root = write({ 'kustomization.yaml': 'resources: [a.yaml]\n' });
    symlinkSync('/etc/hostname', join(root, 'a.yaml'));
    expect(refusal(openSources(openDirectory(root)), '.')).toContain('symbolic link');
  });

  test('a feature that only it knows is built by it, and blamed on the source', () => {
    const files = {
      'flux/test/kustomization.yaml': 'resources: [app.yaml]\n',
      'flux/test/app.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: flux-system}\nspec:\n  path: ./app\n  prune: true\n  interval: 1m\n  namePrefix: x-\n  sourceRef: {kind: GitRepository, name: flux-system}\n',
      'app/kustomization.yaml':
        'resources: [a.yaml]\ntransformers:\n  - |-\n    apiVersion: builtin\n    kind: SuffixTransformer\n    metadata: {name: s}\n    suffix: -s\n    fieldSpecs: [{path: metadata/name}]\n',
      'app/a.yaml': service('a'),
    };
    const repository = renderRepository(openSources(openMemory(files)), {
      judge: realJudge(() => ({ ok: true, program })),
    });
    const build = repository.environments[0]?.builds[1];
    expect(build?.failures).toEqual([]);
    const object = build?.objects[0];
    expect(object?.name).toBe('x-a-s');
    expect(originAt(object!.node, ['metadata', 'name'])).toMatchObject({ file: 'app/a.yaml', line: 4 });
  });
  test('files that are not on disk', () => {
    const sources = openSources(
      openMemory({ 'app/kustomization.yaml': 'resources: [a.yaml]\n', 'app/a.yaml': service('a') }),
    );
    expect(buildCopyWithRealKustomize(program, sources, 'app', undefined)).toMatchObject({ ok: true });
    const root = parseYaml('x', 'resources: [absent.yaml]\nkind: Kustomization\n').documents[0]?.node;
    const failed = buildCopyWithRealKustomize(
      program,
      sources,
      'app',
      root?.type === 'map' ? root : undefined,
    );
    expect(failed).toMatchObject({ ok: false, message: expect.stringContaining('absent.yaml') });
    expect(failed.ok ? '' : failed.message).not.toContain(tmpdir());
  });
});

test('provenance from the output alone: the namesake, else the kustomization', () => {
  const sources = openSources(
    openMemory({
      'app/kustomization.yaml': 'resources: [a.yaml]\n',
      'app/a.yaml': `${service('a')}spec:\n  type: NodePort\n`,
      'other/a.yaml': service('a'),
    }),
  );
  const [known, unknown] = withProvenance(
    sources,
    'app',
    `${service('x-a-s')}spec:\n  type: NodePort\n  added: 1\n---\n${namespace}`,
  );
  expect(originAt(known!, ['spec', 'type'])).toMatchObject({ file: 'app/a.yaml', line: 6 });
  expect(originAt(known!, ['spec', 'added'])).toMatchObject({ file: 'app/a.yaml', line: 5 });
  expect(originAt(unknown!, ['metadata', 'name'])).toEqual({
    file: 'app/kustomization.yaml',
    line: 1,
    column: 1,
  });
});

describe('the first difference', () => {
  const nodes = (text: string) =>
    parseYaml('mine', text).documents.flatMap(({ node }) => (node?.type === 'map' ? [node] : []));
  const difference = (mine: string, theirs: string) => firstDifference(nodes(mine), theirs);
  test.each([
    ['kind: A\n', 'kind: A\n', undefined],
    ['kind: A\nb: 1\na: 2\n', 'kind: A\na: 2\nb: 1\n', undefined],
    [
      'kind: A\na: {b: [1, 2]}\n',
      'kind: A\na: {b: [1, 3]}\n',
      "A /?: `a.b[1]` is 2, 3 in kustomize's output",
    ],
    ['kind: A\na: "1"\n', 'kind: A\na: 1\n', 'A /?: `a` is "1", 1 in kustomize\'s output'],
    ['kind: A\n', 'kind: A\nb: 1\n', 'A /?: kustomize sets `b` to 1'],
    [
      'kind: A\n---\nkind: B\n',
      'kind: B\n---\nkind: A\n',
      'document 1 is A /?, and kustomize emits B /? there',
    ],
    ['kind: A\n', 'kind: A\n---\nkind: B\n', 'kustomize also emits B /?'],
    ['kind: A\n---\nkind: B\n', 'kind: A\n', 'kustomize does not emit B /?'],
    ['kind: A\na: [1, 2]\n', 'kind: A\na: [1]\n', "A /?: `a` has 2 items, 1 in kustomize's output"],
  ])('%j and %j: %s', (mine, theirs, expected) => {
    expect(difference(mine, theirs)).toBe(expected);
  });
  test('nodes are what they say', () => expect(toJson(nodes('kind: A\n')[0]!)).toEqual({ kind: 'A' }));
});
