import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentBuilds, dependenciesOf } from '../../../scripts/bootstrap/choice.ts';
import {
  fieldManager,
  gitRepository,
  labelledFluxNamespace,
  rootKustomization,
  secretObject,
} from '../../../scripts/bootstrap/objects.ts';
import { makePlan, type Plan } from '../../../scripts/bootstrap/plan.ts';
import type { Build } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../../scripts/repository/sources.ts';
import { generateValue } from '../../../scripts/secrets/generate.ts';
import { at, type JsonObject, textAt } from '../../../scripts/yaml/node.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { type ControlPlane, type Part, startControlPlane } from '../harness/control-plane.ts';
import { type FluxController, fluxControllers } from '../harness/flux.ts';
import { addNode, type NodeSpec } from '../harness/kwok.ts';
import { removeAtExit } from '../harness/processes.ts';
import { type Audit, defineAudit } from './audit.ts';
import { type ServedRepository, serveRepository } from './served-repository.ts';

export const parts: readonly Part[] = ['controller-manager', 'scheduler', 'kwok', 'flux'];

/** An environment on a cluster of its own: what `npm run bootstrap` makes, without the person and without kubectl. */
export interface DeployedEnvironment {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly served: ServedRepository;
  readonly audit: Audit;
  readonly nodes: readonly NodeSpec[];
  /** What each Flux Kustomization builds from the first commit, the root among them. */
  readonly builds: readonly Build[];
  /** What each Flux Kustomization waits for. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
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
export async function deployEnvironment(root: string, name: string): Promise<DeployedEnvironment> {
  const directory = mkdtempSync(join(tmpdir(), 'infometis-reconciliation-'));
  const leaveIt = removeAtExit(directory);
  let plane: ControlPlane | undefined;
  let served: ServedRepository | undefined;
  const stop = async (): Promise<void> => {
    await plane?.stop();
    await served?.stop();
    leaveIt();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    served = await serveRepository(root, directory);
    const sources = openSources(openDirectory(served.directory));
    const made = makePlan(renderRepository(sources, { environments: [name] }), name, []);
    if (!made.ok) throw new Error(made.error.message);
    const { plan } = made;
    const audit = defineAudit(directory);
    plane = await startControlPlane({
      parts,
      apiServer: { parameters: audit.parameters },
      flux: { parameters: controllerParameters(plan) },
    });
    const { client } = plane;
    const nodes = declaredNodes(sources, plan);
    await Promise.all(nodes.map((node) => addNode(client, node)));
    await bootstrap(client, plan, served.url);
    const bootstrapped = performance.now();
    return {
      plane,
      client,
      served,
      audit,
      nodes,
      builds: plan.environment.builds,
      dependencies: new Map(
        componentBuilds(plan.environment).map((build) => [build.component, dependenciesOf(build)]),
      ),
      bootstrapped,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In bootstrap's order: a namespace is made under kubectl's name, since Flux takes over what kubectl has set. */
async function bootstrap(client: Client, plan: Plan, url: string): Promise<void> {
  const apply = (object: JsonObject) => client.apply(kubernetesObject(object), { fieldManager });
  const create = (object: JsonObject) =>
    client.create(kubernetesObject(object), { fieldManager: 'kubectl-create' });
  const steps = [
    () => apply(labelledFluxNamespace(plan.environment.name)),
    ...plan.namespaces.map(
      ({ object }) =>
        () =>
          create(object),
    ),
    ...plan.secrets.map(
      (secret) => () =>
        create(secretObject(secret, new Map(secret.keys.map((key) => [key.name, generateValue(key)])))),
    ),
    () => apply(gitRepository({ url, branch: 'main' })),
    () => apply(rootKustomization(plan.environment, plan.choice)),
  ];
  for (const step of steps) {
    const verdict = await step();
    if (!verdict.ok) throw new Error(`bootstrap: ${verdict.message}`);
  }
}

const kubernetesObject = (object: JsonObject): KubernetesObject => object as unknown as KubernetesObject;

const argumentsPath = '/spec/template/spec/containers/0/args/-';

/** The arguments that flux/<environment>/flux-system/ adds to the controllers' Deployments. */
function controllerParameters(plan: Plan): Partial<Record<FluxController, readonly string[]>> {
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

function declaredNodes(sources: Sources, plan: Plan): NodeSpec[] {
  const data = at(sources.yaml(plan.facts.file)?.documents[0]?.node, ['data']);
  const fact = (key: string): string => {
    const value = textAt(data, [key]);
    if (value === undefined) throw new Error(`${plan.facts.file} does not say ${key}`);
    return value;
  };
  return Array.from({ length: plan.facts.nodeCount }, (_, index) => ({
    name: `node-${index + 1}`,
    cpu: fact('nodeCpu'),
    memory: fact('nodeMemory'),
    pods: fact('nodePods'),
  }));
}
