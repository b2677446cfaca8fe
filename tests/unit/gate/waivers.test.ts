import { describe, expect, test } from 'vitest';
import { mergeFindings } from '../../../scripts/checks/merge.ts';
import { applyWaivers, readWaivers } from '../../../scripts/checks/waivers.ts';
import type { Finding } from '../../../scripts/finding.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const rules = new Set(['reference/service-selector', 'schema/type']);
const read = (text: string | Uint8Array | undefined) =>
  readWaivers(openSources(openMemory(text === undefined ? {} : { 'waivers.yaml': text })), rules);

const fault: Finding = {
  rule: 'reference/service-selector',
  severity: 'error',
  message: 'no pod',
  fix: 'Write the label.',
  file: 'base/web/service.yaml',
  line: 7,
  column: 5,
  object: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' },
  environment: 'prototype',
  component: 'web',
};
const clusterScoped: Finding = {
  ...fault,
  file: 'base/web/role.yaml',
  object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'web' },
};

/** One waiver as YAML. */
const waiver = (...lines: readonly string[]): string =>
  `- ${['rule: reference/service-selector', 'reason: The chart is being replaced.', 'owner: "@ops"', 'expires: 2027-03-31', ...lines].join('\n  ')}\n`;

/** What is left of some findings under a waivers.yaml. */
const apply = (text: string, findings: readonly Finding[], today = '2027-01-01', complete = true) =>
  applyWaivers(findings, read(text).waivers, { today, complete });

describe('readWaivers', () => {
  test.each([
    ['no file', undefined],
    ['an empty file', ''],
    ['a file of comments', '# none yet\n'],
    ['an empty list', '[]\n'],
  ])('%s waives nothing and is no fault', (_, text) =>
    expect(read(text)).toEqual({ waivers: [], findings: [] }),
  );

  test('reads all that a waiver says', () =>
    expect(read(waiver('object: Service/shop/web', 'path: base/web/')).waivers).toEqual([
      {
        rule: 'reference/service-selector',
        object: 'Service/shop/web',
        path: 'base/web/',
        reason: 'The chart is being replaced.',
        owner: '@ops',
        expires: '2027-03-31',
        origin: { file: 'waivers.yaml', line: 1, column: 3 },
      },
    ]));

  test('a date in quotes is the same date', () =>
    expect(read(waiver('path: base/').replace('2027-03-31', '"2027-03-31"')).waivers[0]?.expires).toBe(
      '2027-03-31',
    ));

  test.each([
    ['neither object nor path', waiver(), 1],
    ['an unknown field', waiver('path: base/', 'until: never'), 1],
    ['no owner', waiver('path: base/').replace('  owner: "@ops"\n', ''), 1],
    ['no reason', waiver('path: base/').replace('  reason: The chart is being replaced.\n', ''), 1],
    ['a reason that says nothing', waiver('path: base/').replace('The chart is being replaced.', 'later'), 2],
    ['no expiry', waiver('path: base/').replace('  expires: 2027-03-31\n', ''), 1],
    ['an expiry that is no date', waiver('path: base/').replace('2027-03-31', 'never'), 4],
    ['a rule that is no id', waiver('path: base/').replace('reference/service-selector', '"*"'), 1],
    ['an object that is no object', waiver('object: web'), 5],
    ['an empty path', waiver('path: ""'), 5],
    ['a mapping instead of a list', 'rule: schema/type\n', 1],
    ['a plain text', 'none\n', 1],
    ['a syntax error', '- rule: [schema\n', 2],
    ['a duplicate key', waiver('path: base/', 'path: overlays/'), 6],
  ])('%s: it fails closed', (_, text, line) => {
    const { waivers, findings } = read(text);
    expect(waivers).toEqual([]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: 'waiver/invalid',
      severity: 'error',
      file: 'waivers.yaml',
      line,
    });
  });

  test('one waiver that is not valid takes the others with it', () =>
    expect(read(waiver('path: base/') + waiver()).waivers).toEqual([]));

  test('a second document is not lost without a word', () =>
    expect(read(`${waiver('path: base/')}---\n${waiver('path: overlays/')}`).findings).toMatchObject([
      { rule: 'waiver/invalid' },
    ]));

  test('a waiver for a rule that does not exist is told, and the others hold', () => {
    const { waivers, findings } = read(
      waiver('path: base/') + waiver('path: base/').replace('reference/service-selector', 'reference/gone'),
    );
    expect(waivers).toHaveLength(1);
    expect(findings).toMatchObject([
      {
        rule: 'waiver/unknown-rule',
        severity: 'error',
        line: 6,
        message: 'there is no rule `reference/gone`',
      },
    ]);
  });
});

describe('applyWaivers', () => {
  test.each([
    ['the object', 'object: Service/shop/web'],
    ['the file', 'path: base/web/service.yaml'],
    ['a directory', 'path: base/'],
  ])('waives by %s', (_, line) => {
    const { findings, waived } = apply(waiver(line), [fault]);
    expect(findings).toEqual([]);
    expect(waived).toMatchObject([{ finding: fault, waiver: { owner: '@ops' } }]);
  });

  test('waives a cluster-scoped object', () =>
    expect(apply(waiver('object: ClusterRole/web'), [clusterScoped]).findings).toEqual([]));

  test.each([
    ['another object', 'object: Service/shop/db'],
    ['another namespace', 'object: Service/web'],
    ['another kind', 'object: Ingress/shop/web'],
    ['a path that only begins alike', 'path: base/web'],
    ['a sibling directory', 'path: base/we/'],
  ])('does not waive %s', (_, line) => {
    const { findings, waived } = apply(waiver(line), [fault]);
    expect(waived).toEqual([]);
    expect(findings).toMatchObject([fault, { rule: 'waiver/unused' }]);
  });

  test('with object and path both must fit', () => {
    expect(apply(waiver('object: Service/shop/web', 'path: base/'), [fault]).findings).toEqual([]);
    expect(apply(waiver('object: Service/shop/web', 'path: overlays/'), [fault]).findings[0]).toEqual(fault);
  });

  test('another rule at the same place still counts', () => {
    const other = { ...fault, rule: 'schema/type' };
    expect(apply(waiver('path: base/'), [fault, other]).findings).toEqual([other]);
  });

  test('one waiver covers every finding that it fits', () =>
    expect(apply(waiver('path: base/'), [fault, { ...fault, line: 9 }]).waived).toHaveLength(2));

  test('holds on its last day, and not on the next', () => {
    expect(apply(waiver('path: base/'), [fault], '2027-03-31').findings).toEqual([]);
    const { findings, waived } = apply(waiver('path: base/'), [fault], '2027-04-01');
    expect(waived).toEqual([]);
    expect(findings).toMatchObject([
      fault,
      { rule: 'waiver/expired', severity: 'error', file: 'waivers.yaml', line: 1 },
    ]);
    expect(findings[1]?.fix).toContain('@ops');
  });

  test('one that nothing needs is a fault', () =>
    expect(apply(waiver('path: base/'), []).findings).toMatchObject([
      { rule: 'waiver/unused', severity: 'error', file: 'waivers.yaml', line: 1 },
    ]));

  test('a run of a part cannot tell what is unused, but what has expired', () => {
    expect(apply(waiver('path: base/'), [], '2027-01-01', false).findings).toEqual([]);
    expect(apply(waiver('path: base/'), [], '2028-01-01', false).findings).toMatchObject([
      { rule: 'waiver/expired' },
    ]);
  });
});

describe('mergeFindings', () => {
  test('one fault that two environments share is one finding', () =>
    expect(mergeFindings([fault, { ...fault, environment: 'small-production' }], new Set())).toEqual([
      fault,
    ]));

  test('two messages at one place stay two', () =>
    expect(mergeFindings([fault, { ...fault, message: 'another' }], new Set())).toHaveLength(2));

  test('a consequence is left out beside the error that it follows from, and only there', () => {
    const consequence = { ...fault, rule: 'render/build-failed' };
    const merge = (...findings: readonly Finding[]) =>
      mergeFindings(findings, new Set(['render/build-failed']));
    expect(merge(consequence, fault)).toEqual([fault]);
    expect(merge(consequence)).toEqual([consequence]);
    expect(merge(consequence, { ...fault, line: 8 })).toHaveLength(2);
    expect(merge(consequence, { ...fault, severity: 'warning' })).toHaveLength(2);
  });

  test('orders by file, line, column and rule', () => {
    const at = (file: string, line: number, column: number, rule: string): Finding => ({
      ...fault,
      file,
      line,
      column,
      rule,
    });
    const ordered = [
      at('a', 2, 1, 'x/a'),
      at('a', 10, 1, 'x/a'),
      at('a', 10, 3, 'x/a'),
      at('a', 10, 3, 'x/b'),
      at('b', 1, 1, 'x/a'),
    ];
    expect(mergeFindings([...ordered].reverse(), new Set())).toEqual(ordered);
  });
});
