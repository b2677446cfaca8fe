import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '../../../scripts/cluster/process.ts';
import { buildKustomization } from '../../../scripts/kustomize/build.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { findTool, whyToolsAreMissing } from '../../../scripts/tools/find.ts';
import { type JsonObject, toJson } from '../../../scripts/yaml/node.ts';
import { logTail, type RunningProcess, removeAtExit } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import { networkProblem } from '../harness/network.ts';
import { type Cluster, type Pod, startCluster } from '../harness/pods.ts';
import {
  type Answer,
  type Batch,
  type Credentials,
  contentOf,
  digestOf,
  type S3Request,
} from './s3-client.ts';

// The object store in the cluster, on the configuration that its overlay renders: three servers, three members of etcd, the Job
// that makes the buckets. A node is lost, and its disk; nothing that was answered may be.

const root = join(import.meta.dirname, '../../..');
const overlay = 'overlays/small-production/seaweedfs';
const domain = 'infometis.svc.cluster.local';
const users = ['flink', 'elasticsearch', 'backup'] as const;
type User = (typeof users)[number];
const servers = [0, 1, 2] as const;
// Two minutes instead of one: the loss of a disk, a second node, a stop in good order.
const restic = findProgram('restic') !== undefined;
const whole = process.env['OBJECT_STORE'] === 'full';

const why = await problem();

async function problem(): Promise<string | undefined> {
  const missing = ['openssl', 'curl', 'java'].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `${missing.join(', ')} not on PATH`;
  return whyToolsAreMissing(['etcd', 'weed']) ?? (await networkProblem());
}

function renderOverlay(): readonly JsonObject[] {
  const built = buildKustomization(openSources(openDirectory(root)), overlay, {
    loadRestrictions: 'none',
    order: 'legacy',
  });
  if (built.status !== 'built')
    throw new Error(`${overlay} does not render: npm run render -- --path ${overlay}`);
  return built.objects.map((node) => toJson(node) as JsonObject);
}

const toolPath = (program: string): string => {
  const found = findTool(program);
  if (!found.ok) throw new Error(found.reason);
  return found.path;
};

describe.skipIf(why !== undefined)(
  why === undefined ? 'the object store in the cluster' : `the object store in the cluster (skipped: ${why})`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'infometis-object-store-'));
    removeAtExit(directory);
    let cluster: Cluster;
    let buckets: Readonly<Record<User, string>>;
    let job: Pod;
    const members: Pod[] = [];
    const stores: Pod[] = [];
    const memberRuns: RunningProcess[] = [];
    const storeRuns: RunningProcess[] = [];

    // --- what a pod does -------------------------------------------------------------------------------------------------

    const startMember = async (index: number, initial?: 'existing'): Promise<void> => {
      const pod = members[index]!;
      // The environment of a StatefulSet is one for all of its pods: what is changed for one, a person changes for all.
      memberRuns[index] = await (initial === undefined
        ? pod.start()
        : pod.spawn(
            ['env', `ETCD_INITIAL_CLUSTER_STATE=${initial}`, '/usr/local/bin/etcd'],
            join(directory, `${pod.name}.log`),
          ));
    };
    const startStore = async (index: number): Promise<void> => {
      storeRuns[index] = await stores[index]!.start();
    };

    const healthy = (index: number): Promise<unknown> =>
      waitFor(
        `seaweedfs-${index}`,
        async () => {
          const { code, stderr } = await stores[index]!.probe('readinessProbe');
          return code === 0 ? done(true) : notYet(stderr.trim());
        },
        {
          deadlineMs: 50_000,
          pollMs: 200,
          giveUp: () => storeRuns[index]!.exit() && `it has ended:\n${logTail(storeRuns[index]!.logFile)}`,
        },
      );

    const memberHealthy = (index: number): Promise<unknown> =>
      waitFor(
        `seaweedfs-metadata-${index}`,
        async () => {
          const { stdout } = await job.exec([
            'curl',
            '--silent',
            '--max-time',
            '3',
            `http://seaweedfs-metadata-${index}.seaweedfs-metadata-headless.${domain}:2381/readyz`,
          ]);
          return stdout.startsWith('ok') ? done(true) : notYet(stdout);
        },
        {
          deadlineMs: 30_000,
          giveUp: () => memberRuns[index]!.exit() && `it has ended:\n${logTail(memberRuns[index]!.logFile)}`,
        },
      );

    const shell = async (...lines: string[]): Promise<string> => {
      const { code, stdout, stderr } = await job.exec(
        ['sh', '-c', 'cd /etc/seaweedfs && exec weed shell "-master=$MASTERS"'],
        { input: `${lines.join('\n')}\n` },
      );
      if (code !== 0) throw new Error(`weed shell: ${stderr}${stdout}`);
      return stdout;
    };

    /** The server whose master leads. */
    async function leader(): Promise<number> {
      for (const index of servers) {
        const { stdout } = await job.exec([
          'curl',
          '--silent',
          `http://${stores[index]!.address}:9327/metrics`,
        ]);
        if (/^SeaweedFS_master_is_leader 1$/m.test(stdout)) return index;
      }
      throw new Error('no master leads');
    }

    /** The volumes of which there is only one copy. */
    async function singleCopies(): Promise<readonly string[]> {
      const ids = [...(await shell('volume.list')).matchAll(/\bvolume Id:(\d+),/g)].map(([, id]) => id!);
      expect(ids.length).toBeGreaterThan(0);
      return [...new Set(ids)].filter((id) => ids.filter((other) => other === id).length < 2);
    }

    const empty = (volume: string): void => {
      for (const entry of readdirSync(volume)) rmSync(join(volume, entry), { recursive: true });
    };

    const etcdctl = async (...words: string[]): Promise<string> => {
      const endpoints = servers
        .map((index) => `https://seaweedfs-metadata-${index}.seaweedfs-metadata-headless.${domain}:2379`)
        .join(',');
      const { code, stdout, stderr } = await job.exec([
        'etcdctl',
        `--endpoints=${endpoints}`,
        '--cacert=/etc/tls-internal/ca.crt',
        '--cert=/etc/tls-internal/tls.crt',
        '--key=/etc/tls-internal/tls.key',
        ...words,
      ]);
      if (code !== 0) throw new Error(`etcdctl ${words.join(' ')}: ${stderr}`);
      return stdout;
    };

    // --- what a client does ----------------------------------------------------------------------------------------------

    const keyOf = (user: User): Credentials => ({
      accessKey: cluster.secret(`object-store-user-${user}`, 'access-key'),
      secretKey: cluster.secret(`object-store-user-${user}`, 'secret-key'),
    });

    async function send(requests: readonly S3Request[]): Promise<readonly Answer[]> {
      const batch: Batch = {
        serverName: `seaweedfs-service.${domain}`,
        port: 8333,
        authority: cluster.secret('seaweedfs-tls', 'ca.crt'),
        requests,
      };
      const { code, stdout, stderr } = await job.exec(['/opt/node/node', '/opt/client/s3-client.mjs'], {
        input: JSON.stringify(batch),
        environment: { S3_CLIENT: 'run' },
      });
      if (code !== 0) throw new Error(`the client ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as readonly Answer[];
    }

    /** What is kept by the name that it must have: the seed and size of its newest content. */
    const kept = new Map<string, { readonly user: User; readonly seed: string; readonly size: number }>();
    const removed = new Map<string, User>();

    /** Writes objects through these servers in turn, all of which must be taken. */
    async function write(
      series: string,
      through: readonly number[],
      count: number,
      sizes: readonly number[],
    ) {
      const requests = users.flatMap((user) =>
        Array.from({ length: count }, (_, index) => {
          const path = `/${buckets[user]}/${series}/${index}`;
          return {
            user,
            path,
            content: { seed: `${path} of ${series}`, size: sizes[index % sizes.length]! },
          };
        }),
      );
      const answers = await send(
        requests.map(({ user, path, content }, index) => ({
          method: 'PUT',
          server: stores[through[index % through.length]!]!.address,
          as: keyOf(user),
          path,
          content,
        })),
      );
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      for (const { user, path, content } of requests) kept.set(path, { user, ...content });
    }

    /** Reads everything that was ever written through each of these servers. */
    async function readAll(through: readonly number[]): Promise<void> {
      expect(kept.size).toBeGreaterThan(0);
      for (const index of through) {
        const server = stores[index]!.address;
        const paths = [...kept];
        const answers = await send(
          paths.map(([path, { user }]) => ({ method: 'GET', server, as: keyOf(user), path })),
        );
        const wrong = paths.flatMap(([path, content], place) => {
          const { status, digest, text } = answers[place]!;
          return status === 200 && digest === digestOf(contentOf(content))
            ? []
            : [`${path}: ${status} ${text}`];
        });
        expect(wrong, `through seaweedfs-${index}`).toEqual([]);
        const gone = [...removed];
        const none = await send(
          gone.map(([path, user]) => ({ method: 'GET', server, as: keyOf(user), path })),
        );
        expect(none.map(({ status }) => status)).toEqual(gone.map(() => 404));
      }
    }

    async function remove(series: string, index: number): Promise<void> {
      const paths = users.map((user) => ({ user, path: `/${buckets[user]}/${series}/${index}` }));
      const through = stores.find((_, place) => storeRuns[place]!.exit() === undefined)!.address;
      const answers = await send(
        paths.map(({ user, path }) => ({ method: 'DELETE', server: through, as: keyOf(user), path })),
      );
      expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 204));
      for (const { user, path } of paths) {
        expect(kept.delete(path)).toBe(true);
        removed.set(path, user);
      }
    }

    /** As K8up's Jobs call it: with the backup's own key, and the authority that their Secret brings. */
    const resticRun = (...words: string[]) =>
      job.exec(
        [
          'restic',
          '--no-cache',
          '--cacert',
          '/opt/client/ca.crt',
          '--repo',
          `s3:https://seaweedfs-service.${domain}:8333/${buckets.backup}`,
          ...words,
        ],
        {
          environment: {
            AWS_ACCESS_KEY_ID: keyOf('backup').accessKey,
            AWS_SECRET_ACCESS_KEY: keyOf('backup').secretKey,
            RESTIC_PASSWORD: 'of-the-test',
          },
        },
      );

    /** Until a client can read from these servers. */
    const reading = (through: readonly number[], deadlineMs: number): Promise<unknown> =>
      waitFor(
        'an object to be read',
        async () => {
          const answers = await send(
            through.map((index) => ({
              method: 'GET',
              server: stores[index]!.address,
              as: keyOf('flink'),
              path: `/${buckets.flink}/first/0`,
            })),
          );
          const bad = answers.find(({ status }) => status !== 200);
          return bad === undefined ? done(true) : notYet(JSON.stringify(bad));
        },
        { deadlineMs },
      );

    /** Until a client gets an answer again from these servers, reading and writing. */
    const serving = (through: readonly number[], deadlineMs: number): Promise<unknown> =>
      waitFor(
        'an object to be written and read again',
        async () => {
          const path = `/${buckets.flink}/probe`;
          const request = (method: 'PUT' | 'GET', index: number): S3Request => ({
            method,
            server: stores[index]!.address,
            as: keyOf('flink'),
            path,
            ...(method === 'PUT' ? { content: { seed: 'probe', size: 100 } } : {}),
          });
          const put = await send(through.map((index) => request('PUT', index)));
          const get = await send(through.map((index) => request('GET', index)));
          const bad = [...put, ...get].filter(({ status }) => status !== 200);
          return bad.length === 0 ? done(true) : notYet(JSON.stringify(bad[0]));
        },
        { deadlineMs, pollMs: 300 },
      );

    beforeAll(async () => {
      const objects = renderOverlay();
      cluster = await startCluster(directory, objects, [
        { kind: 'StatefulSet', name: 'seaweedfs', pods: 3, service: 'seaweedfs-service' },
        { kind: 'StatefulSet', name: 'seaweedfs-metadata', pods: 3, service: 'seaweedfs-metadata-service' },
        { kind: 'Job', name: 'seaweedfs-buckets', pods: 1 },
      ]);
      const client = join(directory, 'client');
      buildSync({
        entryPoints: [join(import.meta.dirname, 's3-client.ts')],
        outfile: join(client, 's3-client.mjs'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        logLevel: 'error',
      });
      for (const name of ['ca.crt', 'tls.crt', 'tls.key'])
        writeFileSync(join(client, name), cluster.secret('seaweedfs-tls', name));
      const at = (path: string, source: string) => ({ path, source, readOnly: false });
      const weed = at('/opt/image/bin', dirname(toolPath('weed')));
      const etcd = at('/usr/local/bin', dirname(toolPath('etcd')));
      for (const index of servers) {
        members.push(
          await cluster.addPod('StatefulSet', 'seaweedfs-metadata', index, { directories: [etcd] }),
        );
        stores.push(await cluster.addPod('StatefulSet', 'seaweedfs', index, { directories: [weed] }));
      }
      job = await cluster.addPod('Job', 'seaweedfs-buckets', 0, {
        directories: [weed, etcd, at('/opt/client', client), at('/opt/node', dirname(process.execPath))],
      });
      const named = (name: string): string => {
        const value = job.environment[name];
        if (value === undefined) throw new Error(`the Job has no ${name}`);
        return value;
      };
      buckets = {
        flink: named('CHECKPOINT_BUCKET'),
        elasticsearch: named('SNAPSHOT_BUCKET'),
        backup: named('BACKUP_BUCKET'),
      };
      for (const index of servers) await startMember(index);
      for (const index of servers) await startStore(index);
      await Promise.all(servers.map(healthy));
    }, 60_000);
    afterAll(() => cluster?.stop());

    test('the programs are of the versions that the base names', async () => {
      const { images } = parse(readFileSync(join(root, 'base/seaweedfs/kustomization.yaml'), 'utf8')) as {
        images: readonly { readonly name: string; readonly newTag: string }[];
      };
      const tag = images.find(({ name }) => name.endsWith('/seaweedfs'))!.newTag.split('@')[0]!;
      const { stdout } = await job.exec(['weed', 'version']);
      expect(stdout).toMatch(new RegExp(` ${tag.replace('.', '\\.')} `));
    });

    test('the Job makes the buckets, and a second run changes nothing', async () => {
      const run = () => job.exec(['sh', '/etc/infometis/buckets.sh']);
      const first = await run();
      expect(first, first.stderr).toMatchObject({ code: 0 });
      for (const bucket of Object.values(buckets)) expect(first.stdout).toContain(`created bucket ${bucket}`);
      const second = await run();
      expect(second, second.stderr).toMatchObject({ code: 0 });
      expect(second.stdout).not.toContain('created');
      for (const bucket of Object.values(buckets)) expect(second.stdout).toContain(`bucket ${bucket}: there`);
    });

    test('each key opens its own bucket and no other', async () => {
      await write('first', servers, 6, [100, 5_000_000, 1_000]);
      await readAll(servers);
      const server = stores[0]!.address;
      const others = users.flatMap((user) =>
        users.filter((other) => other !== user).map((other) => ({ user, other })),
      );
      const attempts = others.flatMap(({ user, other }): S3Request[] => {
        const as = keyOf(user);
        const object = `/${buckets[other]}/first/0`;
        return [
          { method: 'GET', server, as, path: object },
          { method: 'HEAD', server, as, path: object },
          { method: 'PUT', server, as, path: object, content: { seed: 'intruder', size: 10 } },
          { method: 'DELETE', server, as, path: object },
          { method: 'GET', server, as, path: `/${buckets[other]}`, query: 'list-type=2' },
          { method: 'DELETE', server, as, path: `/${buckets[other]}` },
        ];
      });
      const strangers: S3Request[] = [
        { method: 'GET', server, path: `/${buckets.flink}/first/0` },
        { method: 'GET', server, path: `/${buckets.flink}`, query: 'list-type=2' },
        {
          method: 'GET',
          server,
          as: { ...keyOf('flink'), secretKey: keyOf('backup').secretKey },
          path: `/${buckets.flink}/first/0`,
        },
        // Its own bucket is not its to remove, and no others are its to make.
        { method: 'DELETE', server, as: keyOf('flink'), path: `/${buckets.flink}` },
        { method: 'PUT', server, as: keyOf('flink'), path: '/another-bucket' },
      ];
      const answers = await send([...attempts, ...strangers]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
      await readAll([0]);
    });

    test('only the object store itself gets in behind S3, whatever certificate is shown', async () => {
      // What a client has: a certificate of the platform's authority.
      const curl = (port: number, ...more: string[]) =>
        job.exec([
          'curl',
          '--silent',
          '--show-error',
          '--insecure',
          '--max-time',
          '5',
          '--output',
          '/dev/null',
          ...more,
          `https://${stores[0]!.address}:${port}/`,
        ]);
      const own = ['--cert', '/etc/tls-internal/tls.crt', '--key', '/etc/tls-internal/tls.key'];
      const platform = ['--cert', '/opt/client/tls.crt', '--key', '/opt/client/tls.key'];
      for (const port of [9333, 8080, 8888, 19333, 18080, 18888, 18333]) {
        expect(await curl(port, '--http2', ...own), `${port}, its own`).toMatchObject({ code: 0 });
        for (const shown of [platform, []]) {
          const { code } = await curl(port, '--http2', ...shown);
          expect(code, `${port} with ${shown[1] ?? 'nothing'}`).not.toBe(0);
        }
      }
    });

    test.skipIf(!restic)('restic, which K8up runs, keeps its copies there', async () => {
      expect(await resticRun('init')).toMatchObject({ code: 0 });
      expect(await resticRun('backup', '/etc/seaweedfs')).toMatchObject({ code: 0 });
      const { code, stdout, stderr } = await resticRun('check', '--read-data');
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('no errors were found');
    });

    test('a node is lost: everything can be read and more be written', async () => {
      const leading = await leader();
      const left = servers.filter((index) => index !== leading);
      await Promise.all([storeRuns[leading]!.kill(), memberRuns[leading]!.kill()]);
      await reading(left, 10_000);
      await serving(left, 40_000);
      await readAll(left);
      await write('meanwhile', left, 4, [200, 4_500_000]);
      await remove('first', 1);
      await readAll(left);
    });

    test.skipIf(!whole)(
      'its disk is lost too: it joins anew, and after that another node may go',
      { timeout: 200_000 },
      async () => {
        const lost = servers.find((index) => storeRuns[index]!.exit() !== undefined)!;
        const left = servers.filter((index) => index !== lost);
        for (const pod of [stores[lost]!, members[lost]!]) empty(pod.volume('data'));

        // As the runbook has it: etcd refuses to found a second cluster, and has to be told that it joins one.
        await startMember(lost);
        await memberRuns[lost]!.ended;
        expect(logTail(memberRuns[lost]!.logFile)).toContain('has already been bootstrapped');
        const name = `seaweedfs-metadata-${lost}`;
        const id = /^([0-9a-f]+),/m.exec(
          (await etcdctl('member', 'list')).split('\n').find((line) => line.includes(name)) ?? '',
        )?.[1];
        await etcdctl('member', 'remove', id ?? '');
        await etcdctl(
          'member',
          'add',
          name,
          `--peer-urls=https://${name}.seaweedfs-metadata-headless.${domain}:2380`,
        );
        await startMember(lost, 'existing');
        await memberHealthy(lost);

        await startStore(lost);
        await healthy(lost);
        await waitFor(
          'two copies of every volume',
          async () => {
            await shell('lock', 'volume.fix.replication -apply', 'unlock');
            const single = await singleCopies();
            return single.length === 0 ? done(true) : notYet(`one copy of ${single.join(', ')}`);
          },
          { deadlineMs: 30_000, pollMs: 500 },
        );
        await readAll([lost]);

        const next = left[0]!;
        await Promise.all([storeRuns[next]!.kill(), memberRuns[next]!.kill()]);
        const rest = servers.filter((index) => index !== next);
        await serving(rest, 40_000);
        await readAll(rest);
        await write('later', rest, 2, [300]);
        await startMember(next);
        await startStore(next);
        await healthy(next);
        await readAll([next]);
      },
    );

    test.skipIf(!whole)(
      'a server that is asked to stop ends what it is doing, and the others go on',
      { timeout: 120_000 },
      async () => {
        await job.exec(['sh', '-c', "kill -TERM $(pgrep -f -- '[-]ip=seaweedfs-1[.]')"]);
        expect(await storeRuns[1]!.ended).toEqual({ code: 0, signal: null });
        await serving([0, 2], 40_000);
        await readAll([0, 2]);
        await startStore(1);
        await healthy(1);
      },
    );
  },
);
