import { exitCode } from '../cli/exit.ts';
import { findEnvironment } from '../cluster/components.ts';
import { declined, describeCluster } from '../cluster/consent.ts';
import { refusal } from '../cluster/identity.ts';
import { connect } from '../cluster/kubectl.ts';
import { fluxNamespace } from '../cluster/names.ts';
import {
  findNode,
  type NodeAccess,
  nobodyForTheNode,
  presentDirectories,
  removalCommand,
  removeDirectories,
} from '../cluster/node.ts';
import { describeReference } from '../cluster/removal.ts';
import { removeAndWait, removeVolumes, type Trouble, type Work } from '../cluster/steps.ts';
import { type Outcome, type Surroundings, stopped } from '../cluster/surroundings.ts';
import type { Repository } from '../render/environment.ts';
import { isNothing, lookFor, type Present } from './cluster.ts';
import { describeTeardown, keptNamespaces } from './describe.ts';
import { planTeardown, type TeardownPlan } from './plan.ts';
import { removeComponents, removeFlux, removeRoot } from './steps.ts';

export interface TeardownOptions {
  readonly environment: string;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** Claims, volumes, directories and Secrets stay. */
  readonly keepData: boolean;
  /** A command that runs another one on the node: `ssh root@node`. */
  readonly nodeShell?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** For each thing that is waited for. */
  readonly timeoutMs: number;
}

/**
 * Takes an environment out of its cluster: what bootstrap and Flux have made, and its data. Every step looks first at what is
 * there, so that a run may be cut off anywhere and repeated.
 */
export async function teardown(
  repository: Repository,
  options: TeardownOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { write, step, signal } = surroundings;
  const found = findEnvironment(repository, options.environment);
  if (!found.ok) return found;
  const planned = planTeardown(repository.sources, found.environment);
  if (!planned.ok) return planned;
  const { plan } = planned;
  const { environment } = plan;
  const unchanged = (): Outcome => stopped(surroundings, 'Nothing was changed.');

  step('Looking at the cluster …');
  const connected = await connect({ ...options, environment: surroundings.environment, signal });
  if (signal.aborted) return unchanged();
  if (!connected.ok) return connected;
  const { kubectl } = connected;
  write(`Environment   ${environment.name}\n${describeCluster(kubectl).join('\n')}\n\n`);
  const looked = await lookFor(kubectl, plan);
  if (signal.aborted) return unchanged();
  if (!looked.ok) return looked;
  const { present } = looked;
  const refused = refusal(present.identity, environment.name, environment.path);
  if (refused) return { ok: false, error: refused };
  const node = await findNode(kubectl, options.nodeShell);
  if (signal.aborted) return unchanged();
  if (!node.ok) return node;
  const { access } = node;
  const directories = plan.volumes.map(({ directory }) => directory);
  const there = options.keepData ? [] : await presentDirectories(access, directories, surroundings);

  if (isNothing(present) && (there === undefined || there.length === 0)) {
    write(`There is nothing of ${environment.name} in this cluster.\n`);
    if (there === undefined && directories.length > 0)
      write(
        `Whether its directories are still on ${access.nodes.join(', ') || 'the node'} cannot be seen from here. To remove them there:\n  ${removalCommand(directories)}\n`,
      );
    return { ok: true, code: exitCode.good };
  }
  // Without bootstrap's label and its root nobody can tell whose the rest is.
  if (present.identity.label === undefined && !present.hasRoot && !isNothing(present))
    return {
      ok: false,
      error: {
        message: `this cluster is not labelled as ${environment.name}, and there is no root Kustomization, yet it has ${describeRest(present)}`,
        fix: `If that is what is left of ${environment.name}, say so, then run this again:\n    ${kubectl.shown} create namespace ${fluxNamespace}; ${kubectl.shown} label namespace ${fluxNamespace} infometis.io/environment=${environment.name}`,
      },
    };
  write(describeTeardown(plan, present, { keepData: options.keepData, access, directories: there }));
  if (options.dryRun) {
    write('Dry run: nothing was changed.\n');
    return { ok: true, code: exitCode.good };
  }
  const nobody = options.keepData ? undefined : nobodyForTheNode(access, directories, surroundings);
  if (nobody) return { ok: false, error: nobody };
  const no = await declined(
    options.keepData
      ? `Take ${environment.name} away, but keep its data,`
      : `Take ${environment.name} and all its data away`,
    options,
    surroundings,
    kubectl,
  );
  if (no) return no;

  const work: Work = {
    kubectl,
    surroundings,
    timeoutMs: options.timeoutMs,
    done: (text) => write(`✔ ${text}\n`),
  };
  const trouble = await tearDown(work, plan, present, access, options);
  step('');
  if (trouble === 'interrupted')
    return stopped(
      surroundings,
      'What is gone is gone; the root Kustomization may be suspended. Run the same command again: it goes on where it stopped.',
    );
  if (trouble) return { ok: false, error: trouble };
  write(
    options.keepData
      ? `${environment.name} is gone; its data is kept. \`npm run bootstrap -- ${environment.name}\` brings it back.\n`
      : `${environment.name} is gone.\n`,
  );
  return { ok: true, code: exitCode.good };
}

const describeRest = ({ namespaces, volumes, deployed, leftovers }: Present): string =>
  [
    ...deployed.map(({ name }) => `Kustomization ${name}`),
    ...namespaces.map((name) => `Namespace ${name}`),
    ...volumes.map((name) => `PersistentVolume ${name}`),
    ...leftovers.map(describeReference),
  ]
    .slice(0, 5)
    .join(', ');

async function tearDown(
  work: Work,
  plan: TeardownPlan,
  present: Present,
  access: NodeAccess,
  { keepData }: TeardownOptions,
): Promise<Trouble> {
  const { surroundings, done } = work;
  const components = await removeComponents(work, present);
  if (components) return components;
  if (!keepData) {
    const volumes = await removeVolumes(work, present.claims, present.volumes);
    if (volumes) return volumes;
    const directories = plan.volumes.map(({ directory }) => directory);
    surroundings.step('Removing directories …');
    const { removed, left } = await removeDirectories(access, directories, surroundings);
    if (removed.length > 0) done(`${removed.length} directories: ${removed.join(', ')}`);
    if (surroundings.signal.aborted) return 'interrupted';
    if (left.length > 0)
      // The Secrets stay: what they encrypt is still there.
      return {
        message: `these directories are still there, so the Secrets stay, too:\n  ${left
          .map(({ directory, why }) => `${directory}: ${why}`)
          .join('\n  ')}`,
        fix: `As root on the node: ${removalCommand(left.map(({ directory }) => directory))} (or --node-shell sudo). Then run the same command again.`,
      };
  }
  const kept = keepData ? keptNamespaces(plan, present) : [];
  const namespaces = present.namespaces.filter((name) => !kept.includes(name));
  if (namespaces.length > 0) {
    surroundings.step('Deleting namespaces …');
    const trouble = await removeAndWait(
      work,
      namespaces.map((name) => ({ kind: 'namespaces', name })),
      `See what holds it: kubectl get namespace ${namespaces[0]} -o yaml, under status.conditions.`,
    );
    if (trouble) return trouble;
    done(`Namespaces ${namespaces.join(', ')}`);
  }
  const leftovers = await removeAndWait(work, present.leftovers, 'Look at their finalizers.');
  if (leftovers) return leftovers;
  if (present.leftovers.length > 0) done(`${present.leftovers.length} objects of the whole cluster`);
  const root = await removeRoot(work, present);
  if (root || keepData) return root;
  return removeFlux(work, present);
}
