import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, type ApiServerOptions, defineApiServer } from './api-server.ts';
import type { Client } from './client.ts';
import type { Component, Place } from './component.ts';
import { defineControllerManager } from './controller-manager.ts';
import { defineEtcd, type Etcd } from './etcd.ts';
import { defineFlux, type FluxOptions, fluxControllers, installFlux } from './flux.ts';
import { defineKwok } from './kwok.ts';
import { newUser, type User, writeKubeconfig } from './pki.ts';
import { removeAtExit } from './processes.ts';
import { defineScheduler } from './scheduler.ts';
import { done, notYet, waitFor } from './wait.ts';

/** What runs beside etcd and the API server. */
export type Part = 'controller-manager' | 'scheduler' | 'kwok' | 'flux';

export interface ControlPlaneOptions {
  readonly parts?: readonly Part[];
  readonly apiServer?: Omit<ApiServerOptions, 'users'>;
  readonly controllerManager?: readonly string[];
  readonly scheduler?: readonly string[];
  readonly kwok?: readonly string[];
  readonly flux?: FluxOptions;
  /** Users to act as, besides `admin`: name and groups. */
  readonly users?: readonly { readonly name: string; readonly groups?: readonly string[] }[];
}

export interface ControlPlane {
  /** As a member of system:masters. */
  readonly client: Client;
  readonly url: string;
  /** Scratch room that goes away with the control plane. */
  readonly directory: string;
  readonly logs: string;
  readonly etcd: Etcd;
  readonly apiServer: ApiServer;
  /** Every program by its name: `kube-apiserver`, `kustomize-controller` … in the order of their start. */
  readonly components: ReadonlyMap<string, Component>;
  /** A client as one of `users`. */
  clientAs(user: string): Client;
  /** A client as a service account. */
  clientAsServiceAccount(namespace: string, name: string): Promise<Client>;
  /** The file of a kubeconfig for `admin` or one of `users`. */
  kubeconfig(user: string): string;
  /** Resident memory by component, in bytes. */
  memory(): Readonly<Record<string, number>>;
  /** The test went wrong: keep the logs and say where they are. */
  keepLogs(): void;
  /** Stops everything and removes its files, but for logs that are to be kept. Safe to call twice. */
  stop(): Promise<void>;
}

/** The programs and files that parts need: for `describeWithTools` and `whyToolsAreMissing`. */
export function programsOf(parts: readonly Part[] = []): string[] {
  const by: Readonly<Record<Part, readonly string[]>> = {
    'controller-manager': ['kube-controller-manager'],
    scheduler: ['kube-scheduler'],
    kwok: ['kwok'],
    flux: [...fluxControllers, 'flux2'],
  };
  return ['etcd', 'kube-apiserver', ...parts.flatMap((part) => by[part])];
}

/**
 * Starts a control plane on loopback and waits until all of it is ready. KEEP=1 in the environment keeps its directory.
 *
 * @throws where a part does not get ready, with the end of its log; nothing runs any more then
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'infometis-cluster-'));
  const place: Place = { directory, logs: join(directory, 'logs') };
  mkdirSync(place.logs);
  const users = (options.users ?? []).map(({ name, groups }) => newUser(name, groups));
  const parts = new Set(options.parts ?? []);
  const components = new Map<string, Component>();
  let keep = process.env['KEEP'] === '1';
  let stopped = false;
  const leaveIt = keep ? () => {} : removeAtExit(directory);

  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    // In the reverse order of their start: nobody is left waiting for an API server that is gone.
    const layers = [...components.values()].reverse();
    const base = layers.filter(({ name }) => name === 'kube-apiserver' || name === 'etcd');
    await Promise.all(layers.filter((component) => !base.includes(component)).map((one) => one.stop()));
    for (const component of base) await component.stop();
    leaveIt();
    if (keep) process.stderr.write(`the control plane's files and logs are kept in ${directory}\n`);
    else rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const etcd = await defineEtcd(place);
    const apiServer = await defineApiServer(place, etcd, { ...options.apiServer, users });
    const start = async (component: Component): Promise<void> => {
      components.set(component.name, component);
      await component.start();
    };
    await start(etcd);
    await start(apiServer);
    const client = apiServer.clientFor(apiServer.admin.token);
    await waitFor('the namespace `default`', async () =>
      (await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'default' }))
        ? done(undefined)
        : notYet('it is not there'),
    );
    await Promise.all([
      parts.has('controller-manager') &&
        start(await defineControllerManager(place, apiServer, options.controllerManager)),
      parts.has('scheduler') && start(await defineScheduler(place, apiServer, options.scheduler)),
      parts.has('kwok') && start(await defineKwok(place, apiServer, options.kwok)),
    ]);
    if (parts.has('flux')) {
      await installFlux(client);
      await Promise.all((await defineFlux(place, apiServer, options.flux)).map(start));
    }
    const userNamed = (name: string): User => {
      const user = [apiServer.admin, ...users].find((candidate) => candidate.name === name);
      if (!user) throw new Error(`the control plane was started without a user ${name}`);
      return user;
    };
    return {
      client,
      url: apiServer.url,
      directory,
      logs: place.logs,
      etcd,
      apiServer,
      components,
      clientAs: (user) => apiServer.clientFor(userNamed(user).token),
      clientAsServiceAccount: async (namespace, name) =>
        apiServer.clientFor(await client.serviceAccountToken(namespace, name)),
      kubeconfig: (user) =>
        writeKubeconfig(join(directory, `${encodeURIComponent(user)}.user.kubeconfig`), {
          server: apiServer.url,
          caFile: apiServer.caFile,
          token: userNamed(user).token,
        }),
      memory: () =>
        Object.fromEntries(
          [...components].map(([name, component]) => [name, component.process()?.memory() ?? 0]),
        ),
      keepLogs: () => {
        keep = true;
      },
      stop,
    };
  } catch (error) {
    keep = true;
    await stop();
    throw error;
  }
}
