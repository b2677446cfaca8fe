import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logTail, type RunningProcess } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import type { Cluster, Pod } from '../harness/pods.ts';

const image = join(import.meta.dirname, 'image');

export interface Server {
  readonly pod: Pod;
  process: RunningProcess;
}

/** What the test changes of the servers, beside what all pods of these tests have: see ../README.md. */
const environment = { ZK_SERVER_HEAP: '128' } as const;

// The jar of this provider is on no registry at hand.
const withoutMetrics = (settings: string): string => settings.replace(/^metricsProvider\..*$/gm, '');

/**
 * The rendered servers, started from empty volumes; ready when each is part of the quorum.
 *
 * @param jars a directory with ZooKeeper's
 */
export async function startZooKeeper(cluster: Cluster, jars: string): Promise<readonly Server[]> {
  const { replicas = 1 } = cluster.workload('StatefulSet', 'zookeeper').spec;
  const servers = await Promise.all(
    Array.from({ length: replicas }, async (_, ordinal): Promise<Server> => {
      const pod = await cluster.addPod('StatefulSet', 'zookeeper', ordinal, {
        image,
        environment,
        directories: [{ path: '/opt/jars', source: jars, readOnly: false }],
      });
      await pod.initialise();
      const settings = join(pod.volume('conf'), 'zoo.cfg');
      writeFileSync(settings, withoutMetrics(readFileSync(settings, 'utf8')));
      return { pod, process: await startServer(pod) };
    }),
  );
  await Promise.all(servers.map(serving));
  return servers;
}

export const startServer = (pod: Pod): Promise<RunningProcess> => pod.start(['zookeeper']);

/** Waits for the readiness probe. */
export const serving = ({ pod, process }: Server): Promise<unknown> =>
  waitFor(
    `the readiness probe of ${pod.name}`,
    async () => {
      const { code, stdout, stderr } = await pod.probe('readinessProbe');
      return code === 0 ? done(code) : notYet(`${code}: ${stdout}${stderr}`);
    },
    { giveUp: () => process.exit() && `it has ended:\n${logTail(process.logFile)}` },
  );

/** leader or follower, as the server itself says; undefined where it does not serve. */
export async function modeOf({ pod }: Server): Promise<string | undefined> {
  const { stdout } = await pod.exec(['nc', '-w', '3', '127.0.0.1', '2181'], { input: 'srvr' });
  return /^Mode: (\w+)$/m.exec(stdout)?.[1];
}
