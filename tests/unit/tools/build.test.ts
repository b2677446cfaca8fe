import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BuildContext, buildTools } from '../../../scripts/tools/build.ts';
import { toolNamed } from '../../../scripts/tools/catalog.ts';
import { findFiles, findTool, whyToolsAreMissing } from '../../../scripts/tools/find.ts';
import { readPin, toolsDirectory } from '../../../scripts/tools/pin.ts';

let directory: string;
let environment: NodeJS.ProcessEnv;
let lines: string[];
const age = toolNamed('age')!;
const kwok = toolNamed('kwok')!;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tools-'));
  mkdirSync(join(directory, 'bin'));
  // Only the fake Go and the shell's own tools: whatever is on the machine must not count.
  environment = { PATH: `${join(directory, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(directory, 'cache') };
  lines = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const context = (): BuildContext => ({ environment, line: (text) => lines.push(text), step: () => {} });

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** A Go that "builds" a program which says the given version, and notes every build. */
function fakeGo({ says, build = '' }: { readonly says: string; readonly build?: string }): void {
  mkdirSync(join(directory, 'module/kustomize/stage/pod'), { recursive: true });
  writeFileSync(join(directory, 'module/kustomize/stage/pod/ready.yaml'), 'kind: Stage\n', { mode: 0o444 });
  script(
    join(directory, 'bin/go'),
    `
case "$1" in
env) echo go1.99.0; exit 0;;
mod) echo '{"Dir": "${join(directory, 'module')}"}'; exit 0;;
esac
echo "$GOFLAGS $CGO_ENABLED $*" >> ${join(directory, 'calls')}
${build}
while [ "$1" != -o ]; do shift; done
mkdir -p "$(dirname "$2")"
printf '#!/bin/sh\\necho version ${says}\\n' > "$2"
chmod 755 "$2"`,
  );
}

const calls = (): string[] =>
  existsSync(join(directory, 'calls'))
    ? readFileSync(join(directory, 'calls'), 'utf8').trimEnd().split('\n')
    : [];

test('builds what is missing, once, with the pinned flags', async () => {
  fakeGo({ says: readPin(age).version });
  expect(await buildTools([age], context())).toEqual({ ok: true, built: ['age'] });
  expect(calls()).toHaveLength(2);
  expect(calls()[0]).toMatch(/^-mod=readonly 0 build -trimpath .*filippo\.io\/age\/cmd\/age$/);
  expect(lines).toEqual([expect.stringMatching(/^age v\S+: age, age-keygen in \d+\.\d s$/)]);
  expect(findTool('age', environment)).toMatchObject({ ok: true, from: 'cache' });
  expect(await buildTools([age], context())).toEqual({ ok: true, built: [] });
  expect(calls()).toHaveLength(2);
});

test('two at once build once', async () => {
  fakeGo({ says: readPin(age).version, build: 'sleep 0.2' });
  const results = await Promise.all([buildTools([age], context()), buildTools([age], context())]);
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(calls()).toHaveLength(2);
});

test('a program that says another version is no result', async () => {
  fakeGo({ says: 'v9.9.9' });
  expect(await buildTools([age], context())).toMatchObject({
    ok: false,
    why: 'build',
    reason: expect.stringContaining('v9.9.9'),
  });
  expect(findTool('age', environment).ok).toBe(false);
});

test('a failed build says what Go said, and leaves nothing', async () => {
  fakeGo({ says: '', build: 'echo "no such module" >&2; exit 1' });
  expect(await buildTools([age], context())).toMatchObject({
    ok: false,
    why: 'build',
    reason: expect.stringContaining('no such module'),
  });
  expect(readdirSync(join(toolsDirectory(environment), 'age'))).toEqual([]);
});

test('an interrupted build stops Go and what Go started, and leaves nothing', async () => {
  const mark = join(directory, 'still-here');
  fakeGo({ says: '', build: `(sleep 1; touch ${mark}) & touch ${join(directory, 'begun')}; sleep 60` });
  const interrupt = new AbortController();
  const result = buildTools([age], { ...context(), signal: interrupt.signal });
  while (!existsSync(join(directory, 'begun'))) await new Promise((resolve) => setTimeout(resolve, 10));
  interrupt.abort();
  expect(await result).toMatchObject({ ok: false, why: 'interrupted' });
  expect(readdirSync(join(toolsDirectory(environment), 'age'))).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(existsSync(mark)).toBe(false);
});

test('what a dead build left is removed', async () => {
  fakeGo({ says: readPin(age).version });
  const left = `${readPin(age, environment).directory}.tmp-999999999-x`;
  mkdirSync(left, { recursive: true });
  await buildTools([age], context());
  expect(existsSync(left)).toBe(false);
});

test('the files of a module are copied so that they can be removed again', async () => {
  fakeGo({ says: readPin(kwok).version });
  expect(whyToolsAreMissing(['kwok'], environment)).toMatch(/not built: run `npm run tools:build/);
  await buildTools([kwok], context());
  expect(readFileSync(join(findFiles('kwok', environment)!, 'pod/ready.yaml'), 'utf8')).toBe('kind: Stage\n');
  expect(whyToolsAreMissing(['kwok'], environment)).toBeUndefined();
});

test('a tool that is files alone is missing without them', () => {
  fakeGo({ says: '' });
  expect(whyToolsAreMissing(['flux2'], environment)).toMatch(/^the files of flux2 are not there: run/);
  expect(whyToolsAreMissing(['flux3'], environment)).toMatch(/no tool/);
});

test('a ready program is used in exactly the pinned version', async () => {
  fakeGo({ says: readPin(age).version });
  const assets = join(directory, 'assets');
  mkdirSync(assets);
  environment['KUBEBUILDER_ASSETS'] = assets;
  for (const name of ['age', 'age-keygen']) script(join(assets, name), 'echo v1.0.0');
  expect(findTool('age', environment).ok).toBe(false);
  for (const name of ['age', 'age-keygen']) script(join(assets, name), `echo ${readPin(age).version}`);
  expect(findTool('age', environment)).toMatchObject({ ok: true, from: 'KUBEBUILDER_ASSETS' });
  expect(await buildTools([age], context())).toEqual({ ok: true, built: [] });
  expect(calls()).toEqual([]);
});

test('a program that cannot say its version is not taken from PATH', () => {
  fakeGo({ says: '' });
  script(join(directory, 'bin/source-controller'), 'echo v1.9.5');
  expect(findTool('source-controller', environment).ok).toBe(false);
});

test('without Go: says so, and that is no failed build', async () => {
  environment['PATH'] = join(directory, 'bin');
  expect(await buildTools([age], context())).toMatchObject({
    ok: false,
    why: 'go',
    reason: expect.stringMatching(/^Go is not on PATH: 1\.\d+/),
  });
  expect(findTool('age', environment)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^age v\S+ is not there, and Go is not on PATH/),
  });
});

test('Go that is too old: says which is needed and which is there', async () => {
  script(join(directory, 'bin/go'), 'echo go1.22.3');
  expect(await buildTools([age], context())).toMatchObject({
    ok: false,
    why: 'go',
    reason: expect.stringMatching(/too old: 1\.\d+\.\d+ or newer is needed \(found go1\.22\.3\)/),
  });
});
