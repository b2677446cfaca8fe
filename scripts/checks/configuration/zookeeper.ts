/** The ZooKeeper servers of an environment, and who connects to them. */

import type { Container } from '../../kubernetes/pod-template.ts';
import type { Workload } from '../reference/index-objects.ts';
import { configFilesOf, imageName, mainContainers, propertiesIn } from './config-files.ts';
import { flinkClusters } from './flink.ts';
import { nifiNodes } from './nifi.ts';
import { hostPort, type Setting, type Settings, settingsOf } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import { variablesOf } from './variables.ts';

export interface ZooKeeperServer {
  readonly id: number;
  readonly host: string;
  readonly ports: readonly number[];
  readonly setting: Setting;
}

export interface ZooKeeper {
  readonly workload: Workload;
  readonly container: Container;
  readonly settings: Settings;
  readonly servers: readonly ZooKeeperServer[];
}

export const zooKeepers = oncePerEnvironment((index): readonly ZooKeeper[] =>
  index.workloads
    .filter(({ object }) => object.kind === 'StatefulSet')
    .flatMap((workload) =>
      mainContainers(workload)
        .filter((container) => imageName(container) === 'zookeeper')
        .map((container) => {
          const files = configFilesOf(index, workload).filter(({ path }) =>
            /(^|\/)zoo[\w-]*\.cfg$/.test(path),
          );
          const lines = files.flatMap(propertiesIn);
          const variable = variablesOf(index, workload, container).get('ZOO_SERVERS');
          const written = (variable?.value ?? '').split(/\s+/).flatMap((text): Setting[] => {
            const match = /^(server\.\d+)=(.+)$/.exec(text);
            return match && variable
              ? [
                  {
                    key: match[1]!,
                    value: match[2]!,
                    at: variable.at,
                    object: workload.object,
                    reader: 'env `ZOO_SERVERS`',
                  },
                ]
              : [];
          });
          const servers = [...written, ...lines].flatMap((setting): ZooKeeperServer[] => {
            const id = /^server\.(\d+)$/.exec(setting.key)?.[1];
            const [address = ''] = setting.value.split(';');
            const [host = '', ...ports] = address.split(':');
            return id === undefined
              ? []
              : [
                  {
                    id: Number(id),
                    host,
                    ports: ports.filter((port) => /^\d+$/.test(port)).map(Number),
                    setting,
                  },
                ];
          });
          return { workload, container, settings: settingsOf(lines), servers };
        }),
    ),
);

/** The number that a line of the configuration holds. */
export const portOf = ({ settings }: ZooKeeper, key: string): number | undefined => {
  const value = settings.get(key)?.value;
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
};

export interface ZooKeeperClient {
  readonly workload: Workload;
  /** `host:port,host:port/path`. */
  readonly connect: Setting;
  readonly tls: boolean;
}

/** NiFi and Flink, where they are told of a ZooKeeper. */
export const zooKeeperClients = oncePerEnvironment((index): readonly ZooKeeperClient[] => [
  ...nifiNodes(index).flatMap(({ workload, settings }): ZooKeeperClient[] => {
    const connect = settings.get('nifi.zookeeper.connect.string');
    const tls = settings.get('nifi.zookeeper.client.secure')?.value === 'true';
    return connect && connect.value !== '' ? [{ workload, connect, tls }] : [];
  }),
  ...flinkClusters(index).flatMap(({ jobManagers, settings }): ZooKeeperClient[] => {
    const connect = settings.get('high-availability.zookeeper.quorum');
    const tls = [...settings.values()].some(
      ({ key, value }) => key.startsWith('env.java.opts') && value.includes('-Dzookeeper.client.secure=true'),
    );
    return connect ? jobManagers.slice(0, 1).map(({ workload }) => ({ workload, connect, tls })) : [];
  }),
]);

/** The servers of a connect string. */
export const serversIn = ({ value }: Setting) =>
  value
    .replace(/\/.*$/, '')
    .split(',')
    .flatMap((part) => hostPort(part) ?? [])
    .filter(({ host }) => host !== '');
