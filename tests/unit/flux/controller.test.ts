/**
 * What the controller's own Go packages (fluxcd/pkg/kustomize 1.35.6 with kustomize api 0.21.1) made of small
 * repositories with one Flux Kustomization, recorded; `expected.yaml` is absent where they refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstDifference } from '../../../scripts/render/compare.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { parseArchive } from '../../rules/txtar.ts';

const directory = join(import.meta.dirname, 'fixtures', 'controller');

describe('builds what the controller builds', () => {
  test.each(readdirSync(directory))('%s', (name) => {
    const { 'expected.yaml': expected, ...files } = parseArchive(
      readFileSync(join(directory, name), 'utf8'),
    ).files;
    const [environment] = renderRepository(openSources(openMemory(files))).environments;
    const build = environment?.builds.find(({ component }) => component === 'app');
    const failures = build?.failures.filter(({ code }) => code !== 'lost-quotes') ?? [];
    if (expected === undefined) {
      expect(failures).not.toEqual([]);
      expect(build?.objects).toEqual([]);
      return;
    }
    expect(failures).toEqual([]);
    const nodes = build?.objects.map(({ node }) => node) ?? [];
    expect(firstDifference(nodes, expected)).toBeUndefined();
  });
});
