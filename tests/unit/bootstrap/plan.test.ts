import { describe, expect, it } from 'vitest';
import { chooseComponents } from '../../../scripts/bootstrap/choice.ts';
import { missingOperations, readControllerPatches } from '../../../scripts/bootstrap/controllers.ts';
import { describePlan, describeUrls } from '../../../scripts/bootstrap/describe.ts';
import { gitRepository, namespaceObject, rootKustomization } from '../../../scripts/bootstrap/objects.ts';
import { makePlan, type Plan } from '../../../scripts/bootstrap/plan.ts';
import { componentUrls } from '../../../scripts/bootstrap/urls.ts';
import { describeRequests, sumRequests } from '../../../scripts/cluster/requests.ts';
import { fixture, objectsOf } from './fixture.ts';

const environment = fixture().environments[0]!;

function planOf(only: readonly string[] = [], changes: Readonly<Record<string, string>> = {}): Plan {
  const made = makePlan(fixture(changes), 'prototype', only);
  if (!made.ok) throw new Error(made.error.message);
  return made.plan;
}

const choose = (...only: string[]) => {
  const made = chooseComponents(environment, only);
  if (!made.ok) throw new Error(made.error.message);
  return made.choice;
};

describe('chooseComponents', () => {
  it('takes every component, but not the root, where nothing is chosen', () => {
    const choice = choose();
    expect(choice.components).toEqual([
      'namespace',
      'storage',
      'policies',
      'traefik',
      'kafka',
      'grafana',
      'nifi',
    ]);
    expect(choice.omitted).toEqual([]);
  });

  it('adds what the choice depends on, and who brings the classes that its objects name', () => {
    const choice = choose('kafka');
    expect(choice.components).toEqual(['namespace', 'storage', 'policies', 'kafka']);
    expect(choice.added).toEqual([
      { component: 'namespace', reason: 'kafka depends on it' },
      { component: 'policies', reason: 'kafka depends on it' },
      { component: 'storage', reason: 'it brings the StorageClass local-storage that kafka uses' },
    ]);
    expect(choice.omitted).toEqual(['traefik', 'grafana', 'nifi']);
    expect(choice.notes).toEqual([]);
  });

  it('adds the owner of an IngressClass and says which partner is missing', () => {
    const choice = choose('grafana');
    expect(choice.components).toContain('traefik');
    expect(choice.notes).toEqual(['grafana is configured to talk to kafka, which you did not choose']);
    expect(choose('grafana', 'kafka').notes).toEqual([]);
  });

  it('names the nearest component where one is unknown', () => {
    const made = chooseComponents(environment, ['kafak']);
    expect(made.ok ? '' : made.error.message).toContain('did you mean `kafka`?');
  });
});

describe('sumRequests', () => {
  const sum = (component: string, nodes = 1) =>
    sumRequests(
      environment.objects.filter((object) => object.component === component),
      nodes,
    );

  it('counts replicas, and an init container that asks for more than the containers', () => {
    expect(sum('kafka')).toEqual({ cpu: 6, memory: 3 * 2 ** 30, pods: 3 });
  });

  it('counts sidecars beside the containers, and a limit as the request that it implies', () => {
    const { cpu, memory, pods } = sum('grafana');
    expect([cpu.toFixed(3), memory, pods]).toEqual(['0.300', (256 + 32) * 2 ** 20, 1]);
  });

  it('counts a DaemonSet on every node, and no Job', () => {
    expect(sum('nifi', 2)).toEqual({ cpu: 2, memory: 2 * 2 ** 30, pods: 2 });
  });

  it('is printed in units that people use', () => {
    expect(describeRequests({ cpu: 6.1500001, memory: 12.19 * 2 ** 30, pods: 17 })).toBe(
      '6.15 CPU and 12.19 GiB of memory in 17 pods',
    );
  });

  it('of a plan leaves the Flux controllers out on both sides', () => {
    const { requests } = planOf();
    expect(requests.chosen).toEqual(requests.all);
    expect(requests.all.cpu).toBeLessThan(50);
  });
});

describe('componentUrls', () => {
  it('joins Ingresses with the entry points, leaves out redirects and what has no port outside', () => {
    expect(componentUrls(environment, 'data.infometis.io')).toEqual([
      { component: 'grafana', url: 'http://data.infometis.io/grafana' },
      { component: 'nifi', url: 'https://data.infometis.io:8443/nifi' },
      { component: 'nifi', url: 'http://data.infometis.io/nifi-docs' },
      { component: 'traefik', url: 'http://data.infometis.io:8082/dashboard/' },
    ]);
  });

  it('takes the ports of a load balancer where the node has none', () => {
    const objects = environment.objects
      .filter(({ kind, component }) => !(kind === 'Deployment' && component === 'traefik'))
      .concat(
        objectsOf(
          'traefik',
          `
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik}
spec: {template: {spec: {containers: [{name: traefik, ports: [{name: secure, containerPort: 8443}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: traefik}
spec: {type: LoadBalancer, ports: [{name: x, port: 443, targetPort: secure}, {name: y, port: 80, targetPort: 8000}]}
`,
        ),
      );
    expect(componentUrls({ ...environment, objects }, 'h').map(({ url }) => url)).toEqual([
      'http://h/grafana',
      'https://h/nifi',
      'http://h/nifi-docs',
    ]);
  });

  it('says who can reach them', () => {
    const text = describeUrls(planOf());
    expect(text).toContain('grafana  http://data.infometis.io/grafana');
    expect(text).toContain(
      'listen on 127.0.0.1 (bindAddress in overlays/prototype/environment/environment.yaml)',
    );
    expect(describeUrls(planOf(['kafka']))).toContain('none');
  });
});

describe('makePlan', () => {
  it('needs only the Secrets of the chosen components', () => {
    expect(planOf(['grafana']).secrets.map(({ name }) => name)).toEqual(['grafana-credentials']);
    expect(planOf(['kafka']).namespaces).toEqual([]);
  });

  it('shows the requests of a choice beside those of all', () => {
    const plan = planOf(['kafka']);
    const text = describePlan(plan, { url: 'https://h/r', branch: 'main', notes: ['a note'] });
    expect(text).toContain('Components    4 of 7: namespace, storage, policies, kafka');
    expect(text).toContain('not deployed: traefik, grafana, nifi');
    expect(text).toContain('6 CPU and 3 GiB of memory in 3 pods');
    expect(text).toContain('all 7 components: 8.4 CPU and 5.41 GiB of memory in 7 pods');
    expect(text).toContain('note: a note');
  });

  it.each([
    ['an unknown environment', {}, 'staging', /no environment `staging`/],
    ['an environment without declarations', { 'secrets.yaml': 'other: []' }, 'prototype', /says nothing of/],
    ['a missing version', { 'versions.yaml': 'flux: v2.9.5' }, 'prototype', /versions.yaml/],
  ])('refuses %s', (_, changes, name, message) => {
    const made = makePlan(fixture(changes as Record<string, string>), name, []);
    expect(made.ok ? '' : made.error.message).toMatch(message);
  });

  it('refuses an environment that cannot be built', () => {
    const repository = fixture();
    const [first] = repository.environments;
    const origin = { file: 'f', line: 1, column: 1 };
    const failure = { stage: 'render', code: 'x', message: 'no such file', fix: '', origin } as const;
    const builds = first!.builds.map((build) =>
      build.component === 'kafka' ? { ...build, failures: [failure] } : build,
    );
    const made = makePlan({ ...repository, environments: [{ ...first!, builds }] }, 'prototype', []);
    expect(made.ok ? '' : made.error.message).toBe('kafka cannot be built: no such file');
  });
});

describe('objects', () => {
  it('makes the Namespace that Git has, or a bare one', () => {
    expect(namespaceObject(environment, 'infometis')).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
    expect(namespaceObject(environment, 'other')).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'other' },
    });
  });

  it('leaves no trace of a choice in the root Kustomization where all are chosen', () => {
    expect(rootKustomization(environment, choose())).toEqual({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'flux-system', namespace: 'flux-system' },
      spec: {
        interval: '10m0s',
        path: './flux/prototype',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    });
  });

  it('patches the others out of the root Kustomization', () => {
    const { spec } = rootKustomization(environment, choose('kafka')) as { spec: { patches: unknown } };
    expect(spec.patches).toEqual([
      {
        target: { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', name: 'grafana|nifi|traefik' },
        patch: expect.stringMatching(/^\$patch: delete\n/),
      },
    ]);
  });

  it('names a Secret in the source only where there is one', () => {
    expect(gitRepository({ url: 'u', branch: 'b' })).not.toHaveProperty('spec.secretRef');
    expect(gitRepository({ url: 'u', branch: 'b', secret: 's' })).toHaveProperty('spec.secretRef.name', 's');
  });
});

describe('controller settings', () => {
  it('are those of the environment, without what the Deployment has already', () => {
    const [patch] = readControllerPatches(fixture().sources, 'flux/prototype');
    expect(patch?.deployment).toBe('kustomize-controller');
    const deployment = (args: string[]) => ({ spec: { template: { spec: { containers: [{ args }] } } } });
    expect(missingOperations(patch!, deployment(['--concurrent=4']))).toEqual(patch!.operations);
    expect(missingOperations(patch!, deployment(['--concurrent=20']))).toEqual([]);
  });
});
