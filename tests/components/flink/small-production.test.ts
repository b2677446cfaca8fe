import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { logTail, type RunningProcess, removeAtExit } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import { certificatePrograms } from '../harness/certificates.ts';
import { fetchJars } from '../harness/jars.ts';
import { networkProblem } from '../harness/network.ts';
import { type Cluster, type Pod, renderedObjects, startCluster } from '../harness/pods.ts';
import { describeUnless, printLogsOnFailure, programsProblem } from '../harness/suite.ts';
import { startZooKeeper } from '../zookeeper/zookeeper.ts';

// Two JobManagers, a TaskManager and the three ZooKeepers that choose between the JobManagers, as small-production renders them.

const jars = await fetchJars(import.meta.dirname);
const zooKeeperJars = await fetchJars(join(import.meta.dirname, '../restore/kafka'));

/** What the test changes of the pods, beside what all pods of these tests have: see ../README.md. */
const environment = { TEST_HEAP: '-Xms64m -Xmx256m' } as const;
const withDirectory = (settings: string): string =>
  settings.replaceAll('s3://$CHECKPOINT_BUCKET/', 'file:///checkpoints/');

describeUnless(
  'Flink of small-production',
  [
    jars.ok ? undefined : jars.reason,
    zooKeeperJars.ok ? undefined : zooKeeperJars.reason,
    programsProblem([...certificatePrograms, 'curl']),
    await networkProblem(),
  ],
  () => {
    let cluster: Cluster | undefined;
    const jobManagers: { readonly pod: Pod; readonly process: RunningProcess }[] = [];
    let taskManager: Pod;

    beforeAll(async () => {
      if (!jars.ok || !zooKeeperJars.ok) return;
      const directory = mkdtempSync(join(tmpdir(), 'infometis-flink-'));
      removeAtExit(directory);
      const objects = await renderedObjects('zookeeper', 'flink');
      cluster = await startCluster(directory, objects, [
        { kind: 'StatefulSet', name: 'zookeeper', pods: 3 },
        { kind: 'Deployment', name: 'flink-jobmanager', pods: 2, service: 'flink-jobmanager-service' },
        { kind: 'Deployment', name: 'flink-taskmanager', pods: 1 },
      ]);
      expect(cluster.workload('Deployment', 'flink-jobmanager').spec.replicas).toBe(2);
      const checkpoints = join(directory, 'checkpoints');
      mkdirSync(checkpoints);
      const start = async (name: string, ordinal: number) => {
        const pod = await cluster!.addPod('Deployment', name, ordinal, {
          image: join(import.meta.dirname, 'image'),
          environment,
          directories: [
            { path: '/opt/jars', source: jars.directory, readOnly: false },
            { path: '/checkpoints', source: checkpoints, readOnly: false },
          ],
        });
        await pod.initialise();
        const settings = join(pod.volume('conf'), 'flink-conf.yaml');
        const text = readFileSync(settings, 'utf8');
        expect(text).toContain('s3://$CHECKPOINT_BUCKET/');
        writeFileSync(settings, withDirectory(text));
        return { pod, process: await pod.start(['flink-program']) };
      };
      await startZooKeeper(cluster, zooKeeperJars.directory);
      const [first, second, worker] = await Promise.all([
        start('flink-jobmanager', 0),
        start('flink-jobmanager', 1),
        start('flink-taskmanager', 0),
      ]);
      jobManagers.push(first, second);
      taskManager = worker.pod;
    }, 120_000);
    beforeEach(() => printLogsOnFailure(() => cluster?.directory));
    afterAll(() => cluster?.stop());

    /** Asks one JobManager by the name that all have; undefined where it does not answer with JSON. */
    async function ask(pod: Pod, path: string, body?: object): Promise<unknown> {
      const { stdout } = await taskManager.exec([
        'curl',
        '--silent',
        '--max-time',
        '10',
        '--cacert',
        '/etc/tls/ca.crt',
        '--resolve',
        `flink-jobmanager-service:8081:${pod.address}`,
        ...(body === undefined
          ? []
          : ['--header', 'content-type: application/json', '--data', JSON.stringify(body)]),
        `https://flink-jobmanager-service:8081${path}`,
      ]);
      try {
        return JSON.parse(stdout);
      } catch {
        return undefined;
      }
    }
    const leads = ({ process }: { readonly process: RunningProcess }): boolean =>
      readFileSync(process.logFile, 'utf8').includes('DefaultDispatcherRunner was granted leadership');

    async function running(pod: Pod, job: string): Promise<void> {
      await waitFor(
        'the job to run',
        async () => {
          const found = (await ask(pod, `/jobs/${job}`)) as
            | { readonly state: string; readonly vertices: readonly { readonly status: string }[] }
            | undefined;
          return found?.state === 'RUNNING' && found.vertices.every(({ status }) => status === 'RUNNING')
            ? done(found)
            : notYet(JSON.stringify(found)?.slice(0, 300) ?? 'no answer');
        },
        { deadlineMs: 90_000, pollMs: 500 },
      );
    }
    /** Makes a checkpoint now and returns its number. */
    async function checkpoint(pod: Pod, job: string): Promise<number> {
      const asked = (await ask(pod, `/jobs/${job}/checkpoints`, { checkpointType: 'FULL' })) as {
        readonly 'request-id': string;
      };
      return waitFor('the checkpoint', async () => {
        const found = (await ask(pod, `/jobs/${job}/checkpoints/${asked['request-id']}`)) as
          | { readonly operation?: { readonly checkpointId?: number } }
          | undefined;
        const id = found?.operation?.checkpointId;
        return id === undefined ? notYet(JSON.stringify(found) ?? 'no answer') : done(id);
      });
    }

    test('one JobManager leads, and the TaskManager finds it', { timeout: 90_000 }, async () => {
      await waitFor(
        'the TaskManager at both JobManagers',
        async () => {
          const seen = await Promise.all(jobManagers.map(({ pod }) => ask(pod, '/overview')));
          return seen.every(
            (one) => (one as { readonly taskmanagers?: number } | undefined)?.taskmanagers === 1,
          )
            ? done(seen)
            : notYet(JSON.stringify(seen));
        },
        {
          deadlineMs: 80_000,
          pollMs: 500,
          giveUp: () =>
            jobManagers.flatMap(({ process }) => (process.exit() ? [logTail(process.logFile)] : []))[0],
        },
      );
      expect(jobManagers.filter(leads)).toHaveLength(1);
      const metrics = await taskManager.exec(['curl', '--silent', 'http://flink-taskmanager-0:9249/metrics']);
      expect(metrics.stdout).toMatch(/^flink_taskmanager_Status_JVM_Memory_Heap_Used\{/m);
    });

    test('without TLS nobody gets an answer', async () => {
      const { pod } = jobManagers[0]!;
      const plain = await taskManager.exec([
        'curl',
        '--silent',
        '--max-time',
        '5',
        '--write-out',
        ' %{http_code} to %{redirect_url}',
        `http://${pod.address}:8081/overview`,
      ]);
      expect(plain.stdout).toMatch(/^ 30\d to https:/);
      // Between the processes a certificate of Flink's own authority is asked for, too.
      const stranger = await taskManager.exec([
        'bash',
        '-c',
        `sleep 1 | openssl s_client -connect ${pod.address}:6124 -cert /etc/tls/tls-combined.pem 2>&1`,
      ]);
      expect(stranger.stdout).toMatch(
        /alert (certificate unknown|bad certificate|unknown ca|certificate required)/,
      );
    });

    test('the leader is killed: the other goes on with the job, from its last checkpoint', {
      timeout: 180_000,
    }, async () => {
      const leader = jobManagers.find(leads)!;
      const other = jobManagers.find((candidate) => candidate !== leader)!;
      const example = jars.ok
        ? jars.files.find((file) => basename(file).startsWith('flink-examples-streaming'))
        : '';
      // As a person would in the JobManager's pod: here the one that does not lead.
      const submitted = await other.pod.exec([
        'flink-program',
        'client',
        'run',
        '--detached',
        '--class',
        'org.apache.flink.streaming.examples.statemachine.StateMachineExample',
        `/opt/jars/${basename(example ?? '')}`,
        '--rps',
        '100',
      ]);
      const job = /JobID (\w{32})/.exec(submitted.stdout)?.[1];
      expect({ job, said: job === undefined ? submitted : '' }).toMatchObject({ job: expect.any(String) });
      await running(leader.pod, job!);
      const last = await checkpoint(leader.pod, job!);

      await leader.process.kill();
      await waitFor(
        'the other to lead',
        () => (leads(other) ? done(true) : notYet(logTail(other.process.logFile, 2))),
        {
          deadlineMs: 60_000,
        },
      );
      await running(other.pod, job!);
      const after = (await ask(other.pod, `/jobs/${job}/checkpoints`)) as {
        readonly counts: { readonly restored: number };
        readonly latest: {
          readonly restored: { readonly id: number; readonly external_path: string } | null;
        };
      };
      expect(after.counts.restored).toBe(1);
      // The job makes some by itself, too.
      expect(after.latest.restored?.id).toBeGreaterThanOrEqual(last);
      expect(after.latest.restored?.external_path).toMatch(/^file:\/?\/?\/checkpoints\//);
      expect(await checkpoint(other.pod, job!)).toBeGreaterThan(last);
    });
  },
);
