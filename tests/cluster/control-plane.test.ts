import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesObject } from './harness/client.ts';
import { conditionOf } from './harness/condition.ts';
import { type ControlPlane, type Part, programsOf, startControlPlane } from './harness/control-plane.ts';
import { applyAll, fluxNamespace } from './harness/flux.ts';
import { type GitRepository, type GitServer, startGitServer } from './harness/git-server.ts';
import { addNode } from './harness/kwok.ts';
import { processesWith } from './harness/processes.ts';
import { describeWithTools, keepLogsOnFailure } from './harness/suite.ts';
import { done, notYet, waitFor } from './harness/wait.ts';

const versions = parse(readFileSync(join(import.meta.dirname, '../../versions.yaml'), 'utf8')) as Record<
  string,
  string
>;

const parts: readonly Part[] = ['controller-manager', 'scheduler', 'kwok', 'flux'];

describeWithTools('a control plane with all its parts', programsOf(parts), () => {
  let plane: ControlPlane;
  let git: GitServer;
  let repository: GitRepository;

  beforeAll(async () => {
    const started = performance.now();
    plane = await startControlPlane({
      parts,
      users: [{ name: 'nobody' }, { name: 'system:node:node-1', groups: ['system:nodes'] }],
      flux: { parameters: { 'kustomize-controller': ['--requeue-dependency=2s'] } },
    });
    git = await startGitServer(plane.directory);
    const each = [...plane.components].map(
      ([name, component]) =>
        `${name} ${(component.startMs() / 1000).toFixed(1)} s ${Math.round((plane.memory()[name] ?? 0) / 2 ** 20)} MiB`,
    );
    console.log(`started in ${((performance.now() - started) / 1000).toFixed(1)} s: ${each.join(', ')}`);
  });
  beforeEach(() => keepLogsOnFailure(plane));
  afterAll(async () => {
    await git?.stop();
    await plane?.stop();
  });

  test('is of the pinned version', async () => {
    const version = JSON.parse((await plane.client.request('GET', '/version')).body) as Record<
      string,
      string
    >;
    expect(version['gitVersion']).toBe(versions['kubernetes']);
    expect(`${version['major']}.${version['minor']}`).toBe('1.36');
  });

  test('asks who calls and what he may', async () => {
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'mine', namespace: 'default' },
    };
    expect(await plane.clientAs('nobody').create(configMap)).toMatchObject({ ok: false, status: 403 });
    expect(await plane.apiServer.clientFor('no-such-token').create(configMap)).toMatchObject({
      ok: false,
      status: 401,
    });
    expect(await plane.client.create(configMap, { dryRun: true })).toMatchObject({ ok: true });
  });

  test('validates strictly, from objects and from text, and stores nothing in a dry run', async () => {
    const target = { apiVersion: 'v1', kind: 'ConfigMap' };
    const unknown = { ...target, metadata: { name: 'strict' }, dta: {} };
    expect(await plane.client.create(unknown)).toMatchObject({
      ok: false,
      reason: 'BadRequest',
      message: expect.stringContaining('unknown field "dta"'),
    });
    expect(await plane.client.create(unknown, { fieldValidation: 'Warn' })).toMatchObject({
      ok: true,
      warnings: ['unknown field "dta"'],
    });
    const twice = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata: {a: "1", a: "2"}\n';
    expect(await plane.client.createText(target, twice, 'application/yaml')).toMatchObject({
      ok: false,
      message: expect.stringContaining('already set'),
    });
    const dry = { ...target, metadata: { name: 'dry' } };
    expect(await plane.client.apply(dry, { dryRun: true })).toMatchObject({ ok: true });
    expect(await plane.client.get({ ...target, namespace: 'default', name: 'dry' })).toBeUndefined();
    expect(
      await plane.client.create({ apiVersion: 'example.com/v1', kind: 'None', metadata: { name: 'a' } }),
    ).toMatchObject({ ok: false, reason: 'UnknownKind' });
  });

  test('runs the admission plugins that k0s runs', async () => {
    await applyAll(plane.client, [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'restricted',
          labels: {
            'pod-security.kubernetes.io/enforce': 'baseline',
            'pod-security.kubernetes.io/warn': 'restricted',
          },
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'no-latest' },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
            ],
          },
          validations: [
            {
              expression: "object.spec.containers.all(c, !c.image.endsWith(':latest'))",
              message: 'no latest',
            },
          ],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'no-latest' },
        spec: { policyName: 'no-latest', validationActions: ['Deny'] },
      },
    ]);
    const pod = (image: string, spec: object = {}): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', namespace: 'restricted' },
      spec: { containers: [{ name: 'c', image }], ...spec },
    });
    const create = (object: KubernetesObject) => plane.client.create(object, { dryRun: true });
    // A new service account, and a new policy, are not seen at once.
    const accepted = await waitFor('a pod to be accepted', async () => {
      const verdict = await create(pod('image:1'));
      return verdict.ok ? done(verdict) : notYet(verdict.message);
    });
    expect(accepted).toMatchObject({
      warnings: [expect.stringContaining('would violate PodSecurity "restricted:latest"')],
    });
    expect(await create(pod('image:1', { hostNetwork: true }))).toMatchObject({
      ok: false,
      message: expect.stringContaining('violates PodSecurity "baseline:latest": host namespaces'),
    });
    await waitFor('the policy to be enforced', async () => {
      const verdict = await create(pod('image:latest'));
      return !verdict.ok && verdict.message.includes('no latest')
        ? done(verdict)
        : notYet(JSON.stringify(verdict));
    });
    // A node may make nothing but mirror pods: NodeRestriction.
    expect(await plane.clientAs('system:node:node-1').create(pod('image:1'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('can only create mirror pods'),
    });
  });

  test('schedules pods within the capacity of nodes and makes them Ready', async () => {
    await addNode(plane.client, { name: 'node-1', cpu: '2', memory: '4Gi', pods: '20' });
    await applyAll(plane.client, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'work' } },
      deployment('fits', 2, '500m'),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'fits', namespace: 'work' },
        spec: { selector: { app: 'fits' }, ports: [{ port: 80 }] },
      },
    ]);
    await waitFor('the Deployment `fits` to be available', async () => {
      const seen = await plane.client.get(reference('apps/v1', 'Deployment', 'work', 'fits'));
      const { availableReplicas = 0 } = (seen?.['status'] ?? {}) as { availableReplicas?: number };
      return availableReplicas === 2 ? done(seen) : notYet(`${availableReplicas} of 2 are available`);
    });
    await waitFor('endpoints', async () => {
      const slices = await plane.client.list(
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
        { namespace: 'work', labelSelector: 'kubernetes.io/service-name=fits' },
      );
      const count = slices.flatMap((slice) => (slice['endpoints'] ?? []) as object[]).length;
      return count === 2 ? done(count) : notYet(`${count} endpoints`);
    });
    // It would fit an empty node.
    await applyAll(plane.client, [deployment('too-large', 1, '1500m')]);
    const condition = await waitFor('the other pod to be refused', async () => {
      const [pod] = await plane.client.list(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace: 'work', labelSelector: 'app=too-large' },
      );
      const scheduled = conditionOf(pod, 'PodScheduled');
      return scheduled ? done(scheduled) : notYet('PodScheduled is not said');
    });
    expect(condition).toMatchObject({
      status: 'False',
      message: expect.stringContaining('Insufficient cpu'),
    });
  });

  test('reconciles a Git repository with Flux, follows a commit and prunes', async () => {
    repository = git.repository('platform');
    const file = (name: string): string => join(repository.directory, name);
    const configMap = (name: string, value: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default' },
        data: { value },
      });
    writeFileSync(file('one.yaml'), configMap('one', '1'));
    writeFileSync(file('two.yaml'), configMap('two', '1'));
    const first = repository.commit('first');
    await applyAll(plane.client, [
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'platform', namespace: fluxNamespace },
        spec: { url: repository.url, interval: '10m', ref: { branch: 'main' } },
      },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'platform', namespace: fluxNamespace },
        spec: {
          interval: '10m',
          path: './',
          prune: true,
          wait: true,
          sourceRef: { kind: 'GitRepository', name: 'platform' },
        },
      },
    ]);
    await reconciled(first);
    expect(await plane.client.get(reference('v1', 'ConfigMap', 'default', 'one'))).toMatchObject({
      data: { value: '1' },
    });

    writeFileSync(file('one.yaml'), configMap('one', '2'));
    rmSync(file('two.yaml'));
    const second = repository.commit('second');
    await plane.client.mergePatch(
      reference('source.toolkit.fluxcd.io/v1', 'GitRepository', fluxNamespace, 'platform'),
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': second } } },
    );
    await reconciled(second);
    expect(await plane.client.get(reference('v1', 'ConfigMap', 'default', 'one'))).toMatchObject({
      data: { value: '2' },
    });
    expect(await plane.client.get(reference('v1', 'ConfigMap', 'default', 'two'))).toBeUndefined();
  });

  test('survives the death of the API server and comes back from a snapshot of etcd', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' } };
    const where = reference('v1', 'ConfigMap', 'default', 'kept');
    expect(await plane.client.create(object)).toMatchObject({ ok: true });
    const snapshot = join(plane.directory, 'snapshot.db');
    plane.etcd.snapshot(snapshot);
    expect(await plane.client.delete(where)).toBe(true);

    await plane.apiServer.kill();
    expect(await plane.client.create(object)).toMatchObject({ ok: false, reason: 'Unreachable' });
    await plane.apiServer.start();
    expect(await plane.client.get(where)).toBeUndefined();

    await plane.apiServer.stop();
    await plane.etcd.stop();
    plane.etcd.restore(snapshot);
    await plane.etcd.start();
    await plane.apiServer.start();
    expect(await plane.client.get(where)).toMatchObject({ metadata: { name: 'kept' } });
  });

  test('leaves no process and no file', async () => {
    expect(processesWith(plane.directory)).toHaveLength(plane.components.size);
    await git.stop();
    await plane.stop();
    expect(processesWith(plane.directory)).toEqual([]);
    expect(existsSync(plane.directory)).toBe(false);
  });

  async function reconciled(commit: string): Promise<void> {
    await waitFor(`commit ${commit} to be reconciled`, async () => {
      const seen = await plane.client.get(
        reference('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', fluxNamespace, 'platform'),
      );
      const ready = conditionOf(seen, 'Ready');
      const { lastAppliedRevision = 'none' } = (seen?.['status'] ?? {}) as { lastAppliedRevision?: string };
      return ready?.status === 'True' && lastAppliedRevision.endsWith(commit)
        ? done(undefined)
        : notYet(`${lastAppliedRevision}, ${ready?.reason}: ${ready?.message}`);
    });
  }
});

describeWithTools('a control plane whose owner goes', programsOf(), () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('by %s leaves no process', async (signal) => {
    const owner = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'harness/owner.ts')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    owner.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const directory = await waitFor('the owner to have a control plane', () => {
      const name = /^started in (.*)$/m.exec(output)?.[1];
      return name === undefined ? notYet(output) : done(name);
    });
    try {
      expect(processesWith(directory).length).toBeGreaterThanOrEqual(2);
      owner.kill(signal);
      await waitFor(
        'its processes to end',
        () => {
          const left = processesWith(directory);
          return left.length === 0 ? done(undefined) : notYet(`${left.join(', ')} run`);
        },
        { deadlineMs: 10_000 },
      );
      // Who is killed cannot tidy up.
      if (signal !== 'SIGKILL')
        await waitFor('its files to go', () => (existsSync(directory) ? notYet(directory) : done(undefined)));
    } finally {
      owner.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  });
});

const reference = (apiVersion: string, kind: string, namespace: string, name: string) => ({
  apiVersion,
  kind,
  namespace,
  name,
});

const deployment = (name: string, replicas: number, cpu: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'work' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'image:1', resources: { requests: { cpu } } }] },
    },
  },
});
