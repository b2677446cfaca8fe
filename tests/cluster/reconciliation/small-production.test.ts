import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import { edit } from '../../faults/overlay-files.ts';
import { addOns } from '../harness/add-ons.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { conditionOf } from '../harness/condition.ts';
import { programsOf } from '../harness/control-plane.ts';
import { addressesOf, addressesOfRange } from '../harness/stand-ins/load-balancer.ts';
import { suspended } from '../harness/stand-ins/suspended.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { disagreements } from './agreement.ts';
import { type Availability, availabilityDuring, type Group, groupsOf, shortfalls } from './availability.ts';
import { type DeployedEnvironment, deployEnvironment, parts } from './deployed-environment.ts';
import { authorship, capacityProblems, dependencyEdges } from './deployment.ts';
import { drain, hasClaim, mayEvict, ownerOf, podsOn, setSchedulable } from './drain.ts';
import { eventually } from './eventually.ts';
import { allReady, fetchNow } from './flux-objects.ts';
import { demandOf, resourceTable } from './resources.ts';
import { encryptionPrograms, smallProductionSite } from './small-production-site.ts';
import {
  changed,
  jobProblems,
  podProblems,
  podSpecOf,
  quantity,
  referenceProblems,
  serviceProblems,
  volumeBindings,
  warnings,
  workloads,
} from './workloads.ts';

const root = join(import.meta.dirname, '../../..');
const namespace = 'infometis';
const quorums = ['kafka', 'zookeeper', 'elasticsearch', 'nifi'].map((name) => `StatefulSet ${name}`);
// What the scheduler says of a pod whose volume lies on a node that takes no pods.
const waitsForVolume =
  /node\(s\) (?:had volume node affinity conflict|didn't match PersistentVolume's node affinity)/;
/** A PodDisruptionBudget that blocks for good is found here. */
const drainDeadlineMs = 90_000;

vi.setConfig({ testTimeout: 600_000 });

// One cluster lives through all of it, in this order, as a cluster does.
describeWithTools(
  'small-production, deployed by Flux',
  [...programsOf(parts), ...addOns, ...encryptionPrograms],
  () => {
    let environment: DeployedEnvironment;
    let client: Client;
    let names: readonly string[];
    let groups: readonly Group[];

    beforeAll(async () => {
      const started = performance.now();
      environment = await deployEnvironment(root, 'small-production', smallProductionSite);
      client = environment.client;
      names = environment.builds.map(({ component }) => component);
      const objects = environment.builds.reduce((sum, build) => sum + build.objects.length, 0);
      report(
        `${objects} objects of ${names.length} Kustomizations; Secrets, control plane and bootstrap`,
        performance.now() - started,
      );
    });
    beforeEach(() => keepLogsOnFailure(environment.plane));
    afterAll(() => environment?.stop());

    describe('on three empty nodes', () => {
      test('every Kustomization gets Ready', async () => {
        await allReady(client, environment.served.first, names);
        report('all Ready after bootstrap', performance.now() - environment.bootstrapped);
      });

      test('what cannot be fetched here is suspended, and not proven', async () => {
        const unproven = (await suspended(client)).map(({ kind, name }) => `${kind} ${name}`).sort();
        console.log(
          `not proven, since their charts and definitions lie elsewhere:\n  ${unproven.join('\n  ')}`,
        );
        const releases = environment.builds
          .flatMap(({ objects }) => objects)
          .filter(({ kind }) => kind === 'HelmRelease')
          .map(({ name }) => `HelmRelease ${name}`);
        expect(releases.length).toBeGreaterThan(0);
        expect(unproven.filter((name) => name.startsWith('HelmRelease '))).toEqual(releases.sort());
      });

      test('nothing is written for a component before all that it depends on is Ready', async () => {
        const edges = await dependencyEdges(environment);
        expect(edges.length).toBeGreaterThan(60);
        expect(edges.filter(({ inOrder }) => !inOrder)).toEqual([]);
      });

      test('every object is written under the account of its Kustomization, and all of them are', async () => {
        const { actual, expected } = await authorship(environment);
        expect(actual).toEqual(expected);
        expect(
          actual.filter(({ used }) => used.includes(undefined)).map(({ component }) => component),
        ).toEqual([fluxNamespace]);
      });

      test('every Secret that is declared is decrypted, whole', async () => {
        const problems: string[] = [];
        for (const { name, namespace: inside, keys } of environment.secrets) {
          const secret = await client.get({ apiVersion: 'v1', kind: 'Secret', name, namespace: inside });
          const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
          for (const key of keys) {
            const value = Buffer.from(data[key.name] ?? '', 'base64').toString('utf8');
            if (value === '') problems.push(`${name} has no ${key.name}`);
            if (value.startsWith('ENC[')) problems.push(`${name}: ${key.name} is still encrypted`);
          }
        }
        expect(environment.secrets.length).toBeGreaterThan(20);
        expect(problems).toEqual([]);
      });

      test('every pod is on a declared node, within its capacity, and Ready; every Job is complete', async () => {
        await allWell();
        expect(environment.nodes).toHaveLength(3);
        expect(await capacityProblems(environment)).toEqual([]);
      });

      test('pods that stand for each other are on different nodes', async () => {
        groups = await groupsOf(client, namespace);
        expect(groups.map(({ name }) => name)).toEqual(expect.arrayContaining(quorums));
        const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
        const spread = groups.map(({ name, replicas, owns }) => ({
          name,
          replicas,
          nodes: new Set(pods.filter(owns).map((pod) => podSpecOf(pod).nodeName)).size,
        }));
        expect(spread.filter(({ replicas, nodes }) => nodes !== replicas)).toEqual([]);
      });

      test('what pods read is there, with every key', () =>
        eventually('ConfigMaps and Secrets', () => referenceProblems(client)));

      test('every claim is bound to a volume of its own', async () => {
        const { problems, bindings } = await volumeBindings(client);
        expect(problems).toEqual([]);
        expect(bindings.size).toBeGreaterThan(quorums.length * 3);
      });

      test('every port of every Service leads to a pod, and the load balancer has an address', async () => {
        await eventually('endpoints', () => serviceProblems(client));
        const services = (await client.list({ apiVersion: 'v1', kind: 'Service' })).filter(
          (service) => (service['spec'] as { type?: string }).type === 'LoadBalancer',
        );
        expect(services.map(({ metadata }) => metadata.name)).toHaveLength(1);
        const [address] = services.flatMap(addressesOf);
        expect(addressesOfRange(environment.fact('loadBalancerRange'))).toContain(address);
      });

      test('no event warns of a failed admission or of anything that stays', async () => {
        expect(await warnings(client)).toEqual([]);
        expect(environment.standIns.problems()).toEqual([]);
      });

      test('what the gate renders is what Flux has applied', async () => {
        expect(await disagreements(client, environment.builds)).toEqual([]);
      });

      test('with one node down, what must run fits on the others', () => {
        const { nodes } = environment;
        const [node] = nodes;
        const demand = demandOf(
          environment.builds.flatMap(({ objects }) => objects),
          nodes.length,
        );
        console.log(
          `${resourceTable(demand, node!, nodes.length)}\n(without the add-ons, whose charts are not rendered)`,
        );
        for (const [asked, count] of [
          [demand.all, nodes.length],
          [demand.oneNodeDown, nodes.length - 1],
        ] as const) {
          expect(asked.cpu).toBeLessThanOrEqual(count * quantity(node!.cpu));
          expect(asked.memory).toBeLessThanOrEqual(count * quantity(node!.memory));
          // A pod that uses what it may use must not have to be killed for it.
          expect(asked.memoryLimit).toBeLessThanOrEqual(count * quantity(node!.memory));
          expect(asked.pods).toBeLessThanOrEqual(count * quantity(node!.pods ?? '0'));
        }
      });
    });

    test('a change of the stores goes from pod to pod, the next after the last is Ready', async () => {
      const stores = ['zookeeper', 'kafka', 'elasticsearch'];
      const before = await workloads(client);
      const { bindings } = await volumeBindings(client);
      const own = groups.filter(({ name }) => stores.some((store) => name === `StatefulSet ${store}`));
      expect(own).toHaveLength(stores.length);
      const started = performance.now();
      const availability = await availabilityDuring(client, own, async () => {
        const commit = environment.served.commit(
          'A word on the pods of the stores',
          stores.map((store) =>
            edit(`base/${store}/statefulset.yaml`, (text) =>
              text.replace(
                /^( {2}template:\n {4}metadata:\n)(?: {6}annotations:\n)?/m,
                (_, head: string) => `${head}      annotations:\n        example.com/word: one\n`,
              ),
            ),
          ),
        );
        await fetchNow(client);
        await allReady(client, commit, names);
        await allWell();
      });
      report('three stores rolled', performance.now() - started);
      for (const { name, replicas } of own)
        expect({ name, least: availability.least.get(name) }).toEqual({ name, least: replicas - 1 });
      expect(changed(before, await workloads(client))).toEqual(
        stores
          .flatMap((store) => [
            `StatefulSet ${namespace}/${store}`,
            ...[0, 1, 2].map((ordinal) => `Pod ${namespace}/${store}-${ordinal}`),
          ])
          .sort(),
      );
      expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
    });

    describe('when a node goes', () => {
      test.each([1, 2, 3])(
        'node-%i is drained, no second one can be meanwhile, and it comes back',
        async (number) => {
          const node = `node-${number}`;
          const { bindings } = await volumeBindings(client);
          const before = await podsOn(client, node);
          const started = performance.now();
          const availability = await availabilityDuring(client, groups, async () => {
            const { evicted, putOff } = await drain(client, node, drainDeadlineMs);
            await onlyPinnedPodsWait(node, before);
            report(
              `${node} drained of ${evicted.length} pods, ${putOff.size} of them put off by a budget; the others Ready again`,
              performance.now() - started,
            );
            expect(await capacityProblems(environment)).toEqual([]);
            expect(await evictableOf(quorums)).toEqual([]);
            const back = performance.now();
            await setSchedulable(client, node, true);
            await allWell();
            report(`${node} back, all Ready`, performance.now() - back);
          });
          reportAvailability(availability);
          expect(shortfalls(groups, availability)).toEqual([]);
          expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
        },
      );

      // As Kubernetes asks for where a node is dead for good or for long. Budgets have no say.
      test('node-2 is gone at one blow, declared out of service, and comes back', async () => {
        const node = 'node-2';
        const reference = { apiVersion: 'v1', kind: 'Node', name: node };
        const { bindings } = await volumeBindings(client);
        const before = await podsOn(client, node);
        const started = performance.now();
        const availability = await availabilityDuring(client, groups, async () => {
          await client.mergePatch(reference, {
            spec: {
              taints: [
                { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
              ],
            },
          });
          await onlyPinnedPodsWait(node, before);
          report(`${node} out of service, the others' pods Ready again`, performance.now() - started);
          await client.mergePatch(reference, { spec: { taints: null } });
          await allWell();
        });
        expect(shortfalls(groups, availability)).toEqual([]);
        expect(await volumeBindings(client)).toEqual({ problems: [], bindings });
      });
    });

    const allWell = (): Promise<void> =>
      eventually('pods, Jobs and endpoints', async () => [
        ...(await podProblems(client)),
        ...(await jobProblems(client)),
        ...(await serviceProblems(client)),
      ]);

    /** Until every pod that has no volume on the node is Ready on another one, and those that have one wait for it. */
    async function onlyPinnedPodsWait(node: string, before: readonly KubernetesObject[]): Promise<void> {
      const waiting = before
        .filter((pod) => hasClaim(pod) && ownerOf(pod) === 'StatefulSet')
        .map(({ metadata }) => metadata.name ?? '')
        .sort();
      expect(waiting.length).toBeGreaterThanOrEqual(quorums.length);
      await eventually(`all but ${waiting.join(', ')} to be Ready`, async () => {
        const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' });
        const pending = pods.filter((pod) => podSpecOf(pod).nodeName === undefined);
        const open = pending.map(({ metadata }) => metadata.name ?? '').sort();
        return [
          ...(JSON.stringify(open) === JSON.stringify(waiting) ? [] : [`without a node: ${open.join(', ')}`]),
          ...pods
            .filter((pod) => podSpecOf(pod).nodeName === node && ownerOf(pod) !== 'DaemonSet')
            .map(({ metadata }) => `${metadata.name} is on ${node}`),
          ...pending
            .filter((pod) => !waitsForVolume.test(conditionOf(pod, 'PodScheduled')?.message ?? ''))
            .map(({ metadata }) => `${metadata.name} does not wait for its volume`),
          ...(await podProblems(client)).filter(
            (problem) => !waiting.some((name) => problem.startsWith(`Pod ${namespace}/${name}:`)),
          ),
        ];
      });
    }

    /** The pods of these groups that would be let go of now. */
    async function evictableOf(wanted: readonly string[]): Promise<readonly string[]> {
      const pods = (await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace })).filter((pod) =>
        groups.some(({ name, owns }) => wanted.includes(name) && owns(pod)),
      );
      // One that waits for its node holds nobody up, and goes at any time.
      const running = pods.filter((pod) => podSpecOf(pod).nodeName !== undefined);
      expect(running).toHaveLength(wanted.length * 2);
      const answers = await Promise.all(
        running.map(async (pod) => ({ name: pod.metadata.name ?? '', may: await mayEvict(client, pod) })),
      );
      return answers.filter(({ may }) => may).map(({ name }) => name);
    }

    function reportAvailability({ least, events }: Availability): void {
      const lines = groups.map(({ name, replicas }) => `${name} ${least.get(name)}/${replicas}`);
      console.log(`fewest Ready at any of ${events} changes: ${lines.join(', ')}`);
    }
  },
);

const report = (what: string, milliseconds: number): void =>
  console.log(`${what}: ${(milliseconds / 1000).toFixed(1)} s`);
