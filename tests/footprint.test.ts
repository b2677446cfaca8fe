import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sumRequests } from '../scripts/cluster/requests.ts';
import { runGate } from '../scripts/gate.ts';
import { renderRepository } from '../scripts/render/render.ts';
import { openDirectory } from '../scripts/repository/files.ts';
import { openSources } from '../scripts/repository/sources.ts';
import { type Edit, edit, overlaySources } from './faults/overlay-files.ts';

const root = join(import.meta.dirname, '..');
const base = openSources(openDirectory(root));

function footprint(edits: readonly Edit[]) {
  const repository = renderRepository(overlaySources(base, edits));
  const { findings } = runGate(repository, {
    selection: { environments: [], components: [], stages: [] },
    platform: true,
    strict: false,
    today: new Date().toISOString().slice(0, 10),
  });
  const [prototype] = repository.environments;
  const { cpu, memory } = sumRequests(prototype?.objects ?? [], 1);
  return { errors: findings.filter(({ severity }) => severity === 'error'), cpu, memory: memory / 2 ** 30 };
}

// The two lines that flux/prototype/kustomization.yaml and the README say to take the # from.
const small = edit('flux/prototype/kustomization.yaml', (text) =>
  text
    .replace('\n#components:', '\ncomponents:')
    .replace('\n#  - ../../components', '\n  - ../../components'),
);

test.each([
  ['everything', []],
  ['small footprint', [small]],
] as const)(
  '%s is green, and asks for what the README says',
  (choice, edits) => {
    const { errors, cpu, memory } = footprint(edits);
    expect(errors).toEqual([]);
    const row = readFileSync(join(root, 'README.md'), 'utf8').match(
      new RegExp(`^\\| ${choice} .*$`, 'm'),
    )?.[0];
    const [statedCpu, statedMemory] = (row ?? '')
      .split('|')
      .slice(2, 4)
      .map((cell) => cell.trim());
    expect(statedCpu).toBe(cpu.toFixed(2));
    expect(statedMemory).toBe(`${memory.toFixed(2)} GiB`);
  },
  120_000,
);
