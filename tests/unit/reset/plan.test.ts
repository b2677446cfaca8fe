import { describe, expect, it } from 'vitest';
import { lossOf } from '../../../scripts/reset/losses.ts';
import { planReset } from '../../../scripts/reset/plan.ts';
import { environment, sources } from '../teardown/fixture.ts';

describe('planReset', () => {
  it('stops what has pods, and leaves the Secrets', () => {
    const made = planReset(sources, environment, 'kafka');
    expect(made.ok && made.plan.workloads).toEqual([
      { kind: 'StatefulSet.v1.apps', namespace: 'infometis', name: 'kafka' },
    ]);
    expect(made.ok && made.plan.volumes.map(({ name }) => name)).toEqual(['kafka-data']);
  });

  it.each([
    ['grafana', /grafana has no volume of its own/],
    ['kafak', /no component `kafak`.*did you mean/],
  ])('refuses %s', (component, message) => {
    const made = planReset(sources, environment, component);
    expect(made.ok ? '' : made.error.message).toMatch(message);
    expect(made.ok ? '' : made.error.fix).toBe('With volumes: kafka.');
  });
});

it('tells of a component that it does not know that everything goes', () => {
  expect(lossOf('kafka').data).toContain('every topic');
  expect(lossOf('something-new')).toEqual({ data: 'everything that its volumes hold' });
});
