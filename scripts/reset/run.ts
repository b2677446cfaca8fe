import { setTimeout as sleep } from 'node:timers/promises';
import { block } from '../bootstrap/describe.ts';
import { exitCode, type UsageError } from '../cli/exit.ts';
import { componentBuilds, dependenciesOf, findEnvironment } from '../cluster/components.ts';
import { conditionOf } from '../cluster/condition.ts';
import { declined, describeCluster } from '../cluster/consent.ts';
import { readIdentity, refusal } from '../cluster/identity.ts';
import { field, parseJson, textField } from '../cluster/json.ts';
import { connect, type Kubectl } from '../cluster/kubectl.ts';
import { fluxDefinitions, fluxNamespace } from '../cluster/names.ts';
import {
  describeAccess,
  findNode,
  type NodeAccess,
  nobodyForTheNode,
  removalCommand,
  removeDirectories,
} from '../cluster/node.ts';
import { describeReference, existing, type Reference, remove } from '../cluster/removal.ts';
import {
  kustomizationOf,
  patch,
  removeAndWait,
  removeVolumes,
  type Trouble,
  type Work,
} from '../cluster/steps.ts';
import { type Outcome, type Surroundings, stopped } from '../cluster/surroundings.ts';
import { describeProgress, waitForFlux } from '../cluster/wait.ts';
import type { Repository } from '../render/environment.ts';
import type { JsonObject } from '../yaml/node.ts';
import { lossOf } from './losses.ts';
import { planReset, type ResetPlan } from './plan.ts';

export interface ResetOptions {
  readonly environment: string;
  readonly component: string;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** A command that runs another one on the node: `ssh root@node`. */
  readonly nodeShell?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** For each thing that is waited for. */
  readonly timeoutMs: number;
}

/** On a Kustomization: reset has suspended it, so reset may resume it. What a person has suspended stays so. */
const suspendedBy = 'infometis.io/suspended-by';
const byReset = 'reset';

/**
 * Empties one store: its workloads, claims, volumes and directories go, and Flux makes them again. Its Flux Kustomization is
 * suspended meanwhile, and resumed whatever happens; after a `kill -9` by the next run.
 */
export async function reset(
  repository: Repository,
  options: ResetOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { write, step, signal } = surroundings;
  const found = findEnvironment(repository, options.environment);
  if (!found.ok) return found;
  const planned = planReset(repository.sources, found.environment, options.component);
  if (!planned.ok) return planned;
  const { plan } = planned;
  const { environment, component } = plan;
  const unchanged = (): Outcome => stopped(surroundings, 'Nothing was changed.');

  step('Looking at the cluster …');
  const connected = await connect({ ...options, environment: surroundings.environment, signal });
  if (signal.aborted) return unchanged();
  if (!connected.ok) return connected;
  const { kubectl } = connected;
  write(`Environment   ${environment.name}\n${describeCluster(kubectl).join('\n')}\n\n`);
  const identified = await readIdentity(kubectl);
  if (signal.aborted) return unchanged();
  if (!identified.ok) return identified;
  const refused = refusal(identified.identity, environment.name, environment.path);
  if (refused) return { ok: false, error: refused };
  const looked = await lookForComponent(kubectl, plan);
  if (signal.aborted) return unchanged();
  if (!looked.ok) return looked;
  const node = await findNode(kubectl, options.nodeShell);
  if (signal.aborted) return unchanged();
  if (!node.ok) return node;
  const { access } = node;
  write(describeReset(plan, looked.workloads, access));
  if (options.dryRun) {
    write('Dry run: nothing was changed.\n');
    return { ok: true, code: exitCode.good };
  }
  const directories = plan.volumes.map(({ directory }) => directory);
  const nobody = nobodyForTheNode(access, directories, surroundings);
  if (nobody) return { ok: false, error: nobody };
  const no = await declined(`Reset ${component}`, options, surroundings, kubectl);
  if (no) return no;

  const work: Work = {
    kubectl,
    surroundings,
    timeoutMs: options.timeoutMs,
    done: (text) => write(`✔ ${text}\n`),
  };
  let trouble: Trouble;
  try {
    trouble = await empty(work, plan, access);
  } finally {
    const resumed = await resume(kubectl, component);
    if (resumed) write(`${resumed}\n`);
    else work.done(`Flux deploys ${component} again`);
  }
  step('');
  if (trouble === 'interrupted')
    return stopped(
      surroundings,
      'What was deleted is gone; Flux makes it again. Run the same command again for the rest.',
    );
  if (trouble) return { ok: false, error: trouble };

  const build = componentBuilds(environment).find((candidate) => candidate.component === component);
  const waited = await waitForFlux(kubectl, {
    expected: new Map([[component, build ? dependenciesOf(build) : []]]),
    timeoutMs: options.timeoutMs,
    pollMs: surroundings.pollMs,
    signal,
    line: (text) => write(`${text}\n`),
    step,
  });
  if (waited.outcome === 'interrupted')
    return stopped(surroundings, `${component} is emptied; Flux goes on making it again.`);
  if (waited.outcome === 'timeout') {
    write(
      block([
        `${component} is emptied, but not ready in time; Flux goes on trying.`,
        ...describeProgress(waited.progress.filter(({ state }) => state !== 'ready')).map(
          (line) => `  ${line}`,
        ),
        `Why: npm run status -- ${environment.name}`,
      ]),
    );
    return { ok: true, code: exitCode.findings };
  }
  const { afterwards } = lossOf(component);
  write(`${component} is empty and ready.${afterwards === undefined ? '' : `\n${afterwards}`}\n`);
  return { ok: true, code: exitCode.good };
}

type Looked =
  | { readonly ok: true; readonly workloads: readonly Reference[] }
  | { readonly ok: false; readonly error: UsageError };

async function lookForComponent(
  kubectl: Kubectl,
  { component, workloads, environment }: ResetPlan,
): Promise<Looked> {
  const read = await kubectl.run([
    'get',
    fluxDefinitions.root,
    component,
    '--namespace',
    fluxNamespace,
    '--ignore-not-found',
    '--output=json',
  ]);
  const kustomization = parseJson(read.stdout);
  if (read.code !== 0 || kustomization === undefined)
    return {
      ok: false,
      error: {
        message: `Flux does not deploy ${component} to this cluster`,
        fix: `See what it deploys: npm run status -- ${environment.name}.`,
      },
    };
  if (
    field(kustomization, 'spec', 'suspend') === true &&
    textField(kustomization, 'metadata', 'annotations', suspendedBy) !== byReset
  )
    return {
      ok: false,
      error: {
        message: `somebody has suspended ${component}, so Flux would not make it again`,
        fix: `Ask who, then: flux resume kustomization ${component}.`,
      },
    };
  const present = await existing(kubectl, workloads);
  return present.ok ? { ok: true, workloads: present.left } : present;
}

function describeReset(plan: ResetPlan, workloads: readonly Reference[], access: NodeAccess): string {
  const { component, volumes, secrets } = plan;
  const { data } = lossOf(component);
  const width = Math.max(...volumes.map(({ directory }) => directory.length));
  return block([
    `Lost for good  ${data}`,
    ...volumes.map(
      ({ directory, size, claim, name }) =>
        `               ${directory.padEnd(width)}  ${size.padStart(5)}  ${claim.namespace}/${claim.name}, volume ${name}`,
    ),
    `               The directories are removed ${describeAccess(access)}.`,
    `Stops          ${workloads.map(describeReference).join(', ') || 'nothing: no workload of it is there'}`,
    'Comes back     all of it, from Git, with empty volumes',
    ...(secrets.length > 0 ? [`Stays          the Secrets ${secrets.join(', ')}`] : []),
  ]);
}

async function empty(work: Work, plan: ResetPlan, access: NodeAccess): Promise<Trouble> {
  const { kubectl, surroundings, done } = work;
  const suspended = await patch(kubectl, [kustomizationOf(plan.component)], {
    metadata: { annotations: { [suspendedBy]: byReset } },
    spec: { suspend: true },
  });
  if (surroundings.signal.aborted) return 'interrupted';
  if (suspended) return suspended;
  const settled = await untilSettled(work, plan.component);
  if (settled) return settled;
  done(`Flux leaves ${plan.component} alone`);
  surroundings.step('Stopping …');
  const trouble = await removeAndWait(
    work,
    plan.workloads,
    'Their pods do not end (`kubectl describe pod`): the node does not answer, or the process hangs.',
    'foreground',
  );
  if (trouble) return trouble;
  done(`stopped: ${plan.workloads.map(describeReference).join(', ')}`);
  const volumes = await removeVolumes(
    work,
    plan.volumes.map(({ claim }) => ({ kind: 'persistentvolumeclaims', ...claim })),
    plan.volumes.map(({ name }) => name),
    // What Flux was about to apply when it was told to stop may come after all.
    () => remove(kubectl, plan.workloads, 'foreground'),
  );
  if (volumes) return volumes;
  surroundings.step('Removing directories …');
  const { removed, left } = await removeDirectories(
    access,
    plan.volumes.map(({ directory }) => directory),
    surroundings,
  );
  if (removed.length > 0) done(`directories: ${removed.join(', ')}`);
  if (surroundings.signal.aborted) return 'interrupted';
  if (left.length === 0) return undefined;
  return {
    message: `these directories are still there, so ${plan.component} starts with its old data again:\n  ${left
      .map(({ directory, why }) => `${directory}: ${why}`)
      .join('\n  ')}`,
    fix: `Run this again as root on the node, or with --node-shell sudo. By hand, while ${plan.component} is stopped: ${removalCommand(left.map(({ directory }) => directory))}.`,
  };
}

/** How long an apply takes that was under way; the health check after it ends at once when the Kustomization changes. */
const settleMs = 30_000;

/** Waits until Flux has ended what it was doing with a Kustomization when that was suspended. */
async function untilSettled({ kubectl, surroundings }: Work, component: string): Promise<Trouble> {
  const { step, signal, pollMs } = surroundings;
  const started = performance.now();
  while (performance.now() - started < settleMs) {
    const read = await kubectl.run([
      'get',
      fluxDefinitions.root,
      component,
      '--namespace',
      fluxNamespace,
      '--output=json',
    ]);
    if (signal.aborted) return 'interrupted';
    if (read.code === 0 && conditionOf(parseJson(read.stdout), 'Reconciling')?.status !== 'True')
      return undefined;
    step(`Waiting for Flux to end what it does with ${component} …`);
    // The rejection of an aborted sleep is the signal itself, which is looked at next.
    await sleep(pollMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return 'interrupted';
  }
  return undefined;
}

/** After Ctrl-C, too; returns what a person has to do where the API server does not answer. */
async function resume(kubectl: Kubectl, component: string): Promise<string | undefined> {
  const change: JsonObject = {
    metadata: { annotations: { [suspendedBy]: null } },
    spec: { suspend: null },
  };
  const failed = await patch(kubectl, [kustomizationOf(component)], change, 'tidy-up');
  return (
    failed &&
    `${component} is still suspended (${failed.message}). Run this again, or: ${kubectl.shown} -n ${fluxNamespace} patch kustomization ${component} --type=merge -p '{"spec":{"suspend":false}}'`
  );
}
