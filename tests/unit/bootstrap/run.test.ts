import { afterEach, describe, expect, it } from 'vitest';
import type { BootstrapOptions } from '../../../scripts/bootstrap/options.ts';
import { bootstrap } from '../../../scripts/bootstrap/run.ts';
import type { Outcome } from '../../../scripts/cluster/surroundings.ts';
import { type FakeCluster, fakeCluster, fluxObject, withFlux } from '../cluster/fake-cluster.ts';
import { fixture } from './fixture.ts';

const defaults: BootstrapOptions = {
  environment: 'prototype',
  only: [],
  url: 'https://git.example.com/a/b',
  branch: 'main',
  readOnly: false,
  yes: true,
  dryRun: false,
  timeoutMs: 5000,
};

let cluster: FakeCluster;
afterEach(() => cluster.remove());

interface Run {
  readonly outcome: Outcome;
  readonly text: string;
}

async function run(
  options: Partial<BootstrapOptions> = {},
  confirm?: (question: string) => Promise<boolean>,
  interruption = new AbortController(),
  changes: Readonly<Record<string, string>> = {},
): Promise<Run> {
  let text = '';
  const outcome = await bootstrap(
    fixture(changes),
    { ...defaults, ...options },
    {
      root: cluster.directory,
      environment: cluster.environment,
      write: (words) => {
        text += words;
      },
      step: () => {},
      confirm,
      signal: interruption.signal,
      pollMs: 1,
    },
  );
  return { outcome, text };
}

const components = ['namespace', 'storage', 'policies', 'traefik', 'kafka', 'grafana', 'nifi', 'flux-system'];
const allReady = (names: readonly string[] = components) => [
  fluxObject('GitRepository', 'flux-system', 'True'),
  ...names.map((name) => fluxObject('Kustomization', name, 'True')),
];

/** Every text that a person or another user of the machine could see. */
const visible = ({ text }: Run): string =>
  text +
  cluster
    .calls()
    .flatMap(({ args }) => args)
    .join(' ');

function storedValues(): string[] {
  return Object.values(cluster.state().objects)
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ data }) => Object.values(data as Record<string, string>));
}

const codeOf = (outcome: Outcome): number | undefined => (outcome.ok ? outcome.code : undefined);
const errorOf = (outcome: Outcome): string =>
  outcome.ok ? '' : `${outcome.error.message}\n${outcome.error.fix ?? ''}`;

describe('with Flux in the cluster', () => {
  it('makes namespaces, Secrets, source and root, in this order, and waits', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({
      objects: withFlux,
      polls: [
        [],
        [
          fluxObject('GitRepository', 'flux-system', 'True'),
          fluxObject('Kustomization', 'namespace', 'Unknown', 'Running health checks'),
          fluxObject('Kustomization', 'kafka', 'False', '', 'DependencyNotReady'),
        ],
        allReady(),
      ],
    });
    const result = await run();
    expect(errorOf(result.outcome)).toBe('');
    expect(codeOf(result.outcome)).toBe(0);

    const changes = cluster.calls().flatMap(({ args, input }) => {
      const verb = args[2]!;
      if (!['create', 'apply', 'replace', 'patch'].includes(verb)) return [];
      if (verb === 'patch') return [`patch ${args[4]}`];
      const object = JSON.parse(input);
      return (object.items ?? [object]).map(
        (item: { kind: string; metadata: { name: string } }) => `${verb} ${item.kind} ${item.metadata.name}`,
      );
    });
    expect(changes).toEqual([
      'apply Namespace flux-system',
      'create Namespace infometis',
      'create Secret nifi-credentials',
      'create Secret grafana-credentials',
      'patch kustomize-controller',
      'apply GitRepository flux-system',
      'apply Kustomization flux-system',
    ]);
    const { objects } = cluster.state();
    expect(objects['namespace//infometis']).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
    expect(objects['namespace//flux-system']).toMatchObject({
      metadata: { labels: { 'infometis.io/environment': 'prototype' } },
    });
    expect(objects['gitrepositories.source.toolkit.fluxcd.io/flux-system/flux-system']).toMatchObject({
      spec: { url: 'https://git.example.com/a/b', ref: { branch: 'main' } },
    });

    expect(result.text).toContain('Context       laptop\nServer        https://10.0.0.1:6443 (v1.36.3)\n\n');
    expect(result.text).toContain('kafka: waits for namespace, policies');
    expect(result.text).toContain('namespace: Running health checks');
    expect(result.text).toContain('https://data.infometis.io:8443/nifi');
    expect(result.text).toContain(
      `kubectl -n infometis get secret nifi-credentials -o go-template='{{index .data "sensitive.key" | base64decode}}{{"\\n"}}'`,
    );
  });

  it('never shows a value, nor puts one on a command line', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ objects: withFlux, polls: [allReady()] });
    const result = await run();
    const values = storedValues().map((value) => Buffer.from(value, 'base64').toString());
    const random = values.filter((value) => value.length >= 24);
    expect(random.map(({ length }) => length).sort()).toEqual([24, 24, 32]);
    expect(values).toContain('admin');
    for (const value of random) {
      expect(visible(result)).not.toContain(value);
      expect(visible(result)).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it('changes nothing when it is run twice', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ objects: withFlux, polls: [allReady()] });
    await run();
    const before = storedValues();
    const result = await run();
    expect(codeOf(result.outcome)).toBe(0);
    expect(storedValues()).toEqual(before);
    expect(result.text).toContain('infometis/nifi-credentials is there and stays as it is');
    const { spec } = cluster.state().objects['deployment/flux-system/kustomize-controller'] as {
      spec: { template: { spec: { containers: [{ args: string[] }] } } };
    };
    expect(spec.template.spec.containers[0].args).toEqual(['--log-level=info', '--concurrent=20']);
  });

  it('adds the keys that a Secret lacks and keeps the others', async () => {
    cluster = fakeCluster('kubectl');
    const password = Buffer.from('chosen by hand').toString('base64');
    cluster.set({
      objects: {
        ...withFlux,
        'namespace//infometis': { kind: 'Namespace', metadata: { name: 'infometis' } },
        'secret/infometis/nifi-credentials': {
          kind: 'Secret',
          metadata: { name: 'nifi-credentials', namespace: 'infometis', resourceVersion: '7' },
          data: { password, extra: 'eA==' },
        },
      },
      polls: [allReady()],
    });
    const result = await run();
    expect(codeOf(result.outcome)).toBe(0);
    const { data } = cluster.state().objects['secret/infometis/nifi-credentials'] as {
      data: Record<string, string>;
    };
    expect(Object.keys(data).sort()).toEqual(['extra', 'password', 'sensitive.key', 'username']);
    expect([data.password, data.extra]).toEqual([password, 'eA==']);
    expect(result.text).toContain('gets what it lacks; 1 key stays as it is');
    expect(visible(result)).not.toContain(password);
  });

  it('applies a choice of components, waits for those alone, and says what leaves', async () => {
    cluster = fakeCluster('kubectl', 'flux');
    const chosen = ['namespace', 'storage', 'policies', 'kafka', 'flux-system'];
    const root = 'kustomizations.kustomize.toolkit.fluxcd.io/flux-system';
    cluster.set({
      objects: {
        ...withFlux,
        [`${root}/flux-system`]: { spec: { path: './flux/prototype' } },
        [`${root}/nifi`]: {},
        [`${root}/kafka`]: {},
      },
      polls: [allReady(chosen)],
    });
    const result = await run({ only: ['kafka'] });
    expect(codeOf(result.outcome)).toBe(0);
    expect(cluster.state().objects[`${root}/flux-system`]).toMatchObject({
      spec: { patches: [{ target: { name: 'grafana|nifi|traefik' } }] },
    });
    expect(result.text).toContain('not chosen, so Flux removes them (volumes stay): nifi\n');
    expect(cluster.calls('flux')).toEqual([]);
    expect(storedValues()).toEqual([]);
  });

  it('ends with 1 at the deadline, says what is missing, and shows the URLs all the same', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({
      objects: withFlux,
      polls: [
        [...allReady(components.slice(1)), fluxObject('Kustomization', 'namespace', 'False', 'forbidden')],
      ],
    });
    const result = await run({ timeoutMs: 300 });
    expect(codeOf(result.outcome)).toBe(1);
    expect(result.text).toContain('Not ready in time');
    expect(result.text).toContain('  namespace: forbidden\n');
    expect(result.text).toContain('http://data.infometis.io/grafana');
    // A state that does not change is told once.
    expect(result.text.match(/✖ namespace: forbidden/g)).toHaveLength(1);
  });

  it('can be interrupted while it waits, and says how to go on', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ objects: withFlux, polls: [[]] });
    const interruption = new AbortController();
    const pending = run({}, undefined, interruption);
    const started = Date.now();
    while (!cluster.calls().some(({ args }) => args[3]?.includes(',')) && Date.now() - started < 15_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    interruption.abort();
    const result = await pending;
    expect(codeOf(result.outcome)).toBe(130);
    expect(result.text).toMatch(/Nothing is lost.*Run the same command again/s);
  });
});

describe('with the Flux CLI', () => {
  it('runs flux bootstrap with the version, the source and the context, after the Secrets are made', async () => {
    cluster = fakeCluster('kubectl', 'flux');
    cluster.set({ polls: [allReady()] });
    const result = await run();
    expect(errorOf(result.outcome)).toBe('');
    const flux = cluster.calls('flux');
    expect(flux.map(({ args }) => args)).toEqual([
      [
        'bootstrap',
        'git',
        '--url=https://git.example.com/a/b',
        '--branch=main',
        '--path=flux/prototype',
        '--version=v2.9.5',
        '--token-auth',
        '--context',
        'laptop',
      ],
    ]);
    const order = cluster.calls().map(({ args }) => args[2] ?? '');
    const index = cluster.calls().findIndex(({ args }) => args[0] === 'bootstrap');
    expect(order.slice(0, index).filter((verb) => verb === 'create')).toHaveLength(3);
    // What flux bootstrap writes is Flux's.
    expect(cluster.state().objects).not.toHaveProperty([
      'gitrepositories.source.toolkit.fluxcd.io/flux-system/flux-system',
    ]);
    expect(result.text.indexOf('bootstrap git --url')).toBeLessThan(result.text.indexOf('✔'));
  });

  it('only installs Flux with --read-only, then makes source and root itself', async () => {
    cluster = fakeCluster('kubectl', 'flux');
    cluster.set({ polls: [allReady()] });
    const result = await run({ readOnly: true, context: 'other' });
    expect(errorOf(result.outcome)).toBe('');
    expect(cluster.calls('flux').map(({ args }) => args)).toEqual([
      ['install', '--version=v2.9.5', '--context', 'other'],
    ]);
    expect(cluster.state().objects).toHaveProperty([
      'kustomizations.kustomize.toolkit.fluxcd.io/flux-system/flux-system',
    ]);
    expect(result.text).toContain('kubectl --context other -n infometis get secret');
  });

  it('stops where flux fails', async () => {
    cluster = fakeCluster('kubectl', 'flux');
    cluster.set({ polls: [allReady()], fluxExit: 3 });
    expect(errorOf((await run()).outcome)).toMatch(/failed with exit code 3[\s\S]*--read-only/);
  });

  it('lifts an earlier choice of components', async () => {
    cluster = fakeCluster('kubectl', 'flux');
    const root = 'kustomizations.kustomize.toolkit.fluxcd.io/flux-system/flux-system';
    cluster.set({
      objects: { ...withFlux, [root]: { spec: { path: './flux/prototype', patches: [{}] } } },
      polls: [allReady()],
    });
    expect(codeOf((await run()).outcome)).toBe(0);
    expect(cluster.state().objects[root]).not.toHaveProperty('spec.patches');
  });
});

describe('what is refused', () => {
  const nothingChanged = (): void => {
    const verbs = cluster.calls().flatMap(({ args }) => args);
    expect(verbs.filter((verb) => ['create', 'apply', 'replace', 'patch'].includes(verb))).toEqual([]);
    expect(cluster.calls('flux')).toEqual([]);
  };

  it.each([
    ['no kubectl', [], {}, {}, /neither kubectl nor k0s/],
    ['no current context', ['kubectl'], { current: '' }, {}, /no current context[\s\S]*laptop, other/],
    [
      'no context at all',
      ['kubectl'],
      { current: '', contexts: [] },
      {},
      /no current context[\s\S]*k0s kubeconfig/,
    ],
    [
      'an unknown context',
      ['kubectl'],
      {},
      { context: 'nowhere' },
      /no context `nowhere`[\s\S]*laptop, other/,
    ],
    [
      'an API server that is down',
      ['kubectl'],
      { unreachable: true },
      {},
      /10\.0\.0\.1:6443 does not answer.*refused/,
    ],
    ['no Flux anywhere', ['kubectl'], {}, {}, /kubectl apply --server-side -f .*v2\.9\.5\/install\.yaml/],
    [
      'an SSH address without a key',
      ['kubectl'],
      { objects: withFlux },
      { url: 'git@h:a/b' },
      /ssh-keyscan h/,
    ],
    ['nobody to ask', ['kubectl'], { objects: withFlux }, { yes: false }, /--yes/],
    [
      'a cluster of another environment',
      ['kubectl', 'flux'],
      {
        objects: {
          ...withFlux,
          'namespace//flux-system': {
            metadata: { name: 'flux-system', labels: { 'infometis.io/environment': 'small-production' } },
          },
        },
      },
      {},
      /is the environment `small-production`/,
    ],
    [
      'a cluster that Flux deploys something else to',
      ['kubectl', 'flux'],
      {
        objects: {
          ...withFlux,
          'kustomizations.kustomize.toolkit.fluxcd.io/flux-system/flux-system': {
            spec: { path: './clusters/home' },
          },
        },
      },
      {},
      /already deploys \.\/clusters\/home/,
    ],
  ])('%s', async (_, programs, state, options, message) => {
    cluster = fakeCluster(...programs);
    cluster.set(state);
    expect(errorOf((await run(options)).outcome)).toMatch(message);
    nothingChanged();
  });

  it('a no', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ objects: withFlux });
    let asked = '';
    const result = await run({ yes: false }, async (question) => {
      asked = question;
      return false;
    });
    expect(asked).toBe('Bring up prototype in laptop (https://10.0.0.1:6443)? [y/N] ');
    expect(codeOf(result.outcome)).toBe(2);
    nothingChanged();
  });
});

it('goes on where the server has another minor version, but says so', async () => {
  cluster = fakeCluster('kubectl');
  cluster.set({ objects: withFlux, polls: [allReady()], serverVersion: 'v1.30.1+k3s1' });
  const result = await run();
  expect(codeOf(result.outcome)).toBe(0);
  expect(result.text).toContain('note: everything here is checked against Kubernetes v1.36.3');
});

it('uses k0s kubectl where there is no kubectl, with the file that k0s keeps', async () => {
  cluster = fakeCluster('k0s');
  cluster.set({ objects: withFlux, polls: [allReady()] });
  const result = await run();
  expect(errorOf(result.outcome)).toBe('');
  expect(cluster.calls('k0s')[0]?.args).toEqual([
    'kubectl',
    '--kubeconfig',
    '/var/lib/k0s/pki/admin.conf',
    'config',
    'get-contexts',
    '--output=name',
  ]);
  expect(result.text).toContain('k0s kubectl -n infometis get secret');
});

it('shows everything in a dry run, without a program to call', async () => {
  cluster = fakeCluster();
  const result = await run({ dryRun: true, yes: false, only: ['nifi'] });
  expect(codeOf(result.outcome)).toBe(0);
  expect(cluster.calls()).toEqual([]);
  for (const shown of [
    'infometis/nifi-credentials is made',
    'sensitive.key: 32 random letters and digits',
    'kind: Namespace',
    'infometis.io/environment: prototype',
    'flux install --version=v2.9.5',
    'kind: GitRepository',
    'url: https://git.example.com/a/b',
    'name: grafana|kafka|storage',
    'https://data.infometis.io:8443/nifi',
    'get secret nifi-credentials',
    'no cluster was contacted',
  ])
    expect(result.text).toContain(shown);
});

it('shows the exact flux bootstrap command in a dry run', async () => {
  cluster = fakeCluster('flux');
  const { text } = await run({ dryRun: true, url: 'git@h:a/b', privateKey: '/home/me/my key' });
  expect(text).toContain(
    "bootstrap git --url=ssh://git@h/a/b --branch=main --path=flux/prototype --version=v2.9.5 '--private-key-file=/home/me/my key'",
  );
  expect(cluster.calls()).toEqual([]);
});

it('refuses an environment whose facts are still examples, before it looks at any cluster', async () => {
  cluster = fakeCluster('kubectl');
  const facts = {
    'overlays/prototype/environment/environment.yaml':
      'kind: ConfigMap\ndata: {publicHost: platform.example.com, nodeCount: "1"}\n',
  };
  const result = await run({}, undefined, undefined, facts);
  expect(errorOf(result.outcome)).toContain('environment.yaml:2: publicHost is platform.example.com');
  expect(cluster.calls()).toEqual([]);
  const dry = await run({ dryRun: true }, undefined, undefined, facts);
  expect(codeOf(dry.outcome)).toBe(0);
  expect(dry.text).toContain('Examples that have to be replaced first');
});
