import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const run = (...parameters: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), ...parameters], { encoding: 'utf8' });

test('a command gets its own parameters, from the bundle that is made and from the one that is kept', () => {
  for (const _ of ['made', 'kept']) {
    const { status, stdout, stderr } = run('validate', '--help');
    expect(stderr).toBe('');
    expect(stdout).toContain('Usage: npm run validate');
    expect(status).toBe(0);
  }
  const { status, stderr } = run('validate', '--stag', 'yaml');
  expect(stderr).toContain('--stag');
  expect(status).toBe(2);
});

test.each(['', 'nothing', '../package', 'validate.ts'])('%j is no command', (name) => {
  const { status, stderr } = run(name);
  expect(stderr).toContain('there is no command');
  expect(status).toBe(2);
});
