import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { diffRepositories } from '../../../scripts/diff/run.ts';
import { chooseComponents, chooseEnvironment } from '../../../scripts/promotion/choice.ts';
import { readMainLine } from '../../../scripts/promotion/history.ts';
import { openMixer } from '../../../scripts/promotion/mix.ts';
import { type Promotion, planPromotion, type Refusal } from '../../../scripts/promotion/plan.ts';
import { pullRequest, titleOf } from '../../../scripts/promotion/pull-request.ts';
import { laggards, statusOf } from '../../../scripts/promotion/status.ts';
import { openRepository } from '../../../scripts/render/open.ts';
import { openCommit } from '../../../scripts/repository/commit.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { trackedPaths } from '../../../scripts/repository/tracked.ts';
import { gitEnvironment } from '../../git-environment.ts';
import { hour, makeRepository, type TestRepository } from './git.ts';

// Every step renders the whole repository as Git has it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ownRoot = join(import.meta.dirname, '../../..');
const small = 'small-production';
const pinFile = (component: string): string => `flux/${small}/${component}.yaml`;

let scratch: string;
let clone: TestRepository;
let root: string;
let first: string;
let pinned: string;
const now = Date.now();
const ago = (hours: number): number => now - hours * hour;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'promote-'));
  root = join(scratch, 'clone');
  clone = makeRepository(root);
  for (const path of trackedPaths(openDirectory(ownRoot))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(join(ownRoot, path), join(root, path));
  }
  first = clone.commit('The repository as it stands', ago(200));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
function edited(path: string, change: (text: string) => string): Readonly<Record<string, string>> {
  const text = textOf(path);
  const after = change(text);
  expect(after, path).not.toBe(text);
  return { [path]: after };
}
const bumped = (component: string, tag: string) =>
  edited(`base/${component}/kustomization.yaml`, (text) => text.replace(/newTag: .*/, `newTag: ${tag}`));

function command(...parameters: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ownRoot, 'scripts/run.mjs'), 'promote', '--root', root, ...parameters],
    { encoding: 'utf8', env: { ...gitEnvironment, HOME: process.env['HOME'], CI: '1', NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
}

interface Wish {
  readonly components?: readonly string[];
  readonly to?: string;
  readonly rollback?: boolean;
  readonly allow?: readonly string[];
}

async function open(directory = root) {
  const opened = await openRepository(directory, { cache: true, deployed: true });
  if (!opened.ok) throw new Error(opened.error.message);
  const { repository } = opened;
  const choice = chooseEnvironment(repository, undefined);
  if (!choice.ok) throw new Error(choice.error.message);
  const main = readMainLine(directory, 'main');
  if (!main.ok) throw new Error(main.error.message);
  const { environment, promotable } = choice.value;
  const mixer = openMixer(repository, environment, { root: directory, today: '2026-01-01' });
  return {
    choice: choice.value,
    common: { root: directory, environment, main: main.value, mixer, now },
    promotable,
  };
}

async function plan({ components, to, rollback = false, allow = [] }: Wish) {
  const { choice, common, promotable } = await open();
  const selected = components
    ? chooseComponents(choice, components)
    : ({ ok: true, value: promotable } as const);
  if (!selected.ok) throw new Error(selected.error.message);
  return planPromotion({
    ...common,
    promotable,
    selected: selected.value,
    all: components === undefined,
    rollback,
    allow: new Set(allow),
    pageOf: () => undefined,
    command: (extra) => `promote ${components?.join(' ') ?? '--all'} ${extra}`,
    ...(to !== undefined && { to }),
  });
}

async function planned(wish: Wish): Promise<Promotion> {
  const result = await plan(wish);
  if (!result.ok) throw new Error(result.error.message);
  return result.promotion;
}

/** As the command does, and as the person who follows it. */
function merge(promotion: Promotion, time: number): string {
  expect(promotion.refusals).toEqual([]);
  return clone.commit(titleOf(promotion), time, Object.fromEntries(promotion.texts));
}

const ids = (refusals: readonly Refusal[]): readonly string[] => refusals.map(({ id }) => id).sort();

// One history, as a year of work would make it.
describe('the first pins', () => {
  test('are refused to nobody, and change one line a component', () => {
    const body = join(scratch, 'body.md');
    const { status, stdout, stderr } = command('--all', '--body-file', body);
    expect(stderr).toContain('git switch -c promote-');
    expect(status).toBe(0);
    expect(stdout).toContain(`${small}: no change`);
    const lines = clone.git('diff', '--numstat').split('\n');
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.filter((line) => !line.startsWith(`1\t0\tflux/${small}/`))).toEqual([]);
    const added = clone
      .git('diff', '--unified=0')
      .split('\n')
      .filter((line) => /^\+ /.test(line));
    expect(new Set(added)).toEqual(new Set([`+    commit: ${first}`]));
    expect(readFileSync(body, 'utf8')).toMatch(/^# Pin \d+ components of small-production\n/);
  });

  test('are made once', () => {
    const { status, stdout } = command('--all');
    expect(status).toBe(0);
    expect(stdout).toContain(`it is at ${first.slice(0, 8)} already`);
    pinned = clone.commit('Pins', ago(190));
  });

  test('of secrets and of the root do not exist', () => {
    for (const name of ['secrets', 'flux-system']) {
      const { status, stderr } = command(name);
      expect(stderr).toContain(`${name} of ${small} has no GitRepository of its own: it follows main`);
      expect(status).toBe(2);
    }
  });
});

describe('a bump, as Renovate makes it', () => {
  const component = 'kafka-exporter';
  let bump: string;
  let before: string;
  let after: string;

  test('changes prototype when it is merged, and small-production when it is promoted', () => {
    before = textOf(pinFile(component));
    bump = clone.commit('Update kafka-exporter', ago(100), bumped(component, 'v1.999.1'));
    const states = [pinned, bump].map((id) => {
      const opened = openCommit(root, id);
      if (!opened.ok) throw new Error(opened.message);
      return opened.commit.files;
    });
    const result = diffRepositories(states[0]!, states[1]!, { root });
    if (!result.ok) throw new Error(result.error.message);
    expect(
      result.diffs.map(({ change }) => [
        change.environment,
        change.timing,
        [...new Set(change.objects.map(({ component: name }) => name))],
      ]),
    ).toEqual([
      ['prototype', 'merge', [component]],
      [small, 'merge', []],
      [small, 'promotion', [component]],
    ]);
  });

  test('leaves the gate green', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(ownRoot, 'scripts/run.mjs'), 'validate', '--root', root, '--format', 'json'],
      { encoding: 'utf8' },
    );
    const { findings } = JSON.parse(stdout) as { findings: { severity: string }[] };
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(status).toBe(0);
  });

  test('is told by --status', async () => {
    const { common, promotable } = await open();
    const told = statusOf({ ...common, components: promotable });
    if (!told.ok) throw new Error(told.error.message);
    expect(told.status.components.filter(({ differs }) => differs)).toEqual([
      {
        component,
        pin: first,
        pinnedAt: Math.floor(ago(200) / 1000) * 1000,
        commits: 1,
        differs: true,
        laggingSince: Math.floor(ago(100) / 1000) * 1000,
        images: [expect.stringMatching(/^danielqsj\/kafka-exporter: \S+ → v1\.999\.1$/)],
        target: bump,
        blockedBy: [],
      },
    ]);
    expect(laggards(told.status, 4, now).map((one) => one.component)).toEqual([component]);
    expect(laggards(told.status, 5, now)).toEqual([]);
  });

  test('is promoted to the newest commit that has soaked, and the rest is left alone', async () => {
    const promotion = await planned({});
    expect(
      promotion.moves.map(({ from, to, commits, ...move }) => ({
        ...move,
        from,
        to,
        subjects: commits.map(({ subject }) => subject),
      })),
    ).toEqual([
      {
        component,
        file: pinFile(component),
        back: false,
        from: first,
        to: bump,
        subjects: ['Update kafka-exporter'],
      },
    ]);
    expect(promotion.leftAlone.length).toBeGreaterThan(25);
    const body = pullRequest(promotion, openDirectory(root));
    expect(body).toMatch(/^# Promote kafka-exporter to small-production\n/);
    expect(body).toContain('v1.999.1`');
    expect(body).toContain('Restarts Deployment infometis/kafka-exporter');
    expect(body).toContain('`npm run promote -- kafka-exporter --rollback`');
    const id = merge(promotion, ago(90));
    after = textOf(pinFile(component));
    expect(after).toBe(before.replace(first, bump));
    expect(await imagesAt()).toContain('danielqsj/kafka-exporter:v1.999.1');
    expect(clone.git('show', '--numstat', '--format=', id)).toBe(`1\t1\t${pinFile(component)}`);
  });

  test('is taken back, byte for byte', async () => {
    const promotion = await planned({ components: [component], rollback: true });
    expect(promotion.moves).toMatchObject([{ component, from: bump, to: first, back: true }]);
    expect(promotion.diff.dangers).toMatchObject([{ rule: 'image-downgraded', severity: 'notice' }]);
    merge(promotion, ago(80));
    expect(textOf(pinFile(component))).toBe(before);
    expect(await imagesAt()).not.toContain('danielqsj/kafka-exporter:v1.999.1');
  });

  test('is not what a second rollback goes back to', async () => {
    expect(await plan({ components: [component], rollback: true })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(`has had no pin before ${first.slice(0, 8)}`) },
    });
  });
});

describe('a promotion is refused', () => {
  test('where the commit is not on main, which nothing allows', async () => {
    clone.git('switch', '--quiet', '--create', 'unmerged', first);
    const id = clone.commit('Not merged', ago(100));
    clone.git('switch', '--quiet', 'main');
    const [refusal, ...others] = (await planned({ components: ['kafka'], to: id, allow: ['not-on-main'] }))
      .leftAlone;
    expect(refusal?.reason).toContain('renders to what it runs');
    expect(others).toEqual([]);
    const promotion = await planned({
      components: ['kafka-exporter'],
      to: await offMain(),
      allow: ['not-on-main'],
    });
    expect(promotion.refusals).toMatchObject([{ id: 'not-on-main', allowable: false }]);
  });

  test('where it goes backwards without saying so', async () => {
    const forward = await planned({ components: ['kafka-exporter'] });
    expect(forward.moves).toHaveLength(1);
    merge(forward, ago(70));
    const back = await planned({ components: ['kafka-exporter'], to: first });
    expect(ids(back.refusals)).toEqual(['older-than-pin']);
    const all = await planned({ to: first });
    expect(all.moves).toEqual([]);
    expect(all.leftAlone).toContainEqual({
      component: 'kafka-exporter',
      reason: expect.stringContaining(`is newer than ${first.slice(0, 8)}`),
    });
    const meant = await planned({ components: ['kafka-exporter'], rollback: true, to: first });
    expect(meant.refusals).toEqual([]);
  });

  test('where a store would become older, even on the way back', async () => {
    clone.commit('Update Kafka', ago(60), bumped('kafka', '7.999.0'));
    merge(await planned({ components: ['kafka'] }), ago(50));
    const back = await planned({ components: ['kafka'], rollback: true });
    expect(ids(back.refusals)).toEqual(['image-downgraded']);
    expect(
      ids((await planned({ components: ['kafka'], rollback: true, allow: ['image-downgraded'] })).allowed),
    ).toEqual(['image-downgraded']);
  });

  test('where it needs another component, which is named', async () => {
    const renamed = Object.assign(
      {},
      ...clone
        .git(
          'grep',
          '--files-with-matches',
          'schema-registry-service',
          '--',
          'base',
          'components',
          'overlays',
          'network',
        )
        .split('\n')
        .map((path) =>
          edited(path, (text) => text.replaceAll('schema-registry-service', 'registry-service')),
        ),
    ) as Record<string, string>;
    clone.commit('Another name for Schema Registry', ago(40), renamed);
    const { refusals, companions } = await planned({ components: ['ksqldb'] });
    expect(refusals).toMatchObject([{ id: 'gate', component: 'ksqldb' }]);
    expect(refusals[0]?.message).toContain('there is no Service infometis/registry-service');
    expect(refusals[0]?.place).toMatch(/^components\/tls\/ksqldb\/\S+:\d+ at \w{8}$/);
    expect(companions).toEqual({
      components: ['schema-registry', 'kafka-ui'],
      before: false,
      smallest: true,
    });
    const together = await planned({ components: ['ksqldb', 'schema-registry', 'kafka-ui'] });
    expect(together.refusals).toEqual([]);
  });

  test('while its commit has not soaked; all reasons are told at once, and nothing is written', () => {
    clone.git('switch', '--quiet', '--create', 'later');
    const id = clone.commit('Another selector', ago(1), {
      ...edited('base/kafka-exporter/deployment.yaml', (text) =>
        text.replaceAll(
          /^( +)(app\.kubernetes\.io\/name: kafka-exporter)$/gm,
          '$1$2\n$1example.com/tier: metrics',
        ),
      ),
    });
    clone.git('switch', '--quiet', 'main');
    clone.git('merge', '--quiet', '--ff-only', 'later');
    const file = pinFile('kafka-exporter');
    writeFileSync(join(root, file), `${textOf(file)}# A word.\n`);
    const before = textOf(file);
    const { status, stdout, stderr } = command('kafka-exporter', '--to', id, '--format', 'json');
    expect(stderr).toBe('');
    const answer = JSON.parse(stdout) as { refusals: Refusal[]; written: boolean };
    expect(ids(answer.refusals)).toEqual(['immutable-field', 'not-soaked', 'uncommitted']);
    for (const { fix, id: own } of answer.refusals) expect(fix).toContain(`--allow ${own}`);
    expect(answer.refusals.find(({ id: own }) => own === 'immutable-field')?.place).toMatch(
      new RegExp(`^base/kafka-exporter/deployment\\.yaml:\\d+ at ${id.slice(0, 8)}$`),
    );
    expect(answer.written).toBe(false);
    expect(status).toBe(1);
    expect(textOf(file)).toBe(before);
    clone.git('restore', file);
  });

  test('unless each reason is allowed by its id; what was not needed is told', () => {
    const allow = ['not-soaked', 'immutable-field', 'gate'].flatMap((id) => ['--allow', id]);
    const { status, stdout, stderr } = command('kafka-exporter', '--dry-run', ...allow);
    expect(stdout).toContain('note: not needed: --allow gate');
    expect(stderr).toContain('Nothing was written (--dry-run)');
    expect(status).toBe(0);
    expect(clone.git('status', '--porcelain')).toBe('');
  });
});

describe('without what it needs', () => {
  test('in a shallow clone it says what to fetch', () => {
    const shallow = join(scratch, 'shallow');
    clone.git('clone', '--quiet', '--depth=1', `file://${root}`, shallow);
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(ownRoot, 'scripts/run.mjs'), 'promote', '--root', shallow, 'kafka'],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(/has no commit [0-9a-f]{40}\n {2}fix: Run `git fetch origin [0-9a-f]{40}`\./);
    expect(status).toBe(2);
  });

  test('a wrong name, option or combination is told with what was meant', () => {
    for (const [parameters, message] of [
      [['kafak'], 'did you mean `kafka`?'],
      [['kafka', '--allow', 'not-soakd'], 'did you mean `not-soaked`?'],
      [['kafka', '--all'], '--all and names of components do not go together'],
      [['--rollback', '--all'], '--rollback wants the names of components'],
      [['--status', '--to', 'main'], '--status and --to do not go together'],
      [[], 'no component was named'],
      [['kafka', '--to', 'nonsense'], 'has no commit nonsense'],
      [['kafka', '--environment', 'prototype'], 'prototype follows main'],
      [['kafka', '--format', 'yaml'], 'unknown format `yaml`'],
      [['--status', '--fail-on-lag', 'soon'], 'is no number of days'],
    ] as const) {
      const { status, stderr } = command(...parameters);
      expect(stderr).toContain(message);
      expect(stderr).toContain('\n  fix: ');
      expect(status).toBe(2);
    }
  });

  test('a file that cannot be written leaves all as it was', () => {
    const { status, stderr } = command(
      'ksqldb',
      'schema-registry',
      'kafka-ui',
      '--body-file',
      join(scratch, 'no-such-directory/body.md'),
    );
    expect(stderr).toContain('cannot be written');
    expect(status).toBe(2);
    expect(clone.git('status', '--porcelain')).toBe('');
  });
});

test('the mode of a file stays', () => {
  const file = join(root, pinFile('ksqldb'));
  const { mode } = statSync(file);
  expect(command('ksqldb', 'schema-registry', 'kafka-ui').status).toBe(0);
  expect(statSync(file).mode).toBe(mode);
  expect(clone.git('diff', '--shortstat')).toMatch(/^3 files changed, 3 insertions\(\+\), 3 deletions\(-\)$/);
});

/** A commit that main does not have, and that changes something. */
async function offMain(): Promise<string> {
  clone.git('switch', '--quiet', '--create', 'off-main');
  const id = clone.commit('Never merged', ago(100), bumped('kafka-exporter', 'v1.999.2'));
  clone.git('switch', '--quiet', 'main');
  return id;
}

/** The images that small-production runs. */
async function imagesAt(): Promise<string> {
  const { common } = await open();
  return JSON.stringify(common.mixer.now.environment.objects.map(({ value }) => value));
}
