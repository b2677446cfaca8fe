import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../../scripts/cluster/inventory.ts';
import { formatReport } from '../../../scripts/status/format.ts';
import type { Clone } from '../../../scripts/status/meant.ts';
import { type ComponentStatus, commitOf, makeReport, type Report } from '../../../scripts/status/report.ts';
import type { Snapshot } from '../../../scripts/status/snapshot.ts';
import {
  commit,
  container,
  flux,
  kustomization,
  meant,
  now,
  other,
  pod,
  running,
  snapshot,
  source,
  statefulSet,
} from './objects.ts';

const clone: Clone = { head: commit, clean: true, ahead: 0, unknown: false };
const root = kustomization('flux-system', { status: { inventory: { entries: [] } } });
const healthy: Snapshot = snapshot({
  flux: [source(), root, kustomization('kafka')],
  running: [statefulSet('kafka'), pod('kafka', running)],
});
const report = (seen: Snapshot, wanted = [meant('kafka')], at: Clone = clone): Report =>
  makeReport(seen, wanted, at, now);
const kafkaOf = (made: Report): ComponentStatus => made.components.find(({ name }) => name === 'kafka')!;

describe('makeReport', () => {
  it('is good where everything is ready at the commit that its source has', () => {
    const made = report(healthy);
    expect(made.ok).toBe(true);
    expect(kafkaOf(made)).toEqual({
      name: 'kafka',
      state: 'ready',
      suspended: false,
      runs: commit,
      meant: { commit, by: 'branch' },
      images: ['r/kafka:1'],
      meantImages: ['r/kafka:1'],
      reasons: [],
    });
  });

  it('is not good where a pod fails that was ready when Flux looked', () => {
    const made = report({
      ...healthy,
      running: [
        statefulSet('kafka', 0),
        pod('kafka', container({ waiting: { reason: 'ErrImagePull', message: 'not found' } })),
      ],
    });
    expect(made.ok).toBe(false);
    expect(kafkaOf(made)).toMatchObject({
      state: 'failed',
      reasons: [{ object: 'Pod infometis/kafka-0', message: 'container main: ErrImagePull: not found' }],
    });
  });

  it('tells what Flux says where it failed, and the pods behind that', () => {
    const made = report({
      ...healthy,
      flux: [
        source(),
        root,
        kustomization('kafka', {
          ready: { status: 'False', reason: 'HealthCheckFailed', message: 'timeout\nmore' },
        }),
      ],
      running: [statefulSet('kafka', 0), pod('kafka', container({ running: {} }))],
    });
    expect(kafkaOf(made).state).toBe('failed');
    expect(kafkaOf(made).reasons.map(({ message }) => message)).toEqual(['timeout', 'starting: main']);
  });

  it('is outdated where the source has a newer commit, and where a pin is not what the source names', () => {
    const ahead = source({ status: { artifact: { revision: `main@sha1:${other}` } } });
    expect(kafkaOf(report({ ...healthy, flux: [ahead, root, kustomization('kafka')] }))).toMatchObject({
      state: 'outdated',
      reasons: [{ message: 'has applied aaaaaaaa, and is to apply bbbbbbbb' }],
    });
    const own = flux('GitRepository', 'kafka', {
      spec: { ref: { branch: 'main', commit } },
      status: { artifact: { revision: `sha1:${commit}` } },
    });
    const pinned = kustomization('kafka', {
      spec: { sourceRef: { kind: 'GitRepository', name: 'kafka' } },
      status: { lastAppliedRevision: `sha1:${commit}` },
    });
    const seen = { ...healthy, flux: [source(), root, own, pinned] };
    const same = meant('kafka', { pin: commit, images: undefined });
    expect(kafkaOf(report(seen, [same]))).toMatchObject({ state: 'ready', meant: { commit, by: 'pin' } });
    const moved = kafkaOf(report(seen, [meant('kafka', { pin: other, images: undefined })]));
    expect(moved.state).toBe('outdated');
    expect(moved.reasons.map(({ message }) => message)).toEqual([
      'names aaaaaaaa, this checkout bbbbbbbb: pull, or merge what is here',
      'has applied aaaaaaaa, and is to apply bbbbbbbb',
    ]);
  });

  it('tells an image by hand only where the checkout is what runs', () => {
    const wanted = [meant('kafka', { images: ['r/kafka:2'] })];
    expect(kafkaOf(report(healthy, wanted)).reasons).toEqual([
      { object: 'kafka', message: 'runs the image r/kafka:1, which Git does not name (r/kafka:2)' },
    ]);
    for (const at of [
      { ...clone, head: other },
      { ...clone, clean: false },
    ])
      expect(kafkaOf(report(healthy, wanted, at)).state).toBe('ready');
  });

  it('tells what is absent from what was left out on purpose', () => {
    const empty = snapshot({ flux: [source(), root] });
    expect(report(empty).ok).toBe(false);
    expect(kafkaOf(report(empty)).state).toBe('absent');
    const chosen = kustomization('flux-system', {
      spec: { patches: [{ patch: '$patch: delete\nkind: Kustomization', target: { name: 'kafka|nifi' } }] },
      status: { inventory: { entries: [] } },
    });
    const made = report(snapshot({ flux: [source(), chosen] }));
    expect(made.ok).toBe(true);
    expect(kafkaOf(made).state).toBe('left out');
  });

  it('names what is suspended, and what it waits for', () => {
    const suspended = kustomization('kafka', { spec: { suspend: true } });
    const made = report({ ...healthy, flux: [source({ spec: { suspend: true } }), root, suspended] });
    expect(kafkaOf(made).suspended).toBe(true);
    expect(made.notes).toEqual([
      'GitRepository flux-system/flux-system is suspended: nothing new of it arrives',
    ]);
    expect(formatReport(made, 'prototype')).toContain('Suspended, so Flux changes nothing there: kafka');
    const waiting = kustomization('kafka', {
      ready: { status: 'False', reason: 'DependencyNotReady', message: 'x' },
    });
    const held = kafkaOf(
      report({ ...healthy, flux: [source(), root, waiting] }, [meant('kafka', { dependsOn: ['policies'] })]),
    );
    expect(held.state).toBe('progressing');
    expect(held.reasons[0]?.message).toBe('waits for policies');
  });

  it('says how the clone stands to the cluster', () => {
    expect(report(healthy, [meant('kafka')], { ...clone, ahead: 2 }).notes).toEqual([
      '2 commits of origin/main are not in the cluster yet; Flux looks every 1m0s',
    ]);
    expect(report(healthy, [meant('kafka')], { ...clone, unknown: true }).notes[0]).toContain('git fetch');
    expect(report(healthy, []).notes).toEqual(['not in this checkout: kafka']);
  });

  it('follows a HelmRelease to what Helm has made', () => {
    const release = {
      ...flux('HelmRelease', 'metallb', {
        ready: { status: 'False', reason: 'InstallFailed', message: 'timed out' },
      }),
      metadata: { name: 'metallb', namespace: 'metallb-system', generation: 1 },
    };
    const made = report(
      {
        ...healthy,
        flux: [
          source(),
          root,
          release,
          kustomization('metallb', {
            status: {
              inventory: {
                entries: [{ id: 'metallb-system_metallb_helm.toolkit.fluxcd.io_HelmRelease', v: 'v2' }],
              },
            },
          }),
        ],
        running: [
          {
            kind: 'Deployment',
            metadata: {
              name: 'controller',
              namespace: 'metallb-system',
              uid: 'd',
              labels: {
                'helm.toolkit.fluxcd.io/name': 'metallb',
                'helm.toolkit.fluxcd.io/namespace': 'metallb-system',
              },
            },
            status: {},
          },
        ],
      },
      [meant('metallb')],
    );
    expect(made.components[1]?.reasons).toEqual([
      { object: 'HelmRelease metallb-system/metallb', message: 'timed out' },
      { object: 'Deployment metallb-system/controller', message: 'not all of its pods are ready' },
    ]);
  });
});

describe('formatReport', () => {
  it('has a line for each component, reasons below it, and a verdict', () => {
    const text = formatReport(report(healthy), 'prototype');
    expect(text).toMatch(/^COMPONENT {4}STATE {2}RUNS {6}MEANT {5}IMAGES$/m);
    expect(text).toMatch(/^kafka +ready +aaaaaaaa +aaaaaaaa +r\/kafka:1$/m);
    expect(text).toContain('prototype is ready: all 2 run what they are meant to.');
    expect(formatReport(report(snapshot({ flux: [source(), root] })), 'prototype')).toContain(
      'prototype is not ready: 1 of 2 run what they are meant to.',
    );
  });
});

it('reads revisions and inventories as Flux writes them', () => {
  expect(commitOf(`main@sha1:${commit}`)).toBe(commit);
  expect(commitOf(`sha1:${commit}`)).toBe(commit);
  expect(commitOf('1.2.3')).toBeUndefined();
  const entries = [
    { id: '_infometis_rbac.authorization.k8s.io_ClusterRole', v: 'v1' },
    { id: '_system__reader_rbac.authorization.k8s.io_ClusterRole', v: 'v1' },
    { id: 'infometis_kafka-service__Service', v: 'v1' },
  ];
  expect(inventoryOf({ status: { inventory: { entries } } })).toEqual([
    {
      namespace: '',
      name: 'infometis',
      group: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      version: 'v1',
    },
    {
      namespace: '',
      name: 'system:reader',
      group: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      version: 'v1',
    },
    { namespace: 'infometis', name: 'kafka-service', group: '', kind: 'Service', version: 'v1' },
  ]);
});
