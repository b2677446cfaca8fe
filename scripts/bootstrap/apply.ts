import type { UsageError } from '../cli/exit.ts';
import { parseJson } from '../cluster/json.ts';
import { type Kubectl, lastLine } from '../cluster/kubectl.ts';
import { fieldManager, fluxNamespace } from '../cluster/names.ts';
import { runProcess, showCommand } from '../cluster/process.ts';
import type { Surroundings } from '../cluster/surroundings.ts';
import type { JsonObject } from '../yaml/node.ts';
import type { ClusterState } from './cluster.ts';
import { missingOperations } from './controllers.ts';
import type { Supplied } from './decryption.ts';
import type { Method } from './flux.ts';
import { gitRepository, labelledFluxNamespace, rootKustomization, type Source } from './objects.ts';
import type { Plan } from './plan.ts';
import { makeSecret, type SecretWork } from './secrets.ts';

/** What was decided before the person agreed. */
export interface Work {
  readonly method: Method;
  readonly commands: readonly (readonly string[])[];
  readonly source: Source;
  readonly state: ClusterState;
  readonly work: readonly SecretWork[];
  readonly supplied: Supplied;
}

/** Namespaces, Secrets, Flux, source and root Kustomization, in this order: pods need the Secrets when they start. */
export async function apply(
  plan: Plan,
  { method, commands, source, state, work, supplied }: Work,
  kubectl: Kubectl,
  { write, step, environment, signal }: Surroundings,
): Promise<UsageError | undefined> {
  const done = (text: string): void => write(`✔ ${text}\n`);
  const again = 'Mend the cause, then run the same command again: what is done is not done twice.';
  // Under a name of its own, so that these fields survive when Flux applies the same objects.
  const applyObjects = async (
    what: string,
    objects: readonly JsonObject[],
  ): Promise<UsageError | undefined> => {
    const result = await kubectl.run(
      ['apply', '--server-side', '--force-conflicts', `--field-manager=${fieldManager}`, '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    );
    if (result.code !== 0) return { message: `${what}: ${lastLine(result.stderr)}`, fix: again };
    done(what);
    return undefined;
  };

  step('Making namespaces …');
  const labelled = await applyObjects(`Namespace ${fluxNamespace}, labelled as ${plan.environment.name}`, [
    labelledFluxNamespace(plan.environment.name, state.ownFlux || !state.fluxInstalled),
  ]);
  if (labelled) return labelled;
  for (const { name, object } of plan.namespaces) {
    if (name === fluxNamespace || state.namespaces.has(name)) continue;
    // Created, not applied: Flux takes its fields over, and could not take away what another manager still holds.
    const created = await kubectl.run(['create', '--filename=-'], JSON.stringify(object));
    if (created.code !== 0) return { message: `Namespace ${name}: ${lastLine(created.stderr)}`, fix: again };
    done(`Namespace ${name}`);
  }
  for (const item of work) {
    step(`Making Secret ${item.secret.name} …`);
    const failed = await makeSecret(kubectl, item, supplied);
    if (failed) return failed;
    const { namespace, name } = item.secret;
    done(
      `Secret ${namespace}/${name}${item.action === 'keep' ? ', as it was' : `: ${item.missing.join(', ')}`}`,
    );
  }

  step('');
  for (const command of commands) {
    write(`Running ${showCommand(command)}\n`);
    const ran = await runProcess(command, { environment, signal, interactive: true });
    if (ran.code !== 0)
      return {
        message: `${command.slice(0, 2).join(' ')} failed with exit code ${ran.code}; its own message stands above`,
        fix: method === 'bootstrap' ? `${again} If you may not push to ${source.url}: --read-only.` : again,
      };
  }
  if (method === 'bootstrap') {
    // An earlier run may have left components out.
    if (!state.rootHasPatches) return undefined;
    return applyObjects('Root Kustomization without a choice of components', [
      rootKustomization(plan.environment, plan.choice),
    ]);
  }
  const patched = await patchControllers(plan, kubectl, done, again);
  if (patched) return patched;
  return applyObjects(`Source and root Kustomization ${fluxNamespace}`, [
    gitRepository(source),
    rootKustomization(plan.environment, plan.choice),
  ]);
}

async function patchControllers(
  plan: Plan,
  kubectl: Kubectl,
  done: (text: string) => void,
  again: string,
): Promise<UsageError | undefined> {
  for (const patch of plan.controllerPatches) {
    const { deployment } = patch;
    const read = await kubectl.run([
      'get',
      'deployment',
      deployment,
      '--namespace',
      fluxNamespace,
      '--output=json',
      '--ignore-not-found',
    ]);
    if (read.code !== 0) return { message: `Deployment ${deployment}: ${lastLine(read.stderr)}`, fix: again };
    const object = parseJson(read.stdout);
    // Not every installation has every controller.
    if (object === undefined) continue;
    const operations = missingOperations(patch, object);
    if (operations.length === 0) continue;
    const result = await kubectl.run([
      'patch',
      'deployment',
      deployment,
      '--namespace',
      fluxNamespace,
      '--type=json',
      `--field-manager=${fieldManager}`,
      `--patch=${JSON.stringify(operations)}`,
    ]);
    if (result.code !== 0)
      return { message: `Deployment ${deployment}: ${lastLine(result.stderr)}`, fix: again };
    done(`Settings of ${deployment}`);
  }
  return undefined;
}
