import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kustomizationStage } from '../../../../scripts/checks/kustomization/index.ts';
import { runStage } from '../../../../scripts/checks/stage.ts';
import type { Repository } from '../../../../scripts/render/environment.ts';
import { openDirectory, walk } from '../../../../scripts/repository/files.ts';
import { openSources } from '../../../../scripts/repository/sources.ts';

// An archive of text files cannot hold a link.
const root = mkdtempSync(join(tmpdir(), 'artifact-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a listed symbolic link is reported where it is listed', () => {
  writeFileSync(join(root, 'kustomization.yaml'), 'resources:\n  - real.yaml\n  - linked.yaml\n');
  writeFileSync(join(root, 'real.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n');
  symlinkSync('real.yaml', join(root, 'linked.yaml'));
  const sources = openSources(openDirectory(root));
  const build = {
    environment: 'test',
    component: 'test',
    path: '.',
    objects: [],
    failures: [],
    notices: [],
    reads: new Set(['kustomization.yaml']),
  };
  const repository: Repository = {
    sources,
    paths: [...walk(sources.files, '.')],
    environments: [{ name: 'test', path: '.', builds: [build], objects: [] }],
  };
  const found = [...runStage(kustomizationStage, repository, ({ severity }) => severity === 'error')];
  expect(found.map(({ rule, line, message }) => ({ rule, line, message }))).toEqual([
    {
      rule: 'kustomization/not-in-artifact',
      line: 3,
      message: expect.stringContaining('`linked.yaml` in `resources` is, or lies behind, a symbolic link'),
    },
  ]);
});
