import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../scripts/cluster/duration.ts';
import { readProgress } from '../../../scripts/cluster/progress.ts';
import { describeProgress } from '../../../scripts/cluster/wait.ts';
import type { Json, JsonObject } from '../../../scripts/yaml/node.ts';

const object = (kind: string, name: string, ready: JsonObject, more: JsonObject = {}): Json => ({
  kind,
  metadata: { name, generation: 2 },
  spec: {},
  status: { observedGeneration: 2, conditions: [{ type: 'Ready', ...ready }] },
  ...more,
});

const expected = new Map([
  ['namespace', []],
  ['kafka', ['namespace', 'policies']],
]);
const stateOf = (name: string, ...items: Json[]) =>
  readProgress(items, expected, 'flux-system').find((progress) => progress.name === name);

describe('readProgress', () => {
  const ready = object('Kustomization', 'namespace', { status: 'True' });

  it('lists the source first, and what is absent', () => {
    expect(readProgress([], expected, 'flux-system')).toEqual([
      { name: 'source', state: 'absent', detail: 'not in the cluster yet' },
      { name: 'namespace', state: 'absent', detail: 'not in the cluster yet' },
      { name: 'kafka', state: 'absent', detail: 'not in the cluster yet' },
    ]);
    expect(stateOf('source', object('GitRepository', 'flux-system', { status: 'True' }))?.state).toBe(
      'ready',
    );
  });

  it('names only the dependencies that are not ready', () => {
    const waiting = object('Kustomization', 'kafka', { status: 'False', reason: 'DependencyNotReady' });
    expect(stateOf('kafka', ready, waiting)).toEqual({
      name: 'kafka',
      state: 'waiting',
      detail: 'waits for policies',
    });
  });

  it('does not take an old report for the present one', () => {
    const old = object(
      'Kustomization',
      'namespace',
      { status: 'True', message: 'Applied' },
      {
        metadata: { name: 'namespace', generation: 3 },
      },
    );
    expect(stateOf('namespace', old)?.state).toBe('working');
  });

  it.each([
    [{ status: 'Unknown', message: 'Running health checks' }, 'working', 'Running health checks'],
    [{ status: 'False', reason: 'BuildFailed', message: 'no such file\nmore' }, 'failed', 'no such file'],
    [{ status: 'False', reason: 'DependencyNotReady', message: 'x' }, 'working', 'about to start'],
  ])('%j is %s', (condition, state, detail) => {
    expect(stateOf('namespace', object('Kustomization', 'namespace', condition))).toMatchObject({
      state,
      detail,
    });
  });

  it('says that a Kustomization is suspended, which would never become ready', () => {
    const suspended = object('Kustomization', 'namespace', { status: 'False' }, { spec: { suspend: true } });
    expect(stateOf('namespace', suspended)?.detail).toMatch(/suspended/);
  });
});

it('describes the failed first, and what is absent in one line', () => {
  const of = (name: string, state: 'ready' | 'absent' | 'waiting' | 'failed') => ({
    name,
    state,
    detail: `is ${state}`,
  });
  expect(
    describeProgress([
      of('a', 'absent'),
      of('b', 'waiting'),
      of('c', 'ready'),
      of('d', 'failed'),
      of('e', 'absent'),
    ]),
  ).toEqual(['d: is failed', 'b: is waiting', 'not in the cluster yet: a, e']);
});

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['20m', 1_200_000],
    ['1h30m', 5_400_000],
    ['0s', undefined],
    ['20', undefined],
    ['', undefined],
    ['-5m', undefined],
  ])('%s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it('are printed short', () => {
    expect([45_900, 125_000, 3_720_000].map(formatDuration)).toEqual(['45s', '2m05s', '1h02m']);
  });
});
