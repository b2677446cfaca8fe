import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Check, ok, problem, unknown, warning } from '../../../scripts/doctor/check.ts';
import { allChecks } from '../../../scripts/doctor/checks/index.ts';
import { jsonReport, textReport } from '../../../scripts/doctor/report.ts';
import { count, runChecks } from '../../../scripts/doctor/run.ts';
import { readTarget } from '../../../scripts/doctor/target.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { fakeMachine, oneNode } from './machine.ts';

const root = join(import.meta.dirname, '../../..');
const check = (id: string, run: Check['run']): Check => ({ id, title: id, why: `${id} matters`, run });

describe('a run', () => {
  it('goes on after a check that fails itself, and calls it unknown', async () => {
    const reports = await runChecks(
      [
        check('broken', () => {
          throw new Error('oops');
        }),
        check('silent', () => []),
        check('good', () => [ok('fine')]),
      ],
      fakeMachine(),
      oneNode,
    );
    expect(reports.map(({ results }) => results)).toMatchObject([
      [{ status: 'unknown', detail: 'the check itself failed: oops' }],
      [{ status: 'unknown' }],
      [{ status: 'ok' }],
    ]);
    expect(count(reports)).toEqual({ ok: 1, warning: 0, problem: 0, unknown: 2 });
  });

  it('is told to people and to machines', async () => {
    const checks = [
      check('a', () => [ok('fine'), problem('bad', 'Do this:\nline')]),
      check('b', () => [warning('so so', 'Do that.'), unknown('dark')]),
    ];
    const reports = await runChecks(checks, fakeMachine(), oneNode);
    expect(textReport(reports, oneNode, false)).toBe(
      [
        '✔ ok      a  fine',
        '✖ problem a  bad',
        '    why: a matters',
        '    fix: Do this:',
        '         line',
        '! warning b  so so',
        '    why: b matters',
        '    fix: Do that.',
        '? unknown b  dark',
        '',
        'prototype: 1 problem, 1 warning, 1 unknown, 1 ok',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(jsonReport(reports, oneNode))).toMatchObject({
      environment: 'prototype',
      ok: false,
      counts: { problem: 1 },
      results: [
        { id: 'a', status: 'ok' },
        { id: 'a', status: 'problem', fix: 'Do this:\nline' },
        { id: 'b', status: 'warning' },
        { id: 'b', status: 'unknown' },
      ],
    });
  });

  it('has checks with names of their own', () => {
    const ids = allChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, why } of allChecks) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(title).not.toBe('');
      expect(why).toMatch(/\.$/);
    }
  });
});

describe('what an environment needs', () => {
  const sources = openSources(openDirectory(root));
  const target = (name: string) => {
    const read = readTarget(sources, name);
    if (!read.ok) throw new Error(read.error.message);
    return read.target;
  };

  it('is read from this repository, for one node', () => {
    const prototype = target('prototype');
    expect(prototype).toMatchObject({ nodes: { count: 1 }, reserved: { cpu: 0, memory: 0 } });
    expect(prototype.volumes.length).toBeGreaterThanOrEqual(8);
    expect(prototype.volumes.every(({ path, bytes }) => /^\/tmp\/.+-data$/.test(path) && bytes > 0)).toBe(
      true,
    );
    expect(prototype.hostPorts.map(({ port }) => port).sort((a, b) => a - b)).toEqual([80, 443, 8082, 8083]);
    expect(prototype.kernelSettings).toEqual([]);
    expect(prototype.requests.cpu).toBeGreaterThan(1);
    expect([...prototype.versions.keys()]).toEqual(
      expect.arrayContaining(['k0s', 'kubernetes', 'flux', 'node']),
    );
  });

  it('is read from this repository, for several', () => {
    const production = target('small-production');
    expect(production.nodes.count).toBe(3);
    expect(production.nodeLocalLoadBalancing).toBe(true);
    expect(production.reserved).toEqual({ cpu: 1.5, memory: 4 * 2 ** 30 });
    expect(production.kernelSettings).toContainEqual({
      name: 'vm.max_map_count',
      value: '262144',
      file: '/etc/sysctl.d/90-infometis.conf',
    });
    expect(production.volumes.map(({ path }) => path)).toEqual(['/var/lib/infometis-volumes']);
    expect(production.volumes[0]!.bytes).toBeGreaterThan(2 ** 30);
    expect(production.hostPorts).toEqual([]);
  });

  it('is not known of an environment that is not there', () => {
    expect(readTarget(sources, 'prototyp')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('did you mean') },
    });
  });
});

describe('the command', () => {
  const doctor = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'doctor', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
  it('tells about itself', () => {
    const { status, stdout } = doctor('--help');
    expect(status).toBe(0);
    for (const { id } of allChecks) expect(stdout).toContain(id);
  });
  it.each([
    ['an unknown check', ['--only', 'tmp-in-memry'], 'did you mean'],
    ['an unknown environment', ['staging'], 'there is no environment `staging`'],
    ['two environments', ['prototype', 'small-production'], 'one environment at a time'],
    ['an unknown option', ['--jsn'], '--json'],
  ])('refuses %s', (_, args, words) => {
    const { status, stderr } = doctor(...args);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
  it('looks at this machine', () => {
    const { status, stdout } = doctor('--json', '--only', 'operating-system,kernel');
    const report = JSON.parse(stdout) as { ok: boolean; results: readonly { id: string }[] };
    expect(report.results.map(({ id }) => id)).toEqual(['operating-system', 'kernel']);
    expect(status).toBe(report.ok ? 0 : 1);
  });
});
