import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runGate } from '../../scripts/gate.ts';
import { printObjects } from '../../scripts/render/print.ts';
import { renderRepository } from '../../scripts/render/render.ts';
import { openDirectory, walk } from '../../scripts/repository/files.ts';
import { openSources } from '../../scripts/repository/sources.ts';
import type { JsonObject } from '../../scripts/yaml/node.ts';

// The object store in the cluster is off, and no environment builds it. Here it is switched on in a copy, with the very commands of
// its runbook, and the copy goes through the gate: what is off must not rot.
const root = join(import.meta.dirname, '../..');
const runbook = 'docs/runbooks/object-store-in-cluster.md';
const copy = mkdtempSync(join(tmpdir(), 'infometis-switched-on-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const top = ['base', 'components', 'docs', 'flux', 'images', 'k0s', 'network', 'overlays', 'pipelines'];
const more = [
  'policies',
  'schemas',
  'secrets.yaml',
  'versions.yaml',
  'waivers.yaml',
  'renovate.json',
  '.sourceignore',
];
for (const path of [...top, ...more])
  try {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }

const render = (directory: string) => renderRepository(openSources(openDirectory(directory)));
const before = render(root);

function commands(): string {
  const text = readFileSync(join(root, runbook), 'utf8');
  const block = /\n## Switch it on\n.*?\n```sh\n(.*?)```/s.exec(text)?.[1];
  if (block === undefined) throw new Error(`${runbook} has no commands under "Switch it on"`);
  return block;
}
const switchOn = () => execFileSync('bash', ['-euc', commands()], { cwd: copy, stdio: 'pipe' });
const contents = () => {
  const files = openDirectory(copy);
  return [...walk(files, '.')].map((path) => {
    const read = files.read(path);
    return `${path}\n${read.ok ? read.text : read.reason}`;
  });
};

switchOn();
const after = render(copy);

test('the gate is green when it is on', { timeout: 120_000 }, () => {
  const { findings } = runGate(after, {
    selection: { environments: [], components: [], stages: [] },
    platform: true,
    strict: false,
    today: new Date().toISOString().slice(0, 10),
  });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  // Nothing of it is left switched off.
  expect(findings.filter(({ message }) => /commented out/.test(message)).map(({ file }) => file)).toEqual([
    'components/footprint-small/kustomization.yaml',
  ]);
});

test('the commands may be run twice', () => {
  const once = contents();
  switchOn();
  expect(contents()).toEqual(once);
});

/** A ConfigMap without the files that it had before: they would hide the new one. */
function withoutKnownFiles({ value }: { readonly value: JsonObject }): { readonly value: JsonObject } {
  const data = value['kind'] === 'ConfigMap' ? (value['data'] as Record<string, string>) : undefined;
  if (data === undefined) return { value };
  const fresh = Object.entries(data).filter(([key, text]) => !filesBefore.has(`${key}\n${text}`));
  return { value: { ...value, data: Object.fromEntries(fresh) } };
}
const filesBefore = new Set(
  before.environments.flatMap(({ builds }) =>
    builds.flatMap(({ objects }) =>
      objects.flatMap(({ value }) =>
        value['kind'] === 'ConfigMap'
          ? Object.entries((value['data'] ?? {}) as Record<string, string>).map((entry) => entry.join('\n'))
          : [],
      ),
    ),
  ),
);

test('what it changes', async () => {
  const was = new Map(
    before.environments.flatMap(({ builds }) =>
      builds.flatMap(({ environment, component, objects }) =>
        objects.map((object) => [`${environment}/${component}\n${printObjects([object])}`, true] as const),
      ),
    ),
  );
  const changed = after.environments.flatMap(({ builds }) =>
    builds.flatMap(({ environment, component, objects }) => {
      const fresh = objects.filter(
        (object) => !was.has(`${environment}/${component}\n${printObjects([object])}`),
      );
      return fresh.length === 0 ? [] : [{ environment, component, fresh: fresh.map(withoutKnownFiles) }];
    }),
  );
  expect(changed.map(({ environment, component }) => `${environment}/${component}`).sort()).toEqual(
    ['backup', 'elasticsearch', 'flink', 'flux-system', 'prometheus', 'seaweedfs'].map(
      (component) => `small-production/${component}`,
    ),
  );
  const text = changed
    .map(({ environment, component, fresh }) => `# ${environment}/${component}\n---\n${printObjects(fresh)}`)
    .join('---\n');
  await expect(text).toMatchFileSnapshot('object-store-in-cluster.yaml');
});
