import { join } from 'node:path';
import { openKnownGood } from '../../scripts/cache/known-good.ts';
import { type GateResult, runGate } from '../../scripts/gate.ts';
import { renderRepository } from '../../scripts/render/render.ts';
import { openDirectory } from '../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../scripts/repository/sources.ts';
import { type Edit, overlaySources } from './overlay-files.ts';

const base = openSources(openDirectory(join(import.meta.dirname, '../..')));
// What one run found valid, the next need not validate again: the runs differ in a file or two.
const knownGood = openKnownGood(undefined);

export interface Checked extends GateResult {
  readonly sources: Sources;
}

/** Renders and checks this very repository with some changes, as `npm run validate` would. */
export function check(edits: readonly Edit[]): Checked {
  const sources = overlaySources(base, edits);
  const repository = { ...renderRepository(sources), knownGood };
  const result = runGate(repository, {
    selection: { environments: [], components: [], stages: [] },
    platform: true,
    strict: false,
    today: new Date().toISOString().slice(0, 10),
  });
  return { ...result, sources };
}

/** The line on which a text ends that occurs exactly once in a file, counted from 1. */
export function lineOf({ files }: Sources, file: string, find: string): number {
  const read = files.read(file);
  if (!read.ok) throw new Error(`${file} cannot be read: ${read.reason}`);
  const start = read.text.indexOf(find);
  if (start === -1 || read.text.includes(find, start + 1))
    throw new Error(`${file}: ${JSON.stringify(find)} must occur exactly once`);
  return read.text.slice(0, start + find.length).split('\n').length;
}
