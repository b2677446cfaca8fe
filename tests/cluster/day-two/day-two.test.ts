import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { bootstrap } from '../../../scripts/bootstrap/run.ts';
import { reset } from '../../../scripts/reset/run.ts';
import type { Report } from '../../../scripts/status/report.ts';
import { status } from '../../../scripts/status/run.ts';
import { teardown } from '../../../scripts/teardown/run.ts';
import { edit, replace } from '../../faults/overlay-files.ts';
import type { Kind, KubernetesObject } from '../harness/client.ts';
import { programsOf } from '../harness/control-plane.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { parts } from '../reconciliation/deployed-environment.ts';
import { eventually } from '../reconciliation/eventually.ts';
import {
  allReady,
  fetchNow,
  kustomization,
  kustomizationKind,
  refused,
} from '../reconciliation/flux-objects.ts';
import { volumeBindings } from '../reconciliation/workloads.ts';
import { type DayTwoCluster, type Ran, type RunOptions, startDayTwoCluster } from './day-two-cluster.ts';

const root = join(import.meta.dirname, '../../..');
const namespace = 'infometis';
const timeoutMs = 150_000;

// Every wait has a deadline of its own, which says what is missing; this one would only say that time is up.
vi.setConfig({ testTimeout: 400_000 });

// One cluster lives through all of it, in this order.
describeWithTools('the daily commands on the prototype', programsOf(parts), () => {
  let cluster: DayTwoCluster;
  let names: readonly string[];

  beforeAll(async () => {
    cluster = await startDayTwoCluster(root);
    const prototype = cluster.repository().environments.find(({ name }) => name === 'prototype');
    names = prototype!.builds.map(({ component }) => component);
    expect(names.length).toBeGreaterThan(15);
  });
  beforeEach(() => keepLogsOnFailure(cluster.plane));
  afterAll(() => cluster?.stop());

  const bringUp = (environment = 'prototype', options?: RunOptions): Promise<Ran> =>
    cluster.run(
      (repository, surroundings) =>
        bootstrap(
          repository,
          {
            environment,
            only: [],
            url: cluster.served.url,
            branch: 'main',
            readOnly: true,
            yes: true,
            dryRun: false,
            timeoutMs,
          },
          surroundings,
        ),
      options,
    );
  const takeAway = (
    changes: { readonly keepData?: boolean; readonly yes?: boolean; readonly dryRun?: boolean } = {},
    options?: RunOptions,
  ): Promise<Ran> =>
    cluster.run(
      (repository, surroundings) =>
        teardown(
          repository,
          { environment: 'prototype', keepData: false, dryRun: false, yes: true, timeoutMs, ...changes },
          surroundings,
        ),
      options,
    );
  const empty = (component: string, options?: RunOptions): Promise<Ran> =>
    cluster.run(
      (repository, surroundings) =>
        reset(
          repository,
          { environment: 'prototype', component, dryRun: false, yes: true, timeoutMs },
          surroundings,
        ),
      options,
    );
  async function look(): Promise<{ readonly code: number | undefined; readonly report: Report }> {
    const ran = await cluster.run((repository, surroundings) =>
      status(repository, { environment: 'prototype', json: true }, surroundings),
    );
    expect(ran.error).toBe('');
    return { code: ran.code, report: JSON.parse(ran.text) as Report };
  }
  async function everythingIsReady(): Promise<void> {
    await eventually('status to be good', async () => {
      const { code, report } = await look();
      return code === 0
        ? []
        : report.components
            .filter(({ state }) => state !== 'ready')
            .map(({ name, state, reasons }) => `${name}: ${state} ${JSON.stringify(reasons)}`);
    });
  }

  test('teardown of an empty cluster says that nothing is there', async () => {
    const ran = await takeAway();
    expect(ran).toMatchObject({ code: 0, error: '' });
    expect(ran.text).toContain('There is nothing of prototype in this cluster.');
  });

  test('bootstrap makes a ready platform out of nothing', async () => {
    const { code, error, text } = await bringUp();
    expect({ code, error }).toEqual({ code: 0, error: '' });
    for (const name of names) expect(text).toContain(`✔ ${name}: ready`);
    expect(text).toContain('http://localhost/grafana');
    expect(text).toMatch(/get secret nifi-credentials -o go-template=/);
    await everythingIsReady();
  });

  test('bootstrap again changes nothing', async () => {
    const before = await generations();
    const { code, text } = await bringUp();
    expect(code).toBe(0);
    expect(text).toContain(`Secret ${namespace}/nifi-credentials, as it was`);
    expect(before.size).toBeGreaterThan(100);
    expect(await generations()).toEqual(before);
  });

  test('another environment is refused, and touches nothing', async () => {
    const before = await generations();
    const production = await cluster.run((repository, surroundings) =>
      status(repository, { environment: 'small-production', json: false }, surroundings),
    );
    expect(production.error).toContain('this cluster is the environment `prototype`, not `small-production`');
    const removal = await cluster.run((repository, surroundings) =>
      teardown(
        repository,
        { environment: 'small-production', keepData: false, dryRun: false, yes: true, timeoutMs },
        surroundings,
      ),
    );
    expect(removal.error).toContain('small-production is no environment to take away by a command');
    expect(await generations()).toEqual(before);
  });

  test('status knows the commit and the images of everything that runs', async () => {
    const { code, report } = await look();
    expect(code).toBe(0);
    expect(report.ok).toBe(true);
    expect(report.notes).toEqual([]);
    expect(report.components.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const component of report.components)
      expect(component).toMatchObject({
        state: 'ready',
        suspended: false,
        runs: cluster.served.first,
        meant: { commit: cluster.served.first, by: 'branch' },
        reasons: [],
      });
    const kafka = report.components.find(({ name }) => name === 'kafka');
    expect(kafka?.images).toEqual(kafka?.meantImages);
    expect(kafka?.images.join()).toMatch(/cp-kafka:/);
  });

  test('status names the reason behind each component that is not ready', async () => {
    const { client, served } = cluster;
    const bad = served.commit('A port that does not exist, and more CPU than the node has', [
      replace('base/kafka-ui/service.yaml', 'port: 8080', 'port: 80800'),
      edit('base/elasticsearch-exporter/deployment.yaml', (text) => text.replace(/cpu: \d+m/, 'cpu: "64"')),
    ]);
    await fetchNow(client);
    await refused(client, bad, 'kafka-ui');
    await eventually('a pod without a node', async () => {
      const { code, report } = await look();
      expect(code).toBe(1);
      const reasons = (name: string): string =>
        JSON.stringify(report.components.find((component) => component.name === name)?.reasons);
      const bare = [
        /Pod infometis\/elasticsearch-exporter-.*no node takes it: .*Insufficient cpu/.test(
          reasons('elasticsearch-exporter'),
        )
          ? ''
          : `elasticsearch-exporter: ${reasons('elasticsearch-exporter')}`,
        /Kustomization flux-system\/kafka-ui.*80800/.test(reasons('kafka-ui'))
          ? ''
          : `kafka-ui: ${reasons('kafka-ui')}`,
        report.components.find(({ name }) => name === 'kafka')?.state === 'ready' ? '' : 'kafka is not ready',
      ];
      return bare.filter((line) => line !== '');
    });
    const suspended = await client.mergePatch(kustomization('grafana'), { spec: { suspend: true } });
    expect(suspended.ok).toBe(true);
    const shown = await cluster.run((repository, surroundings) =>
      status(repository, { environment: 'prototype', json: false }, surroundings),
    );
    expect(shown.text).toMatch(/Suspended, so Flux changes nothing there: grafana/);
    // What a person has suspended is theirs.
    expect((await empty('grafana')).error).toContain('somebody has suspended grafana');
    await client.mergePatch(kustomization('grafana'), { spec: { suspend: null } });
    const fixed = served.revert('The fix');
    await fetchNow(client);
    await allReady(client, fixed, names);
    await everythingIsReady();
  });

  test('reset empties one store and leaves all others as they are', async () => {
    const { client, nodeDirectory } = cluster;
    makeDirectories(nodeDirectory);
    const before = await volumeBindings(client);
    const secrets = await uidsOf({ apiVersion: 'v1', kind: 'Secret' });
    const { code, error, text } = await empty('kafka');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(text).toContain('Lost for good  every topic');
    expect(existsSync(join(nodeDirectory, 'kafka-data'))).toBe(false);
    expect(readdirSync(nodeDirectory)).toHaveLength(before.bindings.size - 1);
    await eventually('claims', async () => (await volumeBindings(client)).problems);
    const after = await volumeBindings(client);
    expect(differing(before.bindings, after.bindings)).toHaveLength(1);
    expect(JSON.stringify(differing(before.bindings, after.bindings))).toContain('kafka');
    expect(await uidsOf({ apiVersion: 'v1', kind: 'Secret' })).toEqual(secrets);
    expect((await client.get(kustomization('kafka')))?.['spec']).not.toHaveProperty('suspend');
    await everythingIsReady();
  });

  test('reset that is interrupted lets Flux go on, and can be repeated', async () => {
    const { client } = cluster;
    const cut = await empty('alertmanager', {
      onWrite: (text, abort) => {
        if (text.includes('✔ stopped:')) abort();
      },
    });
    expect(cut.code).toBe(130);
    const seen = await client.get(kustomization('alertmanager'));
    expect(seen?.['spec']).not.toHaveProperty('suspend');
    expect(seen?.metadata.annotations ?? {}).not.toHaveProperty('infometis.io/suspended-by');
    const { code, error } = await empty('alertmanager');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    await everythingIsReady();
  });

  test('teardown asks, shows everything, and changes nothing where the answer is no', async () => {
    const before = await generations();
    let question = '';
    const ran = await takeAway(
      { yes: false },
      {
        confirm: async (asked) => {
          question = asked;
          return false;
        },
      },
    );
    expect(ran.code).toBe(2);
    expect(question).toMatch(/^Take prototype and all its data away in local \(https:/);
    expect(ran.text).toContain(`${cluster.nodeDirectory}/nifi-conf-data`);
    expect(ran.text).toContain('Nothing was changed.');
    expect(await takeAway({ yes: false })).toMatchObject({ code: undefined });
    expect(await generations()).toEqual(before);
  });

  test('teardown while Flux is dead keeps the data if told so, and bootstrap finds it again', async () => {
    const { client, plane } = cluster;
    const before = await volumeBindings(client);
    const secrets = await secretVersions();
    const controller = plane.components.get('kustomize-controller')!;
    await controller.kill();
    await cluster.showController('kustomize-controller', false);
    await eventually('the controller to be down', async () => {
      const object = await client.get({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'flux-system',
        name: 'kustomize-controller',
      });
      const seen = (object?.['status'] ?? {}) as { availableReplicas?: number };
      return seen.availableReplicas ? ['available'] : [];
    });
    const ran = await takeAway({ keepData: true });
    expect(ran).toMatchObject({ code: 0, error: '' });
    expect(ran.text).toContain('kustomize-controller does not run, so this is done without it');
    expect(await client.list(kustomizationKind)).toEqual([]);
    expect(await client.list({ apiVersion: 'apps/v1', kind: 'StatefulSet' })).toEqual([]);
    expect(await owned()).toEqual([`v1 Namespace ${namespace}`]);
    expect(await secretVersions()).toEqual(secrets);

    await cluster.showController('kustomize-controller', true);
    await controller.start();
    expect(await bringUp()).toMatchObject({ code: 0, error: '' });
    await eventually('claims', async () => (await volumeBindings(client)).problems);
    expect((await volumeBindings(client)).bindings).toEqual(before.bindings);
    expect(await secretVersions()).toEqual(secrets);
  });

  test('teardown leaves nothing, neither in the cluster nor on the node, and what is not its own alone', async () => {
    const { client, nodeDirectory } = cluster;
    makeDirectories(nodeDirectory);
    const stranger = join(nodeDirectory, 'somebody-data');
    mkdirSync(stranger);
    writeFileSync(join(stranger, 'file'), 'mine');
    symlinkSync(stranger, join(nodeDirectory, 'grafana-data', 'link'));
    await cluster.claimFlux();

    const cut = await takeAway(
      {},
      {
        onWrite: (text, abort) => {
          if (/✔ \d+ components/.test(text)) abort();
        },
      },
    );
    expect(cut.code).toBe(130);
    const ran = await takeAway();
    expect(ran).toMatchObject({ code: 0, error: '' });
    expect(readdirSync(nodeDirectory)).toEqual(['somebody-data']);
    expect(readFileSync(join(stranger, 'file'), 'utf8')).toBe('mine');
    expect(await owned()).toEqual([]);
    for (const kind of ['PersistentVolume', 'PersistentVolumeClaim', 'Secret'])
      expect(await client.list({ apiVersion: 'v1', kind })).toEqual([]);
    const namespaces = await client.list({ apiVersion: 'v1', kind: 'Namespace' });
    expect(namespaces.map(({ metadata }) => metadata.name).sort()).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
    expect(
      await client.list({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }),
    ).toEqual([]);
    const again = await takeAway();
    expect(again).toMatchObject({ code: 0, error: '' });
    expect(again.text).toContain('There is nothing of prototype in this cluster.');
  });

  /** Everything of the environment, and how often each was changed: not what Flux and Kubernetes note in a status. */
  async function generations(): Promise<ReadonlyMap<string, string>> {
    const kinds: readonly Kind[] = [
      kustomizationKind,
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
      ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ apiVersion: 'apps/v1', kind })),
      { apiVersion: 'batch/v1', kind: 'Job' },
      ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Namespace', 'PersistentVolume', 'Pod'].map(
        (kind) => ({ apiVersion: 'v1', kind }),
      ),
    ];
    const lists = await Promise.all(kinds.map((kind) => cluster.client.list(kind)));
    return new Map(
      lists.flat().map((object) => {
        const { metadata, kind } = object;
        // A ConfigMap or Secret has no generation; its version is of its content, since it has no status.
        const isPlain = ['ConfigMap', 'Secret', 'Namespace'].includes(kind);
        return [
          `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
          `${metadata.uid} ${isPlain ? metadata.resourceVersion : metadata.generation}`,
        ];
      }),
    );
  }

  async function uidsOf(kind: Kind): Promise<ReadonlyMap<string, unknown>> {
    const objects = await cluster.client.list(kind);
    return new Map(objects.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.uid]));
  }

  async function secretVersions(): Promise<ReadonlyMap<string, unknown>> {
    const objects = await cluster.client.list({ apiVersion: 'v1', kind: 'Secret' });
    return new Map(
      objects.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion]),
    );
  }

  /** What Flux has made and nothing has taken away again; volumes are looked at by themselves. */
  async function owned(): Promise<readonly string[]> {
    const kinds: readonly Kind[] = [
      ...['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map((kind) => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind,
      })),
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].map((kind) => ({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
      })),
      { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
      ...['Ingress', 'IngressClass'].map((kind) => ({ apiVersion: 'networking.k8s.io/v1', kind })),
      ...['Namespace', 'Service', 'ConfigMap', 'ServiceAccount', 'Pod'].map((kind) => ({
        apiVersion: 'v1',
        kind,
      })),
      ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ apiVersion: 'apps/v1', kind })),
    ];
    const lists = await Promise.all(kinds.map((kind) => cluster.client.list(kind)));
    return lists
      .flat()
      .filter(isOwned)
      .map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
  }
});

const isOwned = ({ metadata }: KubernetesObject): boolean =>
  metadata.labels?.['kustomize.toolkit.fluxcd.io/namespace'] === 'flux-system' ||
  metadata.labels?.['app.kubernetes.io/part-of'] === 'infometis';

/** What a kubelet would have made, with something in it. */
function makeDirectories(nodeDirectory: string): void {
  for (const name of [
    'alertmanager',
    'elasticsearch',
    'flink',
    'grafana',
    'kafka',
    'nifi-conf',
    'nifi-content',
    'nifi-database',
    'nifi-flowfile',
    'nifi-provenance',
    'nifi-registry',
    'prometheus',
  ]) {
    mkdirSync(join(nodeDirectory, `${name}-data`, 'below'), { recursive: true });
    writeFileSync(join(nodeDirectory, `${name}-data`, 'below', 'file'), 'data');
  }
}

const differing = (
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly unknown[] =>
  [...before].filter(([key, value]) => JSON.stringify(after.get(key)) !== JSON.stringify(value));
