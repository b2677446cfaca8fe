import { describe, expect, it } from 'vitest';
import { planReset } from '../../../scripts/reset/plan.ts';
import type { Present } from '../../../scripts/teardown/cluster.ts';
import { describeTeardown, keptNamespaces } from '../../../scripts/teardown/describe.ts';
import { planTeardown, type TeardownPlan } from '../../../scripts/teardown/plan.ts';
import { environment, sources, volume, withObjects } from './fixture.ts';

function planned(): TeardownPlan {
  const made = planTeardown(sources, environment);
  if (!made.ok) throw new Error(made.error.message);
  return made.plan;
}

describe('planTeardown', () => {
  it('takes those last that others depend on, and knows what is outside of namespaces', () => {
    const plan = planned();
    expect(plan.order).toHaveLength(7);
    for (const name of ['kafka', 'nifi', 'grafana', 'traefik'])
      for (const needed of ['namespace', 'policies'])
        expect(plan.order.indexOf(name), name).toBeLessThan(plan.order.indexOf(needed));
    expect(plan.namespaces).toEqual(['infometis']);
    expect(plan.volumes).toEqual([
      {
        component: 'kafka',
        name: 'kafka-data',
        directory: '/tmp/kafka-data',
        size: '10Gi',
        claim: { namespace: 'infometis', name: 'data-kafka-0' },
      },
    ]);
    expect(plan.leftovers.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'StorageClass local-storage',
      'ValidatingAdmissionPolicy infometis-pods',
      'IngressClass edge',
      // The fixture's root brings a controller that is not labelled as Flux's.
      'Deployment source-controller',
    ]);
  });

  it.each([
    ['a directory that is none of data', volume('kafka-data', '/tmp'), /which is no data directory/],
    ['a path with a detour', volume('kafka-data', '/tmp/../etc-data'), /which is no data directory/],
    ['a volume for any claim', volume('kafka-data', '/tmp/kafka-data', false), /kept for no claim/],
  ])('refuses %s', (_, yaml, message) => {
    const made = planTeardown(sources, withObjects('kafka', yaml).environment);
    expect(made.ok ? '' : made.error.message).toMatch(message);
  });

  it('refuses an environment whose components have sources of their own, pinned or not', () => {
    const own = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: kafka, namespace: flux-system}
spec: {ref: {branch: main}}
`;
    const production = withObjects('flux-system', own).environment;
    const made = planTeardown(sources, production);
    expect(made.ok ? '' : made.error.message).toMatch(/promoted one by one/);
    expect(planReset(sources, production, 'kafka').ok).toBe(false);
  });
});

describe('describeTeardown', () => {
  const present: Present = {
    identity: { label: 'prototype', ownFlux: true, rootPath: './flux/prototype', sourceUrl: 'https://h/r' },
    hasFlux: true,
    fluxIsDown: false,
    deployed: [{ name: 'kafka', suspended: false, applied: [] }],
    hasRoot: true,
    hasSource: true,
    namespaces: ['infometis', 'node-exporter'],
    volumes: ['kafka-data'],
    claims: [],
    secrets: [{ kind: 'secrets', namespace: 'infometis', name: 'nifi-credentials' }],
    foreign: [{ kind: 'Deployment', namespace: 'infometis', name: 'mine' }],
    leftovers: [],
    moved: [{ name: 'nifi-data', directory: '/srv/nifi' }],
  };
  const shown = (keepData: boolean): readonly [string, string] => {
    const text = describeTeardown(planned(), present, {
      keepData,
      access: { way: 'here', nodes: ['k0s'] },
      directories: ['/tmp/kafka-data'],
    });
    const at = text.indexOf('This stays');
    return [text.slice(0, at), text.slice(at)];
  };

  it('shows the data, the Secrets after it, and what is in the way of nobody', () => {
    const [goes, stays] = shown(false);
    expect(goes).toMatch(/\/tmp\/kafka-data +10Gi +infometis\/data-kafka-0, volume kafka-data$/m);
    expect(goes).toContain('Secrets: infometis/nifi-credentials, after the data that they open');
    expect(goes).toContain('in them, not from Git: Deployment infometis/mine');
    expect(goes).toContain('Flux itself with its namespace');
    expect(stays).toContain('the directory /srv/nifi of volume nifi-data');
    expect(stays).not.toContain('Flux itself');
  });

  it('keeps with the data what belongs to it', () => {
    const [goes, stays] = shown(true);
    expect(goes).not.toMatch(/kafka-data|nifi-credentials|mine|Flux itself/);
    expect(goes).toContain('namespaces: node-exporter');
    expect(stays).toMatch(/namespaces: infometis.*\n.*kafka-data\n.*nifi-credentials/);
    expect(keptNamespaces(planned(), present)).toEqual(['infometis']);
  });
});
