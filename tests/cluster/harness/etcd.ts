import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../../scripts/tools/find.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import { httpStatus } from './http.ts';
import { freePort } from './ports.ts';
import { done, notYet } from './wait.ts';

export interface Etcd extends Component {
  readonly url: string;
  /** Saves the running etcd's data to a file. */
  snapshot(file: string): void;
  /** Puts the data of a snapshot in place of its own. It must be stopped, and so must the API server, whose caches are of the data before. */
  restore(file: string): void;
}

/** One etcd member on loopback. It does not sync its files: after a crash of the machine nobody wants them. */
export async function defineEtcd(place: Place): Promise<Etcd> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const data = join(place.directory, 'etcd');
  const component = defineComponent(place, {
    name: 'etcd',
    program: 'etcd',
    parameters: () => [
      `--data-dir=${data}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    ready: async () => {
      const status = await httpStatus(`${url}/health`);
      return status === 200 ? done(undefined) : notYet(`/health answers ${status}`);
    },
  });
  return {
    ...component,
    url,
    snapshot: (file) => run('etcdctl', [`--endpoints=${url}`, 'snapshot', 'save', file]),
    restore(file) {
      rmSync(data, { recursive: true, force: true });
      run('etcdutl', [
        'snapshot',
        'restore',
        file,
        `--data-dir=${data}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=default=${peerUrl}`,
        // Watchers' revisions must not go back in time: the API server's clients would miss changes.
        '--bump-revision=1000000',
        '--mark-compacted',
      ]);
    },
  };
}

function run(program: string, parameters: readonly string[]): void {
  const found = findTool(program);
  if (!found.ok) throw new Error(found.reason);
  const { status, stderr, error } = spawnSync(found.path, parameters, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error?.message ?? stderr}`);
}
