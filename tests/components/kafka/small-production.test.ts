import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../scripts/yaml/node.ts';
import { logTail, type RunningProcess, removeAtExit } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import { certificatePrograms } from '../harness/certificates.ts';
import { fetchJars } from '../harness/jars.ts';
import { networkProblem } from '../harness/network.ts';
import { type Cluster, type Pod, renderedObjects, startCluster } from '../harness/pods.ts';
import { describeUnless, printLogsOnFailure, programsProblem } from '../harness/suite.ts';
import { bootstrap, environment, kafkaClient, layOutImage, toolEnvironment } from './kafka.ts';

// Three brokers and the Job that gives rights, as small-production renders them, in Apache Kafka's own programs.

const total = 1_000;

const jars = await fetchJars(join(import.meta.dirname, '../restore/kafka'));
const agent = await fetchJars(join(import.meta.dirname, 'agent'));

describeUnless(
  'Kafka of small-production',
  [
    jars.ok ? undefined : jars.reason,
    agent.ok ? undefined : agent.reason,
    programsProblem(certificatePrograms),
    await networkProblem(),
  ],
  () => {
    let cluster: Cluster | undefined;
    let brokers: readonly Pod[] = [];
    let job: Pod;
    let client: ReturnType<typeof kafkaClient>;
    const processes = new Map<Pod, RunningProcess>();
    let access = '';
    const failed = (broker: Pod) => (): string | undefined => {
      const process = processes.get(broker);
      return process?.exit() && `${broker.name} has ended:\n${logTail(process.logFile)}`;
    };
    const ready = (broker: Pod): Promise<unknown> =>
      waitFor(
        `the startup probe of ${broker.name}`,
        async () => {
          const { code, stdout, stderr } = await broker.probe('startupProbe');
          return code === 0 ? done(code) : notYet(`${code}: ${(stdout + stderr).trim()}`);
        },
        { deadlineMs: 90_000, pollMs: 500, giveUp: failed(broker) },
      );
    const login = (user: string, ...more: string[]): string =>
      client.login(user, cluster!.secret(`kafka-user-${user}`, 'password'), ...more);

    /** Changes a setting of the third broker while that one runs: it is asked itself. */
    const limit = (...change: string[]) =>
      client.must(
        'kafka-configs',
        '--command-config',
        login('admin'),
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-name',
        '2',
        ...change,
      );

    beforeAll(async () => {
      if (!jars.ok || !agent.ok) return;
      const directory = mkdtempSync(join(tmpdir(), 'infometis-kafka-'));
      removeAtExit(directory);
      const objects = await renderedObjects('kafka', 'kafka-access');
      access = platformAccess(objects);
      const replicas = 3;
      cluster = await startCluster(directory, objects, [
        { kind: 'StatefulSet', name: 'kafka', pods: replicas, service: 'kafka-service' },
        { kind: 'Job', name: 'kafka-access', pods: 1 },
      ]);
      expect(cluster.workload('StatefulSet', 'kafka').spec.replicas).toBe(replicas);
      const options = {
        image: layOutImage(join(directory, 'image'), agent.files[0] ?? ''),
        directories: [{ path: '/opt/jars', source: jars.directory, readOnly: false }],
      };
      brokers = await Promise.all(
        Array.from({ length: replicas }, (_, ordinal) =>
          cluster!.addPod('StatefulSet', 'kafka', ordinal, { ...options, environment }),
        ),
      );
      job = await cluster.addPod('Job', 'kafka-access', 0, { ...options, environment: toolEnvironment });
      client = kafkaClient(job);
      await Promise.all(brokers.map(async (broker) => processes.set(broker, await broker.start())));
      await Promise.all(brokers.map(ready));
      await client.shareClasses(login('admin'));
    }, 120_000);
    beforeEach(() => printLogsOnFailure(() => cluster?.directory));
    afterAll(() => cluster?.stop());

    test('from empty volumes three brokers form a cluster, and tell Prometheus', async () => {
      expect(brokers).toHaveLength(3);
      const { code, stdout } = await job.exec(['curl', '-s', '-S', 'http://kafka-0:7071/metrics']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^kafka_server_replicamanager_underreplicatedpartitions 0\.0$/m);
      expect(stdout).toMatch(/^kafka_controller_kafkacontroller_activebrokercount /m);
    });

    test('the Job makes what is declared, and a second time changes nothing', {
      timeout: 180_000,
    }, async () => {
      const declared = declaredChanges(access);
      const first = await job.exec(job.container.command ?? []);
      expect(first).toMatchObject({ code: 0 });
      expect(first.stdout.match(/^user \S+: made$/gm)?.sort()).toEqual(declared.users);
      expect(first.stdout.match(/^topic \S+: made$/gm)?.sort()).toEqual(declared.topics);
      expect(first.stdout.match(/^right added: /gm)).toHaveLength(declared.rights);
      const all = declared.users.length + declared.topics.length + declared.rights;
      expect(first.stdout.trim().split('\n').at(-1)).toBe(`${all} changes.`);

      const second = await job.exec(job.container.command ?? []);
      expect(second).toMatchObject({ code: 0, stdout: '0 changes.\n' });
    });

    test('a new topic gets three copies, of which two must be written', { timeout: 30_000 }, async () => {
      const admin = login('admin');
      for (const [topic, partitions] of [
        ['events.orders', '3'],
        ['secret', '1'],
      ] as const)
        await client.must(
          'kafka-topics',
          '--command-config',
          admin,
          '--create',
          '--topic',
          topic,
          '--partitions',
          partitions,
        );
      const described = await client.must(
        'kafka-topics',
        '--command-config',
        admin,
        '--describe',
        '--topic',
        'events.orders',
      );
      expect(described).toMatch(
        /PartitionCount: 3\s+ReplicationFactor: 3\s+Configs: .*min\.insync\.replicas=2/,
      );
    });

    test('users may do what they must', { timeout: 60_000 }, async () => {
      expect(await client.produce(login('nifi'), 'events.orders', ['first', 'second'])).toEqual({
        code: 0,
        output: '',
      });
      const read = await client.consume(login('flink'), 'events.orders', 'flink-orders', 2);
      expect(read.output.split('\n').sort()).toEqual(expect.arrayContaining(['first', 'second']));
    });

    test('and nothing else', { timeout: 60_000 }, async () => {
      const outcomes = {
        'nifi writes elsewhere': await client.produce(login('nifi'), 'secret', ['x']),
        'flink writes what is not its own': await client.produce(login('flink'), 'events.orders', ['x']),
        'flink reads in the group of another': await client.consume(
          login('flink'),
          'events.orders',
          'nifi',
          1,
        ),
        'kafka-ui deletes': await client.run('kafka-topics', [
          '--command-config',
          login('kafka-ui'),
          '--delete',
          '--topic',
          'events.orders',
        ]),
      };
      const refusals = Object.fromEntries(
        Object.entries(outcomes).map(([what, { output }]) => [
          what,
          /\b(Topic|Group)AuthorizationException\b/.exec(output)?.[0] ?? output,
        ]),
      );
      expect(refusals).toEqual({
        'nifi writes elsewhere': 'TopicAuthorizationException',
        'flink writes what is not its own': 'TopicAuthorizationException',
        'flink reads in the group of another': 'GroupAuthorizationException',
        'kafka-ui deletes': 'TopicAuthorizationException',
      });
    });

    test('nobody comes in without a login, or TLS, or a certificate', { timeout: 60_000 }, async () => {
      const list = (settings: string) => client.run('kafka-topics', ['--command-config', settings, '--list']);
      const wrong = await list(client.login('nifi', 'wrong'));
      expect(wrong.output).toContain('SaslAuthenticationException');
      const anonymous = await list(client.anonymous());
      expect(anonymous.code).not.toBe(0);
      expect(anonymous.output).not.toContain('events.orders');
      expect(
        brokers
          .map(({ name }) => readFileSync(join(cluster!.directory, 'pods', name, 'log'), 'utf8'))
          .join(''),
      ).toMatch(/Unexpected Kafka request of type \w+ during SASL handshake/);

      // The port of clients speaks TLS, and nothing answers what is not.
      const plain = await job.exec([
        'bash',
        '-c',
        "exec 3<>/dev/tcp/kafka-0/9092; printf '\\0\\0\\0\\12\\0\\22\\0\\0\\0\\0\\0\\1\\377\\377' >&3; timeout 5 cat <&3 | od -An -tx1",
      ]);
      // Nothing, or TLS's own "alert".
      expect(plain.stdout.trim()).toMatch(/^(15 .*)?$/);

      // A controller wants a certificate of the brokers' authority.
      const controller = (pod: Pod, ...certificate: string[]) =>
        pod.exec([
          'bash',
          '-c',
          `(sleep 1) | openssl s_client -connect kafka-1.kafka-headless.infometis.svc.cluster.local:9093 -CAfile /etc/tls/ca.crt -verify_return_error ${certificate.join(' ')} 2>&1`,
        ]);
      expect((await controller(job)).stdout).toMatch(/alert (certificate required|bad certificate)/);
      const known = await controller(brokers[0]!, '-cert', '/etc/tls/tls-combined.pem');
      expect(known.stdout).toContain('Verify return code: 0 (ok)');
      expect(known.stdout).not.toMatch(/alert (certificate required|bad certificate)/);
    });

    test('a broker is killed while records are written: none is lost', { timeout: 120_000 }, async () => {
      const admin = login('admin');
      await client.must(
        'kafka-topics',
        '--command-config',
        admin,
        '--create',
        '--topic',
        'events.numbers',
        '--partitions',
        '3',
      );
      // For the next test: what the third broker's copy lacks it gets slowly.
      await limit('--add-config', 'follower.replication.throttled.rate=1000');
      await client.must(
        'kafka-topics',
        '--command-config',
        admin,
        '--create',
        '--topic',
        'events.bulk',
        '--partitions',
        '1',
        '--config',
        'follower.replication.throttled.replicas=*',
      );

      const log = join(cluster!.directory, 'writer.log');
      const writing = await job.spawn(
        [
          'kafka-verifiable-producer',
          '--bootstrap-server',
          bootstrap,
          '--topic',
          'events.numbers',
          '--max-messages',
          String(total),
          '--throughput',
          '200',
          '--acks',
          '-1',
          // Its own default is to give up at the first error.
          '--producer.config',
          login('nifi', 'retries=2147483647', 'delivery.timeout.ms=90000'),
        ],
        log,
      );
      const acknowledged = (): string[] =>
        readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line.includes('"producer_send_success"') && line.endsWith('}'))
          .map((line) => (JSON.parse(line) as { readonly value: string }).value);
      await waitFor(
        'the first records',
        () => (acknowledged().length >= 200 ? done(true) : notYet(logTail(log, 3))),
        { giveUp: () => writing.exit() && `the writer has ended:\n${logTail(log)}` },
      );
      await processes.get(brokers[2]!)!.kill();
      expect(acknowledged().length).toBeLessThan(total);
      await waitFor('the last records', () => (writing.exit() ? done(true) : notYet(logTail(log, 3))), {
        deadlineMs: 90_000,
      });

      const all = Array.from({ length: total }, (_, number) => String(number)).sort();
      expect(acknowledged().sort()).toEqual(all);
      const read = await client.consume(login('flink'), 'events.numbers', 'flink-numbers', total);
      expect(
        read.output
          .split('\n')
          .filter((line) => /^\d+$/.test(line))
          .sort(),
      ).toEqual(all);
    });

    test('it is ready again only when it has what it missed', { timeout: 180_000 }, async () => {
      const broker = brokers[2]!;
      const admin = login('admin');
      // More than one answer brings, which the limit holds back only afterwards.
      await client.must(
        'kafka-producer-perf-test',
        '--topic',
        'events.bulk',
        '--num-records',
        '4000',
        '--record-size',
        '1000',
        '--throughput',
        '-1',
        '--producer.config',
        login('nifi'),
      );
      expect((await broker.probe('startupProbe')).code).toBe(1);

      processes.set(broker, await broker.start());
      const seen: string[] = [];
      await waitFor(
        'the probe to say what is missing',
        async () => {
          const { code, stdout, stderr } = await broker.probe('startupProbe');
          seen.push(`${code}: ${stdout}${stderr}`);
          if (code === 0) throw new Error(`it was ready before it was in sync: ${seen.join('; ')}`);
          return /^Not in sync yet: .*events\.bulk/m.test(stdout) ? done(true) : notYet(seen.at(-1) ?? '');
        },
        { deadlineMs: 60_000, pollMs: 200, giveUp: failed(broker) },
      );
      // The others do not wait for it.
      expect((await brokers[0]!.probe('startupProbe')).code).toBe(0);

      await limit('--delete-config', 'follower.replication.throttled.rate');
      await ready(broker);
      const behind = await client.must(
        'kafka-topics',
        '--command-config',
        admin,
        '--describe',
        '--under-replicated-partitions',
      );
      expect(behind.trim()).toBe('');
    });
  },
);

/** The file with the platform's users and rights, out of the ConfigMap. */
function platformAccess(objects: readonly JsonObject[]): string {
  const found = objects
    .map((object) => object['data'] as Readonly<Record<string, string>> | undefined)
    .find((data) => data?.['platform.access'] !== undefined)?.['platform.access'];
  if (found === undefined) throw new Error('no ConfigMap has platform.access');
  return found;
}

/** What an empty cluster lacks of it: all but the two users with which volumes are formatted. */
function declaredChanges(text: string) {
  const lines = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([word = '']) => word !== '' && !word.startsWith('#'));
  const names = (kind: string): string[] =>
    lines.filter(([word]) => word === kind).map(([, name = '']) => `${kind} ${name}: made`);
  return {
    users: names('user')
      .filter((made) => !/ (admin|broker):/.test(made))
      .sort(),
    topics: names('topic').sort(),
    // One command for all operations of a user on a resource.
    rights: new Set(lines.filter(([word]) => word === 'allow').map((line) => line.slice(1, 4).join(' ')))
      .size,
  };
}
