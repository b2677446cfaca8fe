import { expect, test } from 'vitest';
import { runStage } from '../../../../scripts/checks/stage.ts';
import { yamlStage } from '../../../../scripts/checks/yaml/index.ts';
import { openMemory } from '../../../../scripts/repository/files.ts';
import { openSources } from '../../../../scripts/repository/sources.ts';

// A fixture is text, so it cannot hold bytes that are none.
test.each([
  ['a file that is not UTF-8', [0xff], ['yaml/syntax']],
  ['the same letter in UTF-8', [0xc3, 0xbf], []],
])('%s', (_, bytes, expected) => {
  const text = Buffer.concat([
    Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "'),
    Buffer.from(bytes),
    Buffer.from('"\n'),
  ]);
  const sources = openSources(openMemory({ 'a.yaml': text }));
  const build = {
    environment: 'test',
    component: 'test',
    path: '.',
    objects: [],
    failures: [],
    notices: [],
    reads: new Set(['a.yaml']),
  };
  const repository = {
    sources,
    paths: ['a.yaml'],
    environments: [{ name: 'test', path: '.', builds: [build], objects: [] }],
  };
  expect([...runStage(yamlStage, repository)].map(({ rule }) => rule)).toEqual(expected);
});
