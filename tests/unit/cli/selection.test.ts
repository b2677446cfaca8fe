import { expect, test } from 'vitest';
import { unknownName } from '../../../scripts/cli/selection.ts';
import type { Build, Repository } from '../../../scripts/render/environment.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const build = (environment: string, component: string): Build => ({
  environment,
  component,
  path: component,
  objects: [],
  failures: [],
  notices: [],
  reads: new Set(),
});
const repository: Repository = {
  sources: openSources(openMemory({})),
  paths: [],
  environments: [
    { name: 'one', path: 'flux/one', builds: [build('one', 'web'), build('one', 'db')], objects: [] },
    { name: 'two', path: 'flux/two', builds: [build('two', 'web')], objects: [] },
  ],
};

test.each([
  [[], []],
  [['one'], []],
  [['one', 'two'], ['web']],
  [[], ['db']],
] as const)('environments %j and components %j exist', (environments, components) =>
  expect(unknownName(repository, { environments, components })).toBeUndefined(),
);

test('an environment that does not exist is named, with those that do', () =>
  expect(unknownName(repository, { environments: ['on'], components: [] })).toEqual({
    message: 'there is no environment `on`',
    fix: 'One of one, two.',
  }));

test('a component of another environment does not count', () =>
  expect(unknownName(repository, { environments: ['two'], components: ['db'] })).toEqual({
    message: 'there is no component `db`',
    fix: 'One of web.',
  }));

test('a repository without environments says so', () =>
  expect(
    unknownName({ ...repository, environments: [] }, { environments: ['one'], components: [] })?.fix,
  ).toBe('None was found.'));
