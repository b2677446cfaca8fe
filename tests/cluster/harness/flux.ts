import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findFiles } from '../../../scripts/tools/find.ts';
import type { ApiServer } from './api-server.ts';
import type { Client, KubernetesObject } from './client.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import { conditionOf } from './condition.ts';
import { httpStatus } from './http.ts';
import { writeKubeconfig } from './pki.ts';
import { freePort } from './ports.ts';
import { done, notYet, waitFor } from './wait.ts';

export const fluxNamespace = 'flux-system';

export const fluxControllers = ['source-controller', 'kustomize-controller', 'helm-controller'] as const;

/** The controllers that can be built; there is no module of notification-controller to be had. */
export type FluxController = (typeof fluxControllers)[number];

export interface FluxOptions {
  /** Arguments beyond those of `flux install`, by controller; a later one of the same name holds. */
  readonly parameters?: Partial<Readonly<Record<FluxController, readonly string[]>>>;
}

/**
 * Flux's controllers as `flux install` sets them up: its definitions and its RBAC, each under its own service account.
 * They cannot be told apart from controllers in pods, but for leader election, which a single one does not need.
 */
export async function defineFlux(
  place: Place,
  apiServer: ApiServer,
  options: FluxOptions = {},
): Promise<readonly Component[]> {
  const sourcePort = await freePort();
  return Promise.all(
    fluxControllers.map(async (name) => {
      const healthPort = await freePort();
      const kubeconfig = join(place.directory, `${name}.kubeconfig`);
      const storage = join(place.directory, name);
      mkdirSync(storage, { recursive: true });
      const component = defineComponent(place, {
        name,
        program: name,
        environment: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: fluxNamespace, TMPDIR: storage },
        parameters: () => [
          '--watch-all-namespaces=true',
          '--log-level=info',
          '--log-encoding=json',
          '--enable-leader-election=false',
          '--events-addr=',
          '--metrics-addr=127.0.0.1:0',
          `--health-addr=127.0.0.1:${healthPort}`,
          ...(name === 'source-controller'
            ? [
                `--storage-path=${storage}`,
                `--storage-addr=127.0.0.1:${sourcePort}`,
                `--storage-adv-addr=127.0.0.1:${sourcePort}`,
              ]
            : []),
          ...(options.parameters?.[name] ?? []),
        ],
        ready: async () => {
          const status = await httpStatus(`http://127.0.0.1:${healthPort}/readyz`);
          return status === 200 ? done(undefined) : notYet(`/readyz answers ${status}`);
        },
      });
      return {
        ...component,
        async start() {
          const client = apiServer.clientFor(apiServer.admin.token);
          writeKubeconfig(kubeconfig, {
            server: apiServer.url,
            caFile: apiServer.caFile,
            token: await client.serviceAccountToken(fluxNamespace, name),
          });
          await component.start();
        },
      };
    }),
  );
}

/** Applies Flux's namespace, definitions, service accounts and RBAC, and waits until the definitions are served. */
export async function installFlux(client: Client): Promise<void> {
  await applyAll(client, [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: fluxNamespace, labels: { 'app.kubernetes.io/part-of': 'flux' } },
    },
  ]);
  for (const name of fluxControllers) await installDefinitions(client, filesOf(name));
  const rbac = readObjects(join(filesOf('flux2'), 'controller.yaml')).concat(
    readObjects(join(filesOf('flux2'), 'reconciler.yaml')),
  );
  await applyAll(client, [
    ...fluxControllers.map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: fluxNamespace },
    })),
    ...rbac,
  ]);
}

/** Applies every CustomResourceDefinition of the wanted files below a directory and waits until they are served. */
export async function installDefinitions(
  client: Client,
  directory: string,
  wanted: (file: string) => boolean = (file) => /\.ya?ml$/.test(file),
): Promise<void> {
  const objects = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(wanted)
    .sort()
    .flatMap((file) => readObjects(join(directory, file)))
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
  await applyAll(client, objects);
  for (const { apiVersion, kind, metadata } of objects)
    await waitFor(`the definition ${metadata.name} to be served`, async () => {
      const seen = await client.get({ apiVersion, kind, name: metadata.name ?? '' });
      const established = conditionOf(seen, 'Established');
      if (established?.status !== 'True') return notYet(`Established: ${established?.message ?? 'not yet'}`);
      const { group, names, versions } = seen!['spec'] as {
        group: string;
        names: { kind: string };
        versions: { name: string; served: boolean }[];
      };
      const version = versions.find(({ served }) => served)?.name ?? '';
      const served = await client.resource({ apiVersion: `${group}/${version}`, kind: names.kind });
      return served ? done(undefined) : notYet('the API server does not offer it');
    });
}

/** Server-side apply of objects in their order. @throws at the first that is refused */
export async function applyAll(client: Client, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    const applied = await client.apply(object, { fieldManager: 'harness' });
    if (!applied.ok) throw new Error(`${object.kind} ${object.metadata.name}: ${applied.message}`);
  }
}

export const readObjects = (file: string): KubernetesObject[] =>
  parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object): object is KubernetesObject => object !== null);

/** What the build of a tool kept of its module. @throws where it is not built */
export function filesOf(name: string): string {
  const files = findFiles(name);
  if (files === undefined) throw new Error(`the files of ${name} are not there: run \`npm run tools:build\``);
  return files;
}
