import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome, Surroundings } from '../../../scripts/cluster/surroundings.ts';
import type { Environment, Repository } from '../../../scripts/render/environment.ts';
import { reset } from '../../../scripts/reset/run.ts';
import { status } from '../../../scripts/status/run.ts';
import { teardown } from '../../../scripts/teardown/run.ts';
import { fixture, objectsOf } from '../bootstrap/fixture.ts';
import { type FakeCluster, fakeCluster } from './fake-cluster.ts';
import { surroundings } from './fakes.ts';

let cluster: FakeCluster;
afterEach(() => cluster.remove());

const repository = ((): Repository => {
  const made = fixture();
  const [first] = made.environments;
  const volumes = objectsOf(
    'kafka',
    `
apiVersion: v1
kind: PersistentVolume
metadata: {name: kafka-data}
spec: {hostPath: {path: /tmp/kafka-data}, claimRef: {namespace: infometis, name: data-kafka-0}}
`,
  );
  const environment: Environment = {
    ...first!,
    objects: [...first!.objects, ...volumes],
  };
  return { ...made, environments: [environment] };
})();

type Connection = { readonly context?: string };
const commands: Readonly<
  Record<string, (environment: string, connection: Connection, around: Surroundings) => Promise<Outcome>>
> = {
  status: (environment, connection, around) =>
    status(repository, { environment, json: false, ...connection }, around),
  teardown: (environment, connection, around) =>
    teardown(
      repository,
      { environment, keepData: false, dryRun: false, yes: true, timeoutMs: 100, ...connection },
      around,
    ),
  reset: (environment, connection, around) =>
    reset(
      repository,
      { environment, component: 'kafka', dryRun: false, yes: true, timeoutMs: 100, ...connection },
      around,
    ),
};

const labelled = (environment: string) => ({
  'namespace//flux-system': {
    kind: 'Namespace',
    metadata: { name: 'flux-system', labels: { 'infometis.io/environment': environment } },
  },
});

describe.each(Object.entries(commands))('%s', (_, run) => {
  const failure = async (connection: Connection = {}, environment = 'prototype'): Promise<string> => {
    const outcome = await run(environment, connection, surroundings({ environment: cluster.environment }));
    return outcome.ok ? `code ${outcome.code}` : `${outcome.error.message}\n${outcome.error.fix}`;
  };
  const changes = () =>
    cluster.calls().filter(({ args }) => /^(?:create|apply|patch|delete|replace)$/.test(args[2] ?? ''));

  it('says that there is no kubectl', async () => {
    cluster = fakeCluster();
    expect(await failure()).toMatch(/neither kubectl nor k0s/);
  });

  it('says that the cluster does not answer', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ unreachable: true });
    expect(await failure()).toMatch(/https:\/\/10\.0\.0\.1:6443 does not answer: connection refused\n.*k0s/);
  });

  it('says which contexts there are', async () => {
    cluster = fakeCluster('kubectl');
    expect(await failure({ context: 'nowhere' })).toMatch(/no context `nowhere`\nOne of laptop, other/);
  });

  it('refuses a cluster of another environment, and changes nothing', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ objects: labelled('small-production') });
    expect(await failure()).toMatch(/cluster is the environment `small-production`, not `prototype`/);
    expect(changes()).toEqual([]);
  });

  it('says that it may not read', async () => {
    cluster = fakeCluster('kubectl');
    cluster.set({ forbidden: 'namespace' });
    expect(await failure()).toMatch(/cannot be read: namespace is forbidden\n.*cluster administrator/);
  });

  it('names the nearest environment', async () => {
    cluster = fakeCluster('kubectl');
    expect(await failure({}, 'prototyp')).toMatch(/no environment `prototyp`.*prototype/);
  });

  it('ends at Ctrl-C without a change', async () => {
    cluster = fakeCluster('kubectl');
    let text = '';
    const outcome = await run(
      'prototype',
      {},
      {
        ...surroundings({ environment: cluster.environment, signal: AbortSignal.abort() }),
        write: (words) => {
          text += words;
        },
      },
    );
    expect(outcome).toEqual({ ok: true, code: 130 });
    expect(text).toContain('Stopped. Nothing was changed.');
    expect(changes()).toEqual([]);
  });
});
