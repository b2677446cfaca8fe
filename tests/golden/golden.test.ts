import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printObjects } from '../../scripts/render/print.ts';
import { renderRepository } from '../../scripts/render/render.ts';
import { openDirectory } from '../../scripts/repository/files.ts';
import { openSources } from '../../scripts/repository/sources.ts';

// What a change does to each environment, for the eyes of a reviewer: `npm run golden` writes the files anew.
const root = join(import.meta.dirname, '../..');
const { environments } = renderRepository(openSources(openDirectory(root)));
const builds = environments.flatMap(({ builds: all }) => all);

test('something is rendered', () => {
  expect(builds.length).toBeGreaterThan(0);
});

test.each(builds.map((build) => [`${build.environment}/${build.component}`, build] as const))(
  '%s',
  async (name, build) => {
    await expect(printObjects(build.objects)).toMatchFileSnapshot(`${name}.yaml`);
  },
);

test('no golden file of a component that is gone', () => {
  const present = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(import.meta.dirname, name)).map((file) => `${name}/${file}`));
  expect(present.sort()).toEqual(
    builds.map((build) => `${build.environment}/${build.component}.yaml`).sort(),
  );
});
