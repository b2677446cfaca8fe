import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import { sumRequests } from '../../../scripts/cluster/requests.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { add, append, edit, remove, replace } from '../../faults/overlay-files.ts';
import type { ObjectReference } from '../harness/client.ts';
import { programsOf } from '../harness/control-plane.ts';
import { fluxControllers } from '../harness/flux.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { disagreements } from './agreement.ts';
import { type DeployedEnvironment, deployEnvironment, parts } from './deployed-environment.ts';
import { authorship, capacityProblems, dependencyEdges } from './deployment.ts';
import { eventually } from './eventually.ts';
import { allReady, fetchNow, isReady, kustomization, reconcile, refused } from './flux-objects.ts';
import {
  changed,
  jobProblems,
  podProblems,
  requestsOn,
  serviceProblems,
  volumeBindings,
  warnings,
  workloads,
} from './workloads.ts';

const root = join(import.meta.dirname, '../../..');
const namespace = 'infometis';

// Every wait has a deadline of its own, which says what is missing; this one would only say that time is up.
vi.setConfig({ testTimeout: 900_000 });

// One cluster lives through all of it, in this order, as a cluster does.
describeWithTools('the prototype, deployed by Flux', [...programsOf(parts), 'etcdctl', 'etcdutl'], () => {
  let environment: DeployedEnvironment;
  let names: readonly string[];

  beforeAll(async () => {
    const started = performance.now();
    environment = await deployEnvironment(root, 'prototype');
    names = environment.builds.map(({ component }) => component);
    const objects = environment.builds.reduce((sum, build) => sum + build.objects.length, 0);
    report(
      `${objects} objects of ${names.length} Kustomizations; control plane and bootstrap`,
      performance.now() - started,
    );
  });
  beforeEach(() => keepLogsOnFailure(environment.plane));
  afterAll(() => environment?.stop());

  describe('on an empty cluster', () => {
    test('every Kustomization gets Ready', async () => {
      await allReady(environment.client, environment.served.first, names);
      report('all Ready after bootstrap', performance.now() - environment.bootstrapped);
    });

    test('nothing is written for a component before all that it depends on is Ready', async () => {
      const edges = await dependencyEdges(environment);
      expect(edges.length).toBeGreaterThan(20);
      expect(edges.filter(({ inOrder }) => !inOrder)).toEqual([]);
    });

    test('every object is written under the account of its Kustomization, and all of them are', async () => {
      const { actual, expected } = await authorship(environment);
      expect(actual).toEqual(expected);
      // The root alone works as kustomize-controller itself.
      expect(actual.filter(({ used }) => used[0] === undefined).map(({ component }) => component)).toEqual([
        fluxNamespace,
      ]);
    });

    test('every pod is on a declared node, within its capacity, and Ready; every Job is complete', async () => {
      const { client } = environment;
      await eventually('pods and Jobs', async () => [
        ...(await podProblems(client)),
        ...(await jobProblems(client)),
      ]);
      expect(await capacityProblems(environment)).toEqual([]);
    });

    test('every claim is bound to the volume that is kept for it', async () => {
      const { problems, bindings } = await volumeBindings(environment.client);
      expect(problems).toEqual([]);
      const volumes = environment.builds
        .flatMap(({ objects }) => objects)
        .filter(({ kind }) => kind === 'PersistentVolume');
      expect(bindings.size).toBe(volumes.length);
    });

    test('every port of every Service leads to a pod', () =>
      eventually('endpoints', () => serviceProblems(environment.client)));

    test('no event warns of a failed admission or of anything that stays', async () => {
      expect(await warnings(environment.client)).toEqual([]);
    });

    test('what the gate renders is what Flux has applied', async () => {
      expect(await disagreements(environment.client, environment.builds)).toEqual([]);
    });
  });

  describe('in the life of the repository', () => {
    test('a commit to one configuration file rolls what reads it and nothing else', async () => {
      const { client, served } = environment;
      const before = await workloads(client);
      const configMaps = () => namesOf('v1', 'ConfigMap', /^alertmanager-config-/);
      const [old] = await configMaps();
      const commit = served.commit('A word more in the configuration of Alertmanager', [
        append('base/alertmanager/config/alertmanager.yml', '# A word more.\n'),
      ]);
      await deployed(commit);
      expect(changed(before, await workloads(client))).toEqual([
        'Pod infometis/alertmanager-0',
        'StatefulSet infometis/alertmanager',
      ]);
      const left = await configMaps();
      expect(left).toHaveLength(1);
      expect(left).not.toEqual([old]);
    });

    describe('with a bad commit', () => {
      let bad: string;
      let before: ReadonlyMap<string, string>;
      const failing = ['kafka-ui', 'schema-registry', 'elasticsearch-exporter'];

      test('what the API server refuses is told, and all the rest goes on', async () => {
        const { client, served } = environment;
        before = await workloads(client);
        bad = served.commit(
          'A port that does not exist, rights beyond the account, more CPU than the node has',
          [
            replace('base/kafka-ui/service.yaml', 'port: 8080', 'port: 80800'),
            // Under component-applier, which may make nothing outside namespaces.
            add('base/schema-registry/clusterrole.yaml', clusterRole),
            replace(
              'base/schema-registry/kustomization.yaml',
              '  - service.yaml\n',
              '  - service.yaml\n  - clusterrole.yaml\n',
            ),
            edit('base/elasticsearch-exporter/deployment.yaml', (text) =>
              text.replace(/cpu: \d+m/, 'cpu: "64"'),
            ),
          ],
        );
        await fetchNow(client);
        const [invalid, forbidden] = await Promise.all([
          refused(client, bad, 'kafka-ui'),
          refused(client, bad, 'schema-registry'),
          allReady(client, bad, without(...failing)),
        ]);
        expect(invalid).toMatch(/Service\/infometis\/kafka-ui-service.*80800/s);
        expect(forbidden).toMatch(/system:serviceaccount:flux-system:component-applier.*cannot/s);
      });

      test('a pod that finds no room does not replace the old one', async () => {
        const { client } = environment;
        await eventually('a pod without a node', async () =>
          (await podProblems(client)).some((problem) => problem.includes('Insufficient cpu'))
            ? []
            : ['every pod has a node'],
        );
        expect(isReady(await client.get(kustomization('elasticsearch-exporter')))).toBe(false);
        const during = await workloads(client);
        const added = [...during.keys()].filter((key) => !before.has(key));
        expect(added).toEqual([expect.stringMatching(/^Pod infometis\/elasticsearch-exporter-/)]);
        expect(changed(before, during)).toEqual(['Deployment infometis/elasticsearch-exporter', ...added]);
        expect(await serviceProblems(client)).toEqual([]);
      });

      test('the fix needs no hands, and no timeout has to pass', async () => {
        const { client, served } = environment;
        // The health check of elasticsearch-exporter goes on for its 5 minutes unless the next commit ends it.
        const fixed = performance.now();
        await deployed(served.revert('The fix'));
        report('Ready after the fix', performance.now() - fixed);
        await eventually('pods', () => podProblems(client));
        // Alertmanager's file is as it was in the beginning, too.
        expect(changed(before, await workloads(client))).toEqual([
          'Deployment infometis/elasticsearch-exporter',
          'Pod infometis/alertmanager-0',
          'StatefulSet infometis/alertmanager',
        ]);
      });
    });

    test('what leaves Git leaves the cluster, but not data, and comes back to its data', async () => {
      const { client, served } = environment;
      const { bindings } = await volumeBindings(client);
      const commit = served.commit(
        'An Ingress, a volume, a Namespace, a component go; a Service is renamed',
        [
          remove('base/kafka-ui/ingress.yaml'),
          replace('base/kafka-ui/kustomization.yaml', '  - ingress.yaml\n', ''),
          remove('overlays/prototype/alertmanager/persistentvolume.yaml'),
          replace('overlays/prototype/alertmanager/kustomization.yaml', '  - persistentvolume.yaml\n', ''),
          replace('base/namespace/kustomization.yaml', '  - namespace.yaml\n', ''),
          edit('overlays/prototype/namespace/kustomization.yaml', (text) =>
            text.slice(0, text.indexOf('patches:')),
          ),
          replace('flux/prototype/kustomization.yaml', '  - grafana.yaml\n', ''),
          replace('base/kafka/service.yaml', 'name: kafka-service', 'name: kafka-renamed-service'),
        ],
      );
      await fetchNow(client);
      await allReady(client, commit, without('grafana'));
      await eventually('Grafana to go', async () => {
        const left = [
          await client.get(kustomization('grafana')),
          await client.get(inNamespace('apps/v1', 'StatefulSet', 'grafana')),
          await client.get(inNamespace('v1', 'Pod', 'grafana-0')),
        ];
        return left.flatMap((object) => (object ? [`${object.kind} is there`] : []));
      });
      expect(await client.get(inNamespace('networking.k8s.io/v1', 'Ingress', 'kafka-ui'))).toBeUndefined();
      expect(await namesOf('v1', 'Service', /^kafka-(renamed-)?service$/)).toEqual(['kafka-renamed-service']);
      expect(await client.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toMatchObject({
        status: { phase: 'Active' },
      });
      // Grafana's and Alertmanager's among them: the very same objects.
      expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
      expect(await podProblems(client)).toEqual([]);

      await deployed(served.revert('All of it comes back'));
      expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
      await eventually('endpoints', () => serviceProblems(client));
      expect(await disagreements(client, environment.builds)).toEqual([]);
    });

    test('what a hand has changed is put right', async () => {
      const { client } = environment;
      const deployment = inNamespace('apps/v1', 'Deployment', 'kafka-ui');
      const service = inNamespace('v1', 'Service', 'schema-registry-service');
      const byHand = { fieldManager: 'kubectl-edit' };
      await client.mergePatch(deployment, { spec: { replicas: 0 } }, byHand);
      await client.mergePatch(
        deployment,
        { metadata: { labels: { 'app.kubernetes.io/part-of': 'hand' } } },
        byHand,
      );
      await client.delete(service);
      const drift = await disagreements(client, environment.builds);
      expect(drift).toEqual(
        expect.arrayContaining([
          'kafka-ui: Deployment kafka-ui: /spec/replicas is 0, rendered 1',
          'kafka-ui: Deployment kafka-ui: /metadata/labels/app.kubernetes.io/part-of is "hand", rendered "infometis"',
          'schema-registry: Service schema-registry-service: it is not there',
        ]),
      );
      await Promise.all(['kafka-ui', 'schema-registry'].map((name) => reconcile(client, name)));
      expect(await disagreements(client, environment.builds)).toEqual([]);
      await eventually('pods and endpoints', async () => [
        ...(await podProblems(client)),
        ...(await serviceProblems(client)),
      ]);
    });
  });

  describe('when the cluster itself fails', () => {
    let small: string;
    const snapshotFile = (): string => join(environment.plane.directory, 'snapshot.db');

    /** Pods, their requests and every field are those of the small footprint. */
    async function isSmall(): Promise<void> {
      const { client, served, nodes } = environment;
      await eventually('pods, Jobs and endpoints', async () => [
        ...(await podProblems(client)),
        ...(await jobProblems(client)),
        ...(await serviceProblems(client)),
      ]);
      const sources = openSources(openDirectory(served.directory));
      const [rendered] = renderRepository(sources, { environments: ['prototype'] }).environments;
      const stated = sumRequests(rendered!.objects, nodes.length);
      const asked = await requestsOn(client, nodes[0]!.name);
      expect(asked.cpu).toBeCloseTo(stated.cpu, 3);
      expect(asked.memory).toBe(stated.memory);
      expect(await disagreements(client, rendered!.builds)).toEqual([]);
    }

    test('a commit made while the API server is dead is deployed when it is back', async () => {
      const { client, served, plane } = environment;
      const before = await workloads(client);
      await plane.apiServer.kill();
      const commit = served.commit('While the API server is away', [word('one')]);
      await plane.apiServer.start();
      await deployed(commit);
      expect(await deployedWord()).toBe('one');
      expect(changed(before, await workloads(client))).toEqual([]);
    });

    test('a commit made while Flux is dead is deployed when it is back, without being asked', async () => {
      const { client, served, plane } = environment;
      const before = await workloads(client);
      const controllers = fluxControllers.map((name) => plane.components.get(name)!);
      await Promise.all(controllers.map((controller) => controller.kill()));
      const commit = served.commit('While Flux is away', [word('two')]);
      await Promise.all(controllers.map((controller) => controller.start()));
      await allReady(client, commit, names);
      expect(await deployedWord()).toBe('two');
      expect(changed(before, await workloads(client))).toEqual([]);
    });

    test('the small footprint is deployed, and takes from the node what it says', async () => {
      const { client, served, plane, nodes } = environment;
      // For the test after this one.
      plane.etcd.snapshot(snapshotFile());
      const full = await requestsOn(client, nodes[0]!.name);
      const started = performance.now();
      small = served.commit('For a laptop', [
        edit('flux/prototype/kustomization.yaml', (text) =>
          text
            .replace('\n#components:', '\ncomponents:')
            .replace('\n#  - ../../components', '\n  - ../../components'),
        ),
      ]);
      await deployed(small);
      report('small footprint all Ready', performance.now() - started);
      await isSmall();
      expect((await requestsOn(client, nodes[0]!.name)).cpu).toBeLessThan(full.cpu * 0.6);
    });

    test('etcd restored from a snapshot from before that comes back to what Git says', async () => {
      const { client, plane, audit } = environment;
      const { bindings } = await volumeBindings(client);
      // All of the control plane is started anew, as a restore of k0s does and Kubernetes asks for. Controllers that live
      // on know Kustomizations as later than they are, and leave them alone until their interval of an hour is over.
      const [etcd, apiServer, ...others] = plane.components.values();
      await Promise.all(others.map((component) => component.kill()));
      await apiServer!.stop();
      await etcd!.stop();
      plane.etcd.restore(snapshotFile());
      await etcd!.start();
      await apiServer!.start();
      const restored = Date.now();
      await Promise.all(others.map((component) => component.start()));
      await allReady(client, small, names);
      // Flux writes what differs and nothing else, so the cluster was what it had been before.
      const rewritten = audit.writes().filter(({ time }) => time > restored);
      expect(rewritten.map(({ key }) => key)).toContain('apps/statefulsets infometis/nifi');
      await isSmall();
      expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
    });
  });

  /** Waits until all of Flux is Ready at a commit; the source is fetched at once instead of within its minute. */
  async function deployed(commit: string): Promise<void> {
    await fetchNow(environment.client);
    await allReady(environment.client, commit, names);
  }

  const without = (...left: readonly string[]): readonly string[] =>
    names.filter((name) => !left.includes(name));

  async function namesOf(apiVersion: string, kind: string, pattern: RegExp): Promise<readonly string[]> {
    const objects = await environment.client.list({ apiVersion, kind }, { namespace });
    return objects.map(({ metadata }) => metadata.name ?? '').filter((name) => pattern.test(name));
  }

  async function deployedWord(): Promise<string | undefined> {
    const service = await environment.client.get(inNamespace('v1', 'Service', 'kafka-ui-service'));
    return service?.metadata.annotations?.['example.com/word'];
  }
});

const inNamespace = (apiVersion: string, kind: string, name: string): ObjectReference => ({
  apiVersion,
  kind,
  namespace,
  name,
});

const clusterRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: everything
rules:
  - apiGroups: ["*"]
    resources: ["*"]
    verbs: ["*"]
`;

/** A change that rolls nothing. */
const word = (text: string) =>
  edit('base/kafka-ui/service.yaml', (before) =>
    before.replace(
      /name: kafka-ui-service\n(?: {2}annotations:\n.*\n)?/,
      `name: kafka-ui-service\n  annotations:\n    example.com/word: ${text}\n`,
    ),
  );

const report = (what: string, milliseconds: number): void =>
  console.log(`${what}: ${(milliseconds / 1000).toFixed(1)} s`);
