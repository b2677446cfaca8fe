import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tmpCleaning } from '../../../scripts/doctor/checks/tmp-cleaning.ts';
import { effectiveFiles, parseConfig, removalsOf } from '../../../scripts/doctor/tmpfiles.ts';
import { type FakeMachine, look, oneNode } from './machine.ts';

const removals = (config: string, directory = '/tmp/kafka-data'): readonly string[] =>
  removalsOf(directory, parseConfig({ path: '/etc/tmpfiles.d/a.conf', text: config })).map(
    ({ when, line }) => `${when} ${line.text}`,
  );

// Each was tried with systemd-tmpfiles 252; the last test does so again where it is installed.
const cases: readonly { readonly config: string; readonly aged: boolean; readonly boot: boolean }[] = [
  { config: '', aged: false, boot: false },
  { config: '# q /tmp 1777 root root 10d', aged: false, boot: false },
  { config: 'd /tmp 1777 root root -', aged: false, boot: false },
  { config: 'q /tmp 1777 root root 1s', aged: true, boot: false },
  { config: 'd /tmp/ 1777 root root 1s', aged: true, boot: false },
  { config: 'D %T 1777 root root 1s', aged: true, boot: true },
  { config: 'd /tmp/other 1777 root root 1s', aged: false, boot: false },
  { config: 'q /tmp 1777 root root 1s\nx /tmp/*-data', aged: false, boot: false },
  { config: 'q /tmp 1777 root root 1s\nx /tmp/kafka-data', aged: false, boot: false },
  { config: 'q /tmp 1777 root root 1s\nx /tmp/nifi-data', aged: true, boot: false },
  // X shields the directory, not what is in it.
  { config: 'q /tmp 1777 root root 1s\nX /tmp/*-data', aged: true, boot: false },
  { config: 'q /tmp 1777 root root 1s\nd /tmp/kafka-data', aged: false, boot: false },
  { config: 'q! /tmp 1777 root root 1s', aged: false, boot: false },
  // An exclusion is no help against a line that names the directory itself.
  { config: 'e /tmp/* - - - 1s\nx /tmp/*-data', aged: true, boot: false },
  { config: 'e /tmp/other* - - - 1s', aged: false, boot: false },
  { config: 'D /tmp 1777 root root -', aged: false, boot: true },
  { config: 'D /tmp 1777 root root -\nx /tmp/*-data', aged: false, boot: true },
  { config: 'R! /tmp/*', aged: false, boot: true },
  { config: 'R /tmp/nifi-*', aged: false, boot: false },
  // Of two lines that differ the first counts; two that do not are both there.
  { config: 'd /tmp 1777 root root 2d\nq /tmp 1777 root root 1s', aged: true, boot: false },
  { config: 'd /tmp 1777 root root 9999d\nD /tmp 1777 root root -', aged: true, boot: false },
  { config: 'd /tmp 1777 root root -\nD /tmp 1777 root root -', aged: false, boot: true },
];

describe('what systemd-tmpfiles takes away', () => {
  it.each(cases)('$config', ({ config, aged, boot }) => {
    const found = removals(config);
    expect(found.some((line) => line.startsWith('age'))).toBe(aged);
    expect(found.some((line) => line.startsWith('boot'))).toBe(boot);
  });

  it('reads one file of a name, the strongest, in the order of names', () => {
    const file = (path: string) => ({ path, text: '' });
    const files = effectiveFiles(
      new Map([
        ['/usr/lib/tmpfiles.d', [file('/usr/lib/tmpfiles.d/tmp.conf'), file('/usr/lib/tmpfiles.d/b.conf')]],
        ['/run/tmpfiles.d', [file('/run/tmpfiles.d/b.conf'), file('/run/tmpfiles.d/readme')]],
        ['/etc/tmpfiles.d', [file('/etc/tmpfiles.d/tmp.conf')]],
      ]),
    );
    expect(files.map(({ path }) => path)).toEqual(['/run/tmpfiles.d/b.conf', '/etc/tmpfiles.d/tmp.conf']);
  });
});

const systemd: FakeMachine = { directories: ['/run/systemd/system'] };

describe('the check', () => {
  it('says which line, and a file that helps', async () => {
    const [result, ...more] = await look(tmpCleaning, {
      ...systemd,
      files: {
        '/usr/lib/tmpfiles.d/tmp.conf': '# why\nq /tmp 1777 root root 10d\nq /var/tmp 1777 root root 30d\n',
      },
    });
    expect(more).toEqual([]);
    expect(result).toMatchObject({
      status: 'problem',
      detail:
        '/usr/lib/tmpfiles.d/tmp.conf:2 `q /tmp 1777 root root 10d` deletes what is older than 10d in the directories of 2 volumes',
      fix: "Write /etc/tmpfiles.d/infometis.conf:\nsudo tee /etc/tmpfiles.d/infometis.conf <<'END'\nx /tmp/*-data\nEND",
    });
  });

  it('takes the place of a file that empties /tmp, and keeps its other lines', async () => {
    const [result] = await look(tmpCleaning, {
      ...systemd,
      files: {
        '/usr/lib/tmpfiles.d/tmp.conf': '# why\nD /tmp 1777 root root -\n\nq /var/tmp 1777 root root 30d\n',
        '/etc/tmpfiles.d/infometis.conf': 'x /tmp/*-data\n',
      },
    });
    expect(result?.status).toBe('problem');
    expect(result?.fix?.split('\n').slice(1)).toEqual([
      "sudo tee /etc/tmpfiles.d/tmp.conf <<'END'",
      'd /tmp 1777 root root -',
      'q /var/tmp 1777 root root 30d',
      'END',
    ]);
  });

  it.each([
    ['no configuration at all', {}],
    ['an exclusion', { '/etc/tmpfiles.d/infometis.conf': 'x /tmp/*-data\n' }],
    // A link to /dev/null reads as nothing.
    ['the file switched off', { '/etc/tmpfiles.d/tmp.conf': '' }],
  ])('is content with %s', async (_, files) => {
    const vendor: Record<string, string> =
      Object.keys(files).length === 0
        ? {}
        : { '/usr/lib/tmpfiles.d/tmp.conf': 'q /tmp 1777 root root 10d\n' };
    const results = await look(tmpCleaning, { ...systemd, files: { ...vendor, ...files } });
    expect(results.map(({ status }) => status)).toEqual(['ok']);
  });

  it('only warns where systemd does not run, and leaves ages alone where the timer is masked', async () => {
    const files = { '/usr/lib/tmpfiles.d/tmp.conf': 'q /tmp 1777 root root 10d\n' };
    expect((await look(tmpCleaning, { files })).map(({ status }) => status)).toEqual(['warning']);
    const programs = { 'systemctl is-enabled systemd-tmpfiles-clean.timer': 'masked\n' };
    expect((await look(tmpCleaning, { ...systemd, files, programs })).map(({ status }) => status)).toEqual([
      'ok',
    ]);
  });

  it('does not call good what it cannot read', async () => {
    const results = await look(tmpCleaning, { ...systemd, denied: ['/etc/tmpfiles.d'] });
    expect(results).toMatchObject([{ status: 'unknown' }]);
  });

  it('knows the cleaners of cron', async () => {
    const results = await look(tmpCleaning, { files: { '/etc/cron.daily/tmpreaper': 'tmpreaper 7d /tmp' } });
    expect(results.map(({ status }) => status)).toEqual(['ok', 'problem']);
  });

  it('has nothing to say where no volume lies on the node', async () => {
    const files = { '/usr/lib/tmpfiles.d/tmp.conf': 'D /tmp 1777 root root 1d\n' };
    expect(await look(tmpCleaning, { ...systemd, files }, { ...oneNode, volumes: [] })).toMatchObject([
      { status: 'ok' },
    ]);
  });
});

const program = ['/usr/bin/systemd-tmpfiles', '/bin/systemd-tmpfiles'].find((file) => existsSync(file));
// Users and groups are looked up below the root that is given.
const usable = program !== undefined && process.getuid?.() === 0;

describe.skipIf(!usable)(
  `systemd-tmpfiles itself${usable ? '' : ' (skipped: it is not installed, or this is not root)'}`,
  () => {
    // Left out: what takes days, and X, which takes over an age but not by which times it counts.
    it.each(cases.filter(({ config }) => !/2d|9999d|^X/m.test(config)))(
      'does so: $config',
      ({ config, aged, boot }) => {
        const survives = (parameters: readonly string[]): boolean => {
          const root = mkdtempSync(join(tmpdir(), 'infometis-tmpfiles-'));
          try {
            for (const directory of ['etc/tmpfiles.d', 'tmp/kafka-data/sub', 'tmp/other'])
              mkdirSync(join(root, directory), { recursive: true });
            for (const name of ['passwd', 'group']) cpSync(`/etc/${name}`, join(root, 'etc', name));
            const file = join(root, 'tmp/kafka-data/sub/file');
            writeFileSync(file, '');
            utimesSync(file, 0, 0);
            // The time of the last change of a file cannot be set, so age counts the other two.
            const text = `${config.replaceAll(' 1s', ' am:1s')}\n`.replaceAll('%T', '/tmp');
            writeFileSync(join(root, 'etc/tmpfiles.d/a.conf'), text);
            spawnSync(program!, [`--root=${root}`, ...parameters], { stdio: 'ignore' });
            return existsSync(file);
          } finally {
            rmSync(root, { recursive: true, force: true });
          }
        };
        expect(survives(['--clean'])).toBe(!aged);
        expect(survives(['--create', '--remove', '--boot'])).toBe(!boot);
      },
    );
  },
);
