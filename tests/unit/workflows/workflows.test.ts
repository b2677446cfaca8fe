import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../../scripts/cluster/process.ts';
import { breaches, list, map } from './rules.ts';
import { parse } from './yaml.ts';

const root = join(import.meta.dirname, '../../..');
const directory = join(root, '.github/workflows');
const files = readdirSync(directory).sort();
const text = (file: string): string => readFileSync(join(directory, file), 'utf8');
const scripts = new Set(
  Object.keys(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
      .scripts,
  ),
);

describe('every workflow', () => {
  it('is known here', () => {
    expect(files).toEqual([
      'cluster.yml',
      'diff.yml',
      'label.yml',
      'lag.yml',
      'renovate.yml',
      'validate.yml',
    ]);
  });
  it.each(files)('%s keeps the rules', (file) => {
    expect(breaches(text(file), scripts)).toEqual([]);
  });
});

describe('the rules', () => {
  const good = text('validate.yml');
  it.each([
    [
      'a tag in place of a commit',
      /checkout@[0-9a-f]{40} # v[\d.]+/,
      'checkout@v6',
      'is not pinned by a full commit',
    ],
    ['a commit without its version', / # v6\.0\.2/g, '', 'does not say its version'],
    ['no timeout', /\n {4}timeout-minutes: \d+/, '', 'it has no timeout-minutes'],
    [
      'no permissions of a job',
      /\n {4}permissions:\n {6}contents: read/,
      '',
      'it does not say its permissions',
    ],
    [
      'rights for all jobs',
      '\npermissions: {}',
      '\npermissions: {contents: write}',
      'permissions are not {}',
    ],
    ['everything allowed', '\npermissions: {}', '\npermissions: write-all', 'permissions are not {}'],
    ['rights beside code', 'contents: read', 'contents: write', 'it may write contents and checks out code'],
    ['no concurrency', /\nconcurrency:\n {2}group: .*/, '\nconcurrency:', 'concurrency has no group'],
    [
      'what others send, with secrets',
      '\n  pull_request:',
      '\n  pull_request_target:',
      'pull_request_target',
    ],
    ['kept credentials', /persist-credentials: false/, 'persist-credentials: true', 'keeps its credentials'],
    ['a script that is not there', 'npm run validate', 'npm run valdiate', 'no script valdiate'],
    ['packages beside the lock file', 'npm ci', 'npm install', 'lock file'],
    [
      'a title that becomes a script',
      'run: npm test',
      `run: echo "\${{ github.event.pull_request.title }}"`,
      'within a script',
    ],
    [
      'a foreign workflow',
      'uses: ./.github/workflows/cluster.yml',
      'uses: a/b/.github/workflows/c.yml@main',
      'it calls',
    ],
    ['a pipe that fails unseen', 'run: npm test', 'run: npm test | tee log', 'a pipe without'],
    ['a moving runner', 'ubuntu-24.04', 'ubuntu-latest', 'it runs on ubuntu-latest'],
  ])('refuse %s', (_, before, after, words) => {
    const changed = good.replace(before, after);
    expect(changed).not.toBe(good);
    expect(breaches(changed, scripts).join('\n')).toContain(words);
  });
  it('refuse a called workflow that shares its caller’s group', () => {
    const changed = text('cluster.yml').replace('group: cluster-', `group: \${{ github.workflow }}-`);
    expect(breaches(changed, scripts)).toContain('its concurrency group is that of its caller');
  });
  it('refuse a file without a job', () => {
    expect(breaches('on: {push: {}}\npermissions: {}\n', scripts)).toContain('it has no job');
  });
});

const jobsOf = (file: string) => map(parse(text(file))['jobs']);
const scriptOf = (file: string, job: string, step: RegExp): string => {
  const found = list(map(jobsOf(file)[job])['steps'])
    .map(map)
    .find(({ name, id }) => step.test(String(name ?? id)));
  return String(found?.['run'] ?? '');
};

describe('history', () => {
  // Pins of components are commits; a shallow clone does not have them.
  it.each([
    ['validate.yml', 'validate'],
    ['cluster.yml', 'cluster'],
    ['diff.yml', 'render'],
    ['lag.yml', 'report'],
  ])('%s, %s has all of it', (file, job) => {
    const checkout = list(map(jobsOf(file)[job])['steps'])
      .map(map)
      .find(({ uses }) => String(uses).startsWith('actions/checkout@'));
    expect(map(checkout?.['with'])['fetch-depth']).toBe(0);
  });
});

const missing = ['bash', 'jq', 'git'].filter((program) => findProgram(program) === undefined);
const scripted = describe.skipIf(missing.length > 0);
const why = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not on PATH)`;
const bash = (script: string, environment: NodeJS.ProcessEnv, cwd = root) =>
  // As GitHub starts `shell: bash`.
  spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });

scripted(`the required check${why}`, () => {
  const required = map(jobsOf('validate.yml')['required']);
  it('needs every other job, and runs whatever became of them', () => {
    const others = Object.keys(jobsOf('validate.yml')).filter((name) => name !== 'required');
    expect([...list(required['needs'])].sort()).toEqual(others.sort());
    expect(required['if']).toBe('always()');
  });

  const script = scriptOf('validate.yml', 'required', /succeeded/);
  const verdict = (jobs: Readonly<Record<string, string>>, runs?: string): number | null =>
    bash(script, {
      JOBS: JSON.stringify(
        Object.fromEntries(
          Object.entries(jobs).map(([name, result]) => [
            name,
            { result, outputs: name === 'validate' && runs !== undefined ? { runs } : {} },
          ]),
        ),
      ),
    }).status;
  const all = { validate: 'success', renovate: 'success', cluster: 'success' };
  it.each([
    ['all succeeded', all, 'true', true],
    ['the proof was left out for words', { ...all, cluster: 'skipped' }, 'false', true],
    ['the proof was left out though it should run', { ...all, cluster: 'skipped' }, 'true', false],
    ['the first job said nothing', { ...all, cluster: 'skipped' }, undefined, false],
    ['the first job failed', { ...all, validate: 'failure', cluster: 'skipped' }, 'false', false],
    ['another job was skipped', { ...all, renovate: 'skipped' }, 'false', false],
    ['the proof failed', { ...all, cluster: 'failure' }, 'false', false],
    ['one was cancelled', { ...all, renovate: 'cancelled' }, 'true', false],
    ['there is none', {}, 'false', false],
  ])('%s', (_, jobs, runs, green) => {
    expect(verdict(jobs, runs) === 0).toBe(green);
  });
});

scripted(`what the long proof is left out for${why}`, () => {
  const script = scriptOf('validate.yml', 'validate', /^changes$/);
  const runs = (event: string, paths: readonly string[]): string => {
    const clone = mkdtempSync(join(tmpdir(), 'infometis-changes-'));
    try {
      const environment = {
        HOME: clone,
        GIT_CONFIG_NOSYSTEM: '1',
        EVENT: event,
        GITHUB_OUTPUT: join(clone, '.git/output'),
      };
      const commit =
        'git add --all && git -c user.name=t -c user.email=t@example.com commit -qm x --allow-empty';
      bash(`git init -q && ${commit}`, environment, clone);
      for (const path of paths) writeFileSync(join(clone, path), 'new\n');
      bash(commit, environment, clone);
      const { status, stderr } = bash(script, environment, clone);
      expect(`${status} ${stderr}`).toBe('0 ');
      return readFileSync(environment.GITHUB_OUTPUT, 'utf8').trim();
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  };
  it.each([
    ['pull_request', ['README.md', 'LICENSE'], 'runs=false'],
    ['pull_request', ['README.md', 'secrets.yaml'], 'runs=true'],
    ['pull_request', ['a.mdx'], 'runs=true'],
    ['push', ['README.md'], 'runs=true'],
  ])('%s of %j', (event, paths, output) => {
    expect(runs(event, paths)).toBe(output);
  });
});

// A `gh` that answers from files and writes down how it was called.
const fakeGh = String.raw`#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
const option = (name) => { const at = args.indexOf(name); return at === -1 ? undefined : args[at + 1]; };
const path = args.find((arg) => arg.startsWith('repos/'));
const method = option('--method') ?? 'GET';
const input = option('--input');
if (method !== 'GET') {
  const body = input === undefined ? (option('--raw-field') ?? '') : JSON.parse(readFileSync(input, 'utf8'));
  appendFileSync(process.env.CALLS, JSON.stringify({ call: method + ' ' + path, body }) + '\n');
  process.exit(0);
}
const answers = JSON.parse(process.env.ANSWERS);
const answer = answers[path.split('?')[0]];
if (answer === undefined) { process.stderr.write('gh: Not Found ' + path); process.exit(1); }
const { stdout, status } = spawnSync('jq', ['--raw-output', option('--jq')], { input: JSON.stringify(answer), encoding: 'utf8' });
process.stdout.write(stdout);
process.exit(status);
`;

interface Call {
  readonly call: string;
  readonly body: unknown;
}

function withGh(
  script: string,
  answers: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  input: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly calls: readonly Call[] } {
  const place = mkdtempSync(join(tmpdir(), 'infometis-gh-'));
  try {
    writeFileSync(join(place, 'gh'), fakeGh, { mode: 0o755 });
    for (const [name, content] of Object.entries(input)) {
      spawnSync('mkdir', ['-p', join(place, name, '..')]);
      writeFileSync(join(place, name), content);
    }
    const calls = join(place, 'calls');
    const { status } = bash(
      script,
      {
        ...environment,
        PATH: `${place}:${process.env['PATH']}`,
        CALLS: calls,
        ANSWERS: JSON.stringify(answers),
        REPOSITORY: 'a/b',
      },
      place,
    );
    const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
    return { status, calls: lines.map((line) => JSON.parse(line) as Call) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

scripted(`the label${why}`, () => {
  const script = scriptOf('label.yml', 'small-production', /Label/);
  const label = (changed: readonly object[], labels: readonly string[]) =>
    withGh(
      script,
      {
        'repos/a/b/pulls/7/files': changed,
        'repos/a/b/issues/7/labels': labels.map((name) => ({ name })),
      },
      { NUMBER: '7', LABEL: 'small-production' },
    );
  it.each([
    [
      'a change of production',
      [{ filename: 'flux/small-production/kafka.yaml' }],
      [],
      'POST repos/a/b/issues/7/labels',
    ],
    [
      'a file moved out of it',
      [{ filename: 'docs/x', previous_filename: 'flux/small-production/x.yaml' }],
      [],
      'POST repos/a/b/issues/7/labels',
    ],
    [
      'no longer one',
      [{ filename: 'base/a' }],
      ['small-production'],
      'DELETE repos/a/b/issues/7/labels/small-production',
    ],
  ])('%s', (_, changed, labels, call) => {
    const { status, calls } = label(changed, labels);
    expect(status).toBe(0);
    expect(calls.map((each) => each.call)).toEqual([call]);
  });
  it('stays away from everything else', () => {
    expect(label([{ filename: 'flux/small-production-2/a' }], ['small-production-2'])).toEqual({
      status: 0,
      calls: [],
    });
  });
  it('fails where GitHub does not answer', () => {
    expect(withGh(script, {}, { NUMBER: '7', LABEL: 'small-production' }).status).not.toBe(0);
  });
});

scripted(`the issue about the lag${why}`, () => {
  const script = scriptOf('lag.yml', 'issue', /Open the issue/);
  const marker = '<!-- lag-of-small-production -->';
  const report = (issues: readonly object[], words = 'kafka: 3 days\n') =>
    withGh(
      script,
      { 'repos/a/b/issues': issues },
      { TITLE: 'Behind', MARKER: marker },
      { 'artifact/lag.md': words },
    );
  const bot = { login: 'github-actions[bot]' };
  it('is opened once', () => {
    const { status, calls } = report([]);
    expect(status).toBe(0);
    expect(calls).toEqual([
      {
        call: 'POST repos/a/b/issues',
        body: { title: 'Behind', body: `${marker}\nkafka: 3 days\n`, state: 'open' },
      },
    ]);
  });
  it('is put right afterwards, and nothing that others wrote is touched', () => {
    const { calls } = report([
      { number: 1, user: { login: 'somebody' }, body: marker },
      { number: 2, user: bot, body: marker, pull_request: {} },
      { number: 3, user: bot, body: null },
      { number: 4, user: bot, body: `${marker}\nold` },
    ]);
    expect(calls.map(({ call }) => call)).toEqual(['PATCH repos/a/b/issues/4']);
  });
  it('is not emptied by a report that is missing', () => {
    const { status, calls } = report([], '');
    expect(status).not.toBe(0);
    expect(calls).toEqual([]);
  });
});
