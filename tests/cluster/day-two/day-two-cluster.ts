import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePlan } from '../../../scripts/bootstrap/plan.ts';
import { ownFlux } from '../../../scripts/cluster/names.ts';
import type { Outcome, Surroundings } from '../../../scripts/cluster/surroundings.ts';
import type { Repository } from '../../../scripts/render/environment.ts';
import { findRealKustomize, pinnedKustomize } from '../../../scripts/render/real-kustomize.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { edit } from '../../faults/overlay-files.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { addNode } from '../harness/kwok.ts';
import { removeAtExit } from '../harness/processes.ts';
import {
  controllerParameters,
  declaredNodes,
  factsOf,
  parts,
} from '../reconciliation/deployed-environment.ts';
import { type ServedRepository, serveRepository } from '../reconciliation/served-repository.ts';

/** What a command has said and how it ended. */
export interface Ran {
  readonly code: number | undefined;
  readonly error: string;
  readonly text: string;
}

export interface RunOptions {
  /** Called with everything that was written so far; may abort. */
  readonly onWrite?: (text: string, abort: () => void) => void;
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** A cluster with nothing in it but Flux's controllers, and a person with a clone, kubectl and the node's directories. */
export interface DayTwoCluster {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly served: ServedRepository;
  /** The directory that stands in for /tmp of the node. */
  readonly nodeDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The clone as it stands now. */
  repository(): Repository;
  run(
    command: (repository: Repository, surroundings: Surroundings) => Promise<Outcome>,
    options?: RunOptions,
  ): Promise<Ran>;
  /** Flux's Deployments as the cluster shows them; the controllers themselves are processes of the harness. */
  showController(name: string, runs: boolean): Promise<void>;
  /** Makes Flux look as if bootstrap had installed it. */
  claimFlux(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws where a part does not start */
export async function startDayTwoCluster(root: string): Promise<DayTwoCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'infometis-day-two-'));
  const leaveIt = removeAtExit(directory);
  // Of the tests alone: the volumes of a real prototype on this machine must be safe from them.
  const nodeDirectory = join(directory, 'node');
  mkdirSync(nodeDirectory);
  let plane: ControlPlane | undefined;
  let served: ServedRepository | undefined;
  const stop = async (): Promise<void> => {
    await plane?.stop();
    await served?.stop();
    leaveIt();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    served = await serveRepository(root, directory, async (copy) =>
      moveVolumes(copy.directory, nodeDirectory),
    );
    const clone = served.directory;
    const rendered = new Map<string, Repository>();
    // The clone changes by commits alone.
    const repository = (): Repository => {
      const commit = execFileSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' });
      const known = rendered.get(commit);
      if (known) return known;
      const opened = renderRepository(openSources(openDirectory(clone)), {
        environments: ['prototype', 'small-production'],
      });
      rendered.set(commit, opened);
      return opened;
    };
    const opened = repository();
    const made = makePlan(opened, 'prototype', []);
    if (!made.ok) throw new Error(made.error.message);
    plane = await startControlPlane({ parts, flux: { parameters: controllerParameters(made.plan) } });
    const { client } = plane;
    const [node] = declaredNodes(factsOf(opened.sources, made.plan), made.plan);
    if (node === undefined) throw new Error('the prototype declares no node');
    await addNode(client, node);
    await beTheNode(client, node.name);
    const environment = { ...withKubectl(directory, opened), KUBECONFIG: plane.kubeconfig('admin') };
    const showController = (name: string, runs: boolean): Promise<void> =>
      applyController(client, name, runs ? 1 : 0);
    for (const name of ['source-controller', 'kustomize-controller']) await showController(name, true);
    return {
      plane,
      client,
      served,
      nodeDirectory,
      environment,
      repository,
      showController,
      run: (command, options) => runCommand(clone, environment, repository, command, options),
      claimFlux: () => claimFlux(client),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The clone's volumes lie below `to` instead of /tmp, and the policy that says where they may lie knows it. */
function moveVolumes(clone: string, to: string): void {
  const change = (path: string, from: string, into: string): void => {
    const file = join(clone, path);
    const before = readFileSync(file, 'utf8');
    const one = edit(path, (text) => text.replaceAll(from, into));
    if (!('edit' in one)) throw new Error('an edit is expected');
    const after = one.edit(before);
    if (after === before) throw new Error(`${path} has no ${from}`);
    writeFileSync(file, after);
  };
  const sources = openSources(openDirectory(clone));
  const [prototype] = renderRepository(sources, { environments: ['prototype'] }).environments;
  const files = new Set(
    prototype?.objects.filter(({ kind }) => kind === 'PersistentVolume').map(({ node }) => node.origin.file),
  );
  if (files.size < 10) throw new Error(`only ${files.size} volumes were found`);
  for (const path of files) change(path, 'path: /tmp/', `path: ${to}/`);
  change('overlays/prototype/policies/volume-path.yaml', "'^/tmp/", `'^${to}/`);
}

/** The simulated node says that it is this very machine. */
async function beTheNode(client: Client, name: string): Promise<void> {
  const read = (file: string): string => readFileSync(file, 'utf8').trim();
  const verdict = await client.mergePatch(
    { apiVersion: 'v1', kind: 'Node', name },
    {
      status: {
        nodeInfo: {
          bootID: read('/proc/sys/kernel/random/boot_id'),
          machineID: read('/etc/machine-id'),
        },
      },
    },
    { subresource: 'status' },
  );
  if (!verdict.ok) throw new Error(`Node ${name}: ${verdict.message}`);
}

/** PATH has the kubectl that the repository ships, and what a shell needs; no Flux CLI. */
function withKubectl(directory: string, { sources }: Repository): NodeJS.ProcessEnv {
  const version = pinnedKustomize(sources);
  const found = findRealKustomize({ version: version ?? '' });
  if (!found.ok) throw new Error(found.message);
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  symlinkSync(found.program.path, join(bin, 'kubectl'));
  chmodSync(bin, 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, HOME: directory, NO_PROXY: '*' };
}

async function applyController(client: Client, name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  const object: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system', labels: { 'app.kubernetes.io/part-of': 'flux' } },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'manager', image: `ghcr.io/fluxcd/${name}:v0`, args: ['--none'] }] },
      },
    },
  };
  const verdict = await client.apply(object, { fieldManager: `stand-in-${replicas}` });
  if (!verdict.ok) throw new Error(verdict.message);
}

/** What `flux install` puts on its definitions, and bootstrap on the namespace. */
async function claimFlux(client: Client): Promise<void> {
  const definitions = await client.list({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
  });
  const part = { metadata: { labels: { 'app.kubernetes.io/part-of': 'flux' } } };
  for (const { apiVersion, kind, metadata } of definitions)
    if (metadata.name?.endsWith('.toolkit.fluxcd.io'))
      await client.mergePatch({ apiVersion, kind, name: metadata.name }, part);
  const noted = await client.mergePatch(
    { apiVersion: 'v1', kind: 'Namespace', name: 'flux-system' },
    { metadata: { annotations: { [ownFlux.name]: ownFlux.value } } },
  );
  if (!noted.ok) throw new Error(noted.message);
}

async function runCommand(
  clone: string,
  environment: NodeJS.ProcessEnv,
  repository: () => Repository,
  command: (repository: Repository, surroundings: Surroundings) => Promise<Outcome>,
  { onWrite, confirm }: RunOptions = {},
): Promise<Ran> {
  let text = '';
  const interruption = new AbortController();
  const outcome = await command(repository(), {
    root: clone,
    environment,
    write: (words) => {
      text += words;
      onWrite?.(text, () => interruption.abort());
    },
    step: () => {},
    confirm,
    signal: interruption.signal,
    pollMs: 300,
  });
  return outcome.ok
    ? { code: outcome.code, error: '', text }
    : { code: undefined, error: `${outcome.error.message}\n${outcome.error.fix ?? ''}`, text };
}
