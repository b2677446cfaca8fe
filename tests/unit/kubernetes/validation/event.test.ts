import { describe, expect, test } from 'vitest';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

type Fields = Record<string, unknown>;

const faults = (event: Fields): string[] =>
  validateBeyondSchema({ kind: 'Event', metadata: { name: 'web', namespace: 'web' }, ...event }).map(
    ({ message }) => message,
  );

const timed = { eventTime: '2026-01-02T03:04:05.000006Z' };
const reported = { action: 'Start', reason: 'Started', reportingInstance: 'web-0' };

describe('of the core group', () => {
  const core = (fields: Fields): string[] =>
    faults({ apiVersion: 'v1', involvedObject: { namespace: 'web' }, ...fields });

  test('it is in the namespace of its object', () => {
    expect(core({})).toEqual([]);
    expect(core({ involvedObject: { namespace: 'other' } })).toHaveLength(1);
    expect(core({ involvedObject: {} })).toHaveLength(1);
    expect(core({ involvedObject: {}, metadata: { name: 'web', namespace: 'default' } })).toEqual([]);
    expect(core({ involvedObject: { namespace: 'other' }, metadata: { name: 'web' } })).toEqual([]);
  });

  test('one with an eventTime says who reports what', () => {
    expect(core({ ...timed, ...reported, reportingComponent: 'example.com/web' })).toEqual([]);
    expect(core(timed)).toHaveLength(4);
    // Its object may be elsewhere.
    expect(
      core({
        ...timed,
        ...reported,
        reportingComponent: 'example.com/web',
        involvedObject: { namespace: 'other' },
      }),
    ).toEqual([]);
  });

  test('a text is not too long', () => {
    const long = { ...timed, ...reported, reportingComponent: 'web', message: 'ü'.repeat(513) };
    expect(core(long)).toEqual([expect.stringContaining('1026 bytes')]);
  });
});

describe('of events.k8s.io', () => {
  const whole = {
    apiVersion: 'events.k8s.io/v1',
    regarding: { namespace: 'web' },
    type: 'Normal',
    reportingController: 'example.com/web',
    ...timed,
    ...reported,
  };

  test('it is complete', () => {
    expect(faults(whole)).toEqual([]);
  });

  test.each(['type', 'reportingController', 'reportingInstance', 'action', 'reason'])('with %s', (key) => {
    expect(faults({ ...whole, [key]: undefined })).toEqual([expect.stringContaining(key)]);
  });

  test('with a time', () => {
    expect(faults({ ...whole, eventTime: undefined })).toEqual([expect.stringContaining('eventTime')]);
  });

  test.each([
    ['deprecatedCount', 1],
    ['deprecatedFirstTimestamp', '2026-01-02T03:04:05Z'],
    ['deprecatedSource', { host: 'a' }],
  ])('without %s', (key, value) => {
    expect(faults({ ...whole, [key]: value })).toEqual([expect.stringContaining(key)]);
  });

  test('what says nothing does no harm', () => {
    expect(faults({ ...whole, deprecatedCount: 0, deprecatedSource: {} })).toEqual([]);
  });

  test('a series is two or more', () => {
    const lastObservedTime = timed.eventTime;
    expect(faults({ ...whole, series: { count: 2, lastObservedTime } })).toEqual([]);
    expect(faults({ ...whole, series: { count: 1 } })).toHaveLength(2);
  });
});
