import { expect, test } from 'vitest';
import { buildKustomization } from '../../../scripts/kustomize/build.ts';
import { openDirectory, walk } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { type Node, type Origin, textAt } from '../../../scripts/yaml/node.ts';

const sources = openSources(openDirectory(process.cwd()));
const directories = ['base', 'overlays']
  .flatMap((directory) => [...walk(sources.files, directory)])
  .filter((path) => path.endsWith('/kustomization.yaml'))
  // Components cannot stand alone.
  .filter((path) => textAt(sources.yaml(path)?.documents[0]?.node, ['kind']) !== 'Component')
  .map((path) => path.slice(0, -'/kustomization.yaml'.length));

test('there are bases and overlays', () => {
  expect(directories.length).toBeGreaterThan(10);
});

// Whatever falls back to the real binary has lost its places: no finding in it could name a line.
test.each(directories)('%s builds in-process, and every value has a place that exists', (directory) => {
  const result = buildKustomization(sources, directory, { loadRestrictions: 'none', order: 'none' });
  if (result.status !== 'built') throw new Error(JSON.stringify(result));
  for (const { file, line } of result.objects.flatMap((object) => [...places(object)])) {
    const read = sources.files.read(file);
    expect(read.ok && read.text.split('\n').length >= line, `${file}:${line}`).toBe(true);
    expect(result.reads.has(file), file).toBe(true);
  }
});

function* places(node: Node): Generator<Origin> {
  yield node.origin;
  if (node.type === 'list') for (const item of node.items) yield* places(item);
  if (node.type === 'map')
    for (const { origin, value } of node.entries.values()) {
      yield origin;
      yield* places(value);
    }
}
