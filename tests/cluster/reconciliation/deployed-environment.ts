import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAgeKey } from '../../../scripts/bootstrap/decryption.ts';
import {
  gitRepository,
  labelledFluxNamespace,
  rootKustomization,
  secretObject,
} from '../../../scripts/bootstrap/objects.ts';
import { makePlan, type Plan } from '../../../scripts/bootstrap/plan.ts';
import { componentBuilds, dependenciesOf } from '../../../scripts/cluster/components.ts';
import { fieldManager, fluxNamespace } from '../../../scripts/cluster/names.ts';
import type { Build } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../../scripts/repository/sources.ts';
import { readSecretDeclarations, type SecretDeclaration } from '../../../scripts/secrets/declaration.ts';
import { generateValue } from '../../../scripts/secrets/generate.ts';
import { at, type JsonObject, textAt } from '../../../scripts/yaml/node.ts';
import { installAddOns } from '../harness/add-ons.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { type ControlPlane, type Part, startControlPlane } from '../harness/control-plane.ts';
import { type FluxController, fluxControllers } from '../harness/flux.ts';
import { addNode, type NodeSpec } from '../harness/kwok.ts';
import { removeAtExit } from '../harness/processes.ts';
import { type Round, type StandIns, startStandIns } from '../harness/stand-ins/stand-in.ts';
import { type Watching, watch } from '../harness/watch.ts';
import { type Audit, defineAudit } from './audit.ts';
import { isReady, kustomizationKind, readyAt } from './flux-objects.ts';
import { type Copy, type ServedRepository, serveRepository } from './served-repository.ts';

export const parts: readonly Part[] = ['controller-manager', 'scheduler', 'kwok', 'flux'];

/** What a site brings along beyond what Git has, and what stands in for what cannot be had here. */
export interface Site {
  /** Makes the copy the site's own before its first commit; returns the file of the age key that decrypts its Secrets. */
  readonly prepare: (copy: Copy, scratch: string) => Promise<string>;
  /** Instead of the controllers of the add-ons, whose definitions are installed. */
  readonly standIns: readonly Round[];
}

/** An environment on a cluster of its own: what `npm run bootstrap` makes, without the person and without kubectl. */
export interface DeployedEnvironment {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly served: ServedRepository;
  readonly audit: Audit;
  readonly nodes: readonly NodeSpec[];
  /** What each Flux Kustomization builds from the first commit, the root among them; without those of other repositories. */
  readonly builds: readonly Build[];
  /** What each Flux Kustomization waits for. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** A fact of the environment. @throws where it is not stated */
  readonly fact: (key: string) => string;
  /** Every Secret that secrets.yaml declares, whoever makes it. */
  readonly secrets: readonly SecretDeclaration[];
  readonly standIns: StandIns;
  /** When each Kustomization was Ready for the first time, in ms since 1970, rounded down to a second. */
  readonly firstReady: ReadonlyMap<string, number>;
  /** When the root Kustomization was made, by `performance.now()`. */
  readonly bootstrapped: number;
  stop(): Promise<void>;
}

/**
 * Starts a control plane with the nodes that the environment declares, serves the repository and tells Flux of it. Does
 * not wait for Flux. notification-controller is not there, since its module is not to be had: no environment uses its
 * kinds, and Flux's events go nowhere.
 *
 * @throws where a part does not start or the repository has no such environment
 */
export async function deployEnvironment(
  root: string,
  name: string,
  site?: Site,
): Promise<DeployedEnvironment> {
  const directory = mkdtempSync(join(tmpdir(), 'infometis-reconciliation-'));
  const leaveIt = removeAtExit(directory);
  let plane: ControlPlane | undefined;
  let served: ServedRepository | undefined;
  let standIns: StandIns | undefined;
  let watching: Watching | undefined;
  const stop = async (): Promise<void> => {
    watching?.stop();
    await standIns?.stop();
    await plane?.stop();
    await served?.stop();
    leaveIt();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    let ageKey: string | undefined;
    served = await serveRepository(root, directory, async (copy) => {
      ageKey = await site?.prepare(copy, directory);
    });
    const sources = openSources(openDirectory(served.directory));
    const made = makePlan(renderRepository(sources, { environments: [name] }), name, []);
    if (!made.ok) throw new Error(made.error.message);
    const { plan } = made;
    const declared = readSecretDeclarations(sources, name);
    if (!declared.ok) throw new Error(declared.error.message);
    const audit = defineAudit(directory);
    plane = await startControlPlane({
      parts,
      apiServer: { parameters: audit.parameters },
      flux: { parameters: controllerParameters(plan) },
    });
    const { client } = plane;
    const fact = factsOf(sources, plan);
    const nodes = declaredNodes(fact, plan);
    await Promise.all(nodes.map((node) => addNode(client, node)));
    if (site) await installAddOns(client);
    const firstReady = new Map<string, number>();
    watching = await watch(client, kustomizationKind, ({ object }) => {
      const { name = '' } = object.metadata;
      // Reconciled again, it is not Ready for a moment, and the time in its condition is a later one.
      if (isReady(object) && !firstReady.has(name)) firstReady.set(name, readyAt(object));
    });
    await bootstrap(client, plan, served.url, ageKey);
    standIns = startStandIns(client, site?.standIns ?? []);
    const bootstrapped = performance.now();
    return {
      plane,
      client,
      served,
      audit,
      nodes,
      fact,
      builds: plan.environment.builds.filter(({ failures }) => failures.length === 0),
      dependencies: new Map(
        componentBuilds(plan.environment).map((build) => [build.component, dependenciesOf(build)]),
      ),
      secrets: declared.secrets,
      standIns,
      firstReady,
      bootstrapped,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In bootstrap's order: a namespace is made under kubectl's name, since Flux takes over what kubectl has set. */
async function bootstrap(client: Client, plan: Plan, url: string, ageKey: string | undefined): Promise<void> {
  const key = readAgeKey(ageKey, plan.secrets);
  if (!key.ok) throw new Error(key.error.message);
  const apply = (object: JsonObject) => client.apply(kubernetesObject(object), { fieldManager });
  const create = (object: JsonObject) =>
    client.create(kubernetesObject(object), { fieldManager: 'kubectl-create' });
  const steps = [
    () => apply(labelledFluxNamespace(plan.environment.name)),
    ...plan.namespaces
      .filter((namespace) => namespace.name !== fluxNamespace)
      .map(
        ({ object }) =>
          () =>
            create(object),
      ),
    ...plan.secrets.map((secret) => {
      const supplied = key.supplied.get(`${secret.namespace}/${secret.name}`);
      const values = secret.keys.map(
        (one) => [one.name, supplied?.get(one.name) ?? generateValue(one) ?? 'stand-in'] as const,
      );
      return () => create(secretObject(secret, new Map(values)));
    }),
    ...loginsOf(plan).map((name) => () => create(secretObject({ name, namespace: fluxNamespace }, login))),
    () => apply(gitRepository({ url, branch: 'main' })),
    () => apply(rootKustomization(plan.environment, plan.choice)),
  ];
  for (const step of steps) {
    const verdict = await step();
    if (!verdict.ok) throw new Error(`bootstrap: ${verdict.message}`);
  }
}

/** The Secrets with which the components' sources log in: `flux bootstrap` makes them. */
const loginsOf = ({ environment }: Plan): readonly string[] => [
  ...new Set(
    environment.objects
      .filter(({ kind, namespace }) => kind === 'GitRepository' && namespace === fluxNamespace)
      .flatMap(({ node }) => textAt(node, ['spec', 'secretRef', 'name']) ?? []),
  ),
];

/** The server on loopback lets everyone in. */
const login: ReadonlyMap<string, string> = new Map([
  ['username', 'git'],
  ['password', 'stand-in'],
]);

const kubernetesObject = (object: JsonObject): KubernetesObject => object as unknown as KubernetesObject;

const argumentsPath = '/spec/template/spec/containers/0/args/-';

/** The arguments that flux/<environment>/flux-system/ adds to the controllers' Deployments. */
export function controllerParameters(plan: Plan): Partial<Record<FluxController, readonly string[]>> {
  return Object.fromEntries(
    plan.controllerPatches.map(({ deployment, operations }) => {
      if (!(fluxControllers as readonly string[]).includes(deployment))
        throw new Error(`${deployment} is patched, and cannot be started here`);
      return [
        deployment,
        operations.map(({ op, path, value }) => {
          if (op !== 'add' || path !== argumentsPath || typeof value !== 'string')
            throw new Error(`${deployment}: ${String(op)} ${String(path)} is more than an argument`);
          return value;
        }),
      ];
    }),
  );
}

export function factsOf(sources: Sources, plan: Plan): (key: string) => string {
  const data = at(sources.yaml(plan.facts.file)?.documents[0]?.node, ['data']);
  return (key) => {
    const value = textAt(data, [key]);
    if (value === undefined) throw new Error(`${plan.facts.file} does not say ${key}`);
    return value;
  };
}

export function declaredNodes(fact: (key: string) => string, plan: Plan): NodeSpec[] {
  return Array.from({ length: plan.facts.nodeCount }, (_, index) => ({
    name: `node-${index + 1}`,
    cpu: fact('nodeCpu'),
    memory: fact('nodeMemory'),
    pods: fact('nodePods'),
    labels: { 'topology.kubernetes.io/zone': `zone-${index + 1}` },
  }));
}
