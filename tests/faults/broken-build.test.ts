import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { inALine } from './fault.ts';
import { append } from './overlay-files.ts';

const root = join(import.meta.dirname, '../..');
const built = readdirSync(join(root, 'base')).filter((name) =>
  readdirSync(join(root, 'flux')).some((environment) =>
    existsSync(join(root, 'flux', environment, `${name}.yaml`)),
  ),
);

// What a build that failed would have yielded is missing everywhere: nobody else is to blame for it.
test.each(built)('of base/%s, and nothing else, is told that it cannot be built', (name) => {
  const file = `base/${name}/kustomization.yaml`;
  const errors = check([append(file, '\nresourcess: []\n')]).findings.filter(
    ({ severity }) => severity === 'error',
  );
  expect(
    errors.map((one) => `${one.rule} ${one.file}`),
    errors.map(inALine).join('\n'),
  ).toEqual([`kustomization/unknown-field ${file}`]);
});
