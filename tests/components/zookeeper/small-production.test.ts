import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ProcessResult } from '../../../scripts/cluster/process.ts';
import type { JsonObject } from '../../../scripts/yaml/node.ts';
import { removeAtExit } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import { certificatePrograms } from '../harness/certificates.ts';
import { fetchJars } from '../harness/jars.ts';
import { networkProblem } from '../harness/network.ts';
import { type Cluster, type Pod, renderedObjects, startCluster } from '../harness/pods.ts';
import { describeUnless, printLogsOnFailure, programsProblem } from '../harness/suite.ts';
import { modeOf, type Server, serving, startServer, startZooKeeper } from './zookeeper.ts';

// Three servers as small-production renders them, and a client with the certificate and the settings of Flink.

const jars = await fetchJars(join(import.meta.dirname, '../restore/kafka'));

describeUnless(
  'ZooKeeper of small-production',
  [jars.ok ? undefined : jars.reason, programsProblem(certificatePrograms), await networkProblem()],
  () => {
    let cluster: Cluster | undefined;
    let servers: readonly Server[] = [];
    let client: Pod;
    let settings: readonly string[] = [];

    beforeAll(async () => {
      if (!jars.ok) return;
      const directory = mkdtempSync(join(tmpdir(), 'infometis-zookeeper-'));
      removeAtExit(directory);
      const objects = await renderedObjects('zookeeper', 'flink');
      settings = clientSettings(objects);
      cluster = await startCluster(directory, objects, [
        { kind: 'StatefulSet', name: 'zookeeper', pods: 3 },
        { kind: 'Deployment', name: 'flink-jobmanager', pods: 1 },
      ]);
      client = await cluster.addPod('Deployment', 'flink-jobmanager', 0, {
        directories: [{ path: '/opt/jars', source: jars.directory, readOnly: false }],
      });
      servers = await startZooKeeper(cluster, jars.directory);
    }, 60_000);
    beforeEach(() => printLogsOnFailure(() => cluster?.directory));
    afterAll(() => cluster?.stop());

    const zooKeeper = (...words: string[]): Promise<ProcessResult> =>
      client.exec([
        'java',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        ...settings,
        '-cp',
        '/opt/jars/*',
        'org.apache.zookeeper.ZooKeeperMain',
        '-server',
        servers.map((_, index) => `${host(index)}:2281`).join(','),
        '-waitforconnection',
        ...words,
      ]);
    const modes = async (): Promise<(string | undefined)[]> =>
      (await Promise.all(servers.map(modeOf))).sort();

    test('three servers form a quorum', async () => {
      expect(await modes()).toEqual(['follower', 'follower', 'leader']);
    });

    test('a client with a certificate writes and reads', async () => {
      expect(await zooKeeper('create', '/kept', 'before')).toMatchObject({ code: 0 });
      expect((await zooKeeper('get', '/kept')).stdout).toMatch(/^before$/m);
    });

    test('others get no answer', async () => {
      const ask = (words: string) => client.exec(['bash', '-c', words]);
      const plain = await ask(
        `exec 3<>/dev/tcp/${host(0)}/2281; printf ruok >&3; timeout 5 cat <&3 | tr -d '\\0'`,
      );
      expect(plain.stdout).not.toContain('imok');
      const port = await ask(`: <>/dev/tcp/${host(0)}/2181`);
      expect(port.stderr).toContain('Connection refused');
      for (const [name, number] of [
        ['clients', 2281],
        ['election', 3888],
      ] as const) {
        const hello = (certificate: string) =>
          ask(
            `sleep 1 | openssl s_client -connect ${host(1)}:${number} -CAfile /etc/tls/ca.crt ${certificate} 2>&1`,
          );
        expect({ name, said: (await hello('')).stdout }).toMatchObject({
          said: expect.stringMatching(/alert (certificate required|bad certificate)/),
        });
      }
      const known = await ask(
        `sleep 1 | openssl s_client -connect ${host(1)}:2281 -CAfile /etc/tls/ca.crt -cert /etc/tls/tls-combined.pem 2>&1`,
      );
      expect(known.stdout).toContain('Verify return code: 0 (ok)');
      expect(known.stdout).not.toMatch(/alert (certificate required|bad certificate)/);
    });

    test('the leader is killed: the others go on with everything, and it comes back', async () => {
      const roles = await Promise.all(servers.map(modeOf));
      const lost = servers[roles.indexOf('leader')]!;
      await lost.process.kill();
      await waitFor('another leader', async () => {
        const seen = await modes();
        return seen.filter((mode) => mode === 'leader').length === 1 && seen.includes('follower')
          ? done(seen)
          : notYet(seen.join(', '));
      });
      expect((await zooKeeper('get', '/kept')).stdout).toMatch(/^before$/m);
      expect(await zooKeeper('create', '/meanwhile', 'after')).toMatchObject({ code: 0 });

      lost.process = await startServer(lost.pod);
      await serving(lost);
      expect(await modes()).toEqual(['follower', 'follower', 'leader']);
    });
  },
);

const host = (index: number): string => `zookeeper-${index}.zookeeper-headless.infometis.svc.cluster.local`;

/** The options with which Flink's JVMs find ZooKeeper, for a client whose class names are not Flink's own. */
function clientSettings(objects: readonly JsonObject[]): string[] {
  const found = objects.flatMap((object) => {
    const text = (object['data'] as Readonly<Record<string, string>> | undefined)?.['tls.yaml'] ?? '';
    return /^env\.java\.opts\.all: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  });
  const options = found
    .filter((option) => option.startsWith('-Dzookeeper.'))
    .map((option) => option.replace('org.apache.flink.shaded.zookeeper3.', ''));
  if (options.length === 0) throw new Error("no env.java.opts.all in Flink's tls.yaml");
  return options;
}
