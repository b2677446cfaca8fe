import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { describe, expect, test } from 'vitest';
import { openStore } from '../scripts/kubernetes/schema/store.ts';
import { type RenderedObject, renderedObject } from '../scripts/render/object.ts';
import { renderRepository } from '../scripts/render/render.ts';
import { openDirectory, openMemory } from '../scripts/repository/files.ts';
import { openSources } from '../scripts/repository/sources.ts';
import type { MapNode } from '../scripts/yaml/node.ts';
import { parseYaml } from '../scripts/yaml/parse.ts';
import { seedCoverage } from './seed/coverage.ts';
import { deviations } from './seed/decisions.ts';
import { prove, proveObject } from './seed/prove.ts';
import { headings, sections, statements } from './seed/sections.ts';
import type { Expectation, Outcome, Proof, Steps } from './seed/statement.ts';

const root = join(import.meta.dirname, '..');
const repository = renderRepository(openSources(openDirectory(root)));
const page = 'docs/reference/seed-coverage.md';
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const told = (outcome: Outcome): string =>
  outcome.failures
    .map(({ message, origin }) => (origin ? `${message} (${origin.file}:${origin.line})` : message))
    .join('\n');

const shown = statements.filter((statement) => statement.proof !== undefined);

describe('what is rendered is what the seed says', () => {
  test('every build succeeds', () => {
    const failures = repository.environments.flatMap(({ builds }) =>
      builds.flatMap((build) =>
        build.failures
          // Definitions that an add-on brings from a repository of its own.
          .filter(({ code }) => code !== 'foreign-source')
          .map(({ message }) => `${build.component}: ${message}`),
      ),
    );
    expect(failures).toEqual([]);
  });

  for (const section of sections)
    describe(section.title, () => {
      for (const statement of section.statements) {
        if (statement.notYet !== undefined) {
          test.todo(`${statement.id}: ${statement.text} (not yet: ${statement.notYet})`);
          continue;
        }
        test(`${statement.id}: ${statement.text}`, () => {
          const problems = statement.proof.map((proof) => told(prove(repository, proof))).filter(Boolean);
          expect(problems.join('\n'), `The seed says: ${statement.text}`).toBe('');
        });
      }
    });
});

describe('the statements', () => {
  test('cover every section of the seed', () => {
    expect(sections.map(({ title }) => title)).toEqual(headings);
    for (const section of sections) expect(section.statements, section.title).not.toEqual([]);
  });

  test('have names of their own', () => {
    const ids = statements.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test('each have a proof, or say what is missing', () => {
    for (const { id, proof, notYet } of statements)
      expect((proof?.length ?? 0) > 0 || (notYet ?? '').trim() !== '', id).toBe(true);
  });

  test('of absence name a kind that exists', () => {
    const kinds = new Set(
      [...openStore(join(root, 'schemas')).kinds.keys()].map((key) => key.split(' ').at(-1)),
    );
    const named = shown
      .flatMap(({ proof }) => proof ?? [])
      .flatMap((proof) => ('none' in proof ? proof.none : []));
    for (const kind of named) expect(kinds, kind).toContain(kind);
  });

  test('accept no text but the one that is meant', () => {
    for (const { id, proof } of shown)
      for (const each of proof ?? []) {
        if ('contains' in each)
          expect(each.contains, `${id}: every text contains the empty one`).not.toBe('');
        if (!('matches' in each)) continue;
        expect(each.matches.flags, `${id}: ${each.matches} remembers where it was`).not.toMatch(/[gy]/);
        expect(each.matches.test(''), `${id}: ${each.matches} accepts an empty text`).toBe(false);
        expect(each.matches.test('something else'), `${id}: ${each.matches} accepts any text`).toBe(false);
      }
  });
});

describe('docs/decisions.md', () => {
  const rows = deviations(read('docs/decisions.md'));
  const ids = rows.map(({ id }) => id);

  test('has rows with a name of their own and no empty cell', () => {
    expect(rows).not.toEqual([]);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { id, cells } of rows) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(cells, id).toHaveLength(3);
      for (const cell of cells) expect(cell, id).not.toBe('');
    }
  });

  test('has every deviation that a statement names', () => {
    for (const { id, deviation } of statements)
      if (deviation !== undefined) expect(ids, id).toContain(deviation);
  });

  test('has no row about the seed that no statement names', () => {
    // One that is only named by something that is not there yet would be checked by nothing.
    const named = new Set(shown.map(({ deviation }) => deviation));
    expect(ids.filter((id) => !named.has(id))).toEqual([]);
  });
});

test(`${page} is up to date: if not, run \`npm run reference\``, async () => {
  const config = await prettier.resolveConfig(join(root, page));
  const expected = await prettier.format(seedCoverage(repository), { ...config, parser: 'markdown' });
  expect(read(page), `${page} is not what tests/seed yields: run \`npm run reference\``).toBe(expected);
});

describe('a proof', () => {
  const source = [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: { name: example, namespace: infometis }',
    'list:',
    '  - { name: first, size: 1Gi }',
    '  - { name: second, size: 2Gi }',
    'data:',
    '  some.yml: "port: 80"',
    '  some.ini: |-',
    '    root = 1',
    '    [server]',
    '    # port = 81',
    '    port = 82',
    '',
  ].join('\n');
  const object: RenderedObject = renderedObject(
    parseYaml('base/example.yaml', source).documents[0]!.node as MapNode,
    {
      environment: 'prototype',
      component: 'example',
    },
  );
  const outcome = (path: Steps, expectation: Expectation, inside?: Steps): string =>
    told(proveObject(object, { path, ...(inside ? { inside } : {}), ...expectation }));

  test('holds for the value that is there', () => {
    expect(outcome(['list', { name: 'second' }, 'size'], { is: '2Gi' })).toBe('');
    expect(outcome(['list', 0, 'size'], { matches: /^1/ })).toBe('');
    expect(outcome(['list', 0], { is: { size: '1Gi', name: 'first' } })).toBe('');
    expect(outcome(['list', { name: 'third' }], { absent: true })).toBe('');
    expect(outcome(['data', 'some.yml'], { is: 80 }, ['port'])).toBe('');
    expect(outcome(['data', 'some.ini'], { is: '82' }, ['server', 'port'])).toBe('');
    expect(outcome(['data', 'some.ini'], { contains: '# port' })).toBe('');
  });

  test('names what is there, what should be, and the line that says so', () => {
    expect(outcome(['list', { name: 'second' }, 'size'], { is: '3Gi' })).toBe(
      'ConfigMap/infometis/example: list[name=second].size is "2Gi", and should be "3Gi" (base/example.yaml:6)',
    );
    expect(outcome(['list', { name: 'first' }, 'size'], { absent: true })).toBe(
      'ConfigMap/infometis/example: list[name=first].size is "1Gi", and should not be set (base/example.yaml:5)',
    );
    expect(outcome(['list', { name: 'third' }, 'size'], { is: '3Gi' })).toBe(
      'ConfigMap/infometis/example: there is no list[name=third], only name="first", name="second" (base/example.yaml:4)',
    );
    expect(outcome(['data', 'some.yml'], { is: 81 }, ['port'])).toBe(
      'ConfigMap/infometis/example some.yml: port is 80, and should be 81 (base/example.yaml:8)',
    );
  });

  test('of absence fails where even the way to it is not there', () => {
    expect(outcome(['lisst', { name: 'third' }], { absent: true })).toContain('there is no lisst');
  });

  test('fails on an object, a file or an environment that is not there, and on a kind that is', () => {
    const failures = (proof: Proof): string => told(prove(repository, proof));
    expect(failures({ object: 'StatefulSet/infometis/kafkka', path: ['kind'], is: 'StatefulSet' })).toBe(
      'StatefulSet/infometis/kafkka is not rendered',
    );
    expect(failures({ object: 'StatefulSet/kafka', path: ['kind'], is: 'StatefulSet' })).toBe(
      'StatefulSet/kafka is not rendered',
    );
    expect(failures({ file: 'k0s/other.yaml', path: ['kind'], is: 'ClusterConfig' })).toBe(
      'there is no file k0s/other.yaml',
    );
    expect(failures({ none: 'IngressClass' })).toContain('and there should be no IngressClass');
    const nothing = { sources: openSources(openMemory({})), paths: [], environments: [] };
    expect(told(prove(nothing, { none: 'Secret' }))).toBe('there is no environment prototype');
  });

  test('about all of a kind fails where one of them is different', () => {
    const all: Proof = { object: 'PersistentVolume/*', path: ['spec', 'capacity', 'storage'], is: '10Gi' };
    expect(told(prove(repository, all))).toContain(
      'PersistentVolume/grafana-data: spec.capacity.storage is "5Gi"',
    );
  });
});
