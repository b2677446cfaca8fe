import { type Kubectl, lastLine } from '../cluster/kubectl.ts';
import { environmentLabel, fluxDefinitions, fluxNamespace, ownFlux } from '../cluster/names.ts';
import { type Reference, remove, untilGone } from '../cluster/removal.ts';
import { again, kustomizationOf, patch, removeAndWait, type Trouble, type Work } from '../cluster/steps.ts';
import type { Deployed, Present } from './cluster.ts';

/**
 * Takes the components away: Flux prunes them while its accounts are still there. What it does not finish in time, or cannot
 * since it does not run, is deleted without it, data excepted.
 */
export async function removeComponents(work: Work, present: Present): Promise<Trouble> {
  const { kubectl, surroundings, timeoutMs, done } = work;
  if (present.hasRoot) {
    // It would make the components again. And deleted while it is not suspended, it would prune Flux itself, where Git has it.
    const failed = await patch(kubectl, [kustomizationOf(fluxNamespace)], { spec: { suspend: true } });
    if (surroundings.signal.aborted) return 'interrupted';
    if (failed) return failed;
  }
  const { deployed } = present;
  if (deployed.length === 0) return undefined;
  // A suspended one lets go of its objects instead of pruning them.
  const resumed = await patch(
    kubectl,
    deployed.filter(({ suspended }) => suspended).map(({ name }) => kustomizationOf(name)),
    { spec: { suspend: false } },
  );
  if (surroundings.signal.aborted) return 'interrupted';
  if (resumed) return resumed;
  surroundings.step('Flux takes the components away …');
  const all = deployed.map(({ name }) => kustomizationOf(name));
  const refused = await remove(kubectl, all);
  if (surroundings.signal.aborted) return 'interrupted';
  if (refused) return refused;
  const gone = await untilGone(kubectl, all, present.fluxIsDown ? 0 : timeoutMs, surroundings);
  if (gone.outcome === 'interrupted') return 'interrupted';
  if (gone.outcome === 'failed') return gone.error;
  if (gone.outcome === 'left') {
    const names = new Set(gone.left.map(({ name }) => name));
    surroundings.write(
      `${present.fluxIsDown ? 'kustomize-controller does not run' : 'Flux has not finished in time'}, so this is done without it: ${[...names].join(', ')}\n`,
    );
    const trouble = await removeWithoutFlux(
      work,
      deployed.filter(({ name }) => names.has(name)),
    );
    if (trouble) return trouble;
  }
  done(`${deployed.length} components`);
  return undefined;
}

async function removeWithoutFlux(work: Work, deployed: readonly Deployed[]): Promise<Trouble> {
  const objects = deployed.flatMap(({ applied }) => applied.filter(({ isData }) => !isData));
  const trouble = await removeAndWait(
    work,
    objects,
    'Look at what holds them (`kubectl describe`): a finalizer of somebody else, or a node that does not answer.',
  );
  if (trouble) return trouble;
  const kustomizations = deployed.map(({ name }) => kustomizationOf(name));
  const failed = await patch(work.kubectl, kustomizations, { metadata: { finalizers: null } });
  if (work.surroundings.signal.aborted) return 'interrupted';
  if (failed) return failed;
  return removeAndWait(work, kustomizations, 'Look at their finalizers.');
}

/** Root and source; the root is suspended, so that it prunes nothing. */
export async function removeRoot(work: Work, present: Present): Promise<Trouble> {
  const { kubectl, surroundings, done } = work;
  const root = kustomizationOf(fluxNamespace);
  const source: Reference = { kind: fluxDefinitions.source, namespace: fluxNamespace, name: fluxNamespace };
  if (!present.hasFlux) return undefined;
  const refused = await remove(kubectl, [root, source]);
  if (surroundings.signal.aborted) return 'interrupted';
  if (refused) return refused;
  const gone = await untilGone(
    kubectl,
    [root, source],
    present.fluxIsDown ? 0 : Math.min(work.timeoutMs, 30_000),
    surroundings,
  );
  if (gone.outcome === 'interrupted') return 'interrupted';
  if (gone.outcome === 'failed') return gone.error;
  if (gone.outcome === 'left') {
    for (const reference of gone.left) {
      const failed = await patch(kubectl, [reference], { metadata: { finalizers: null } });
      if (failed) return surroundings.signal.aborted ? 'interrupted' : failed;
    }
    const trouble = await removeAndWait(work, gone.left, 'Look at their finalizers.');
    if (trouble) return trouble;
  }
  if (present.hasRoot || present.hasSource) done('root Kustomization and source');
  return undefined;
}

/** Flux itself, where bootstrap has installed it and nobody else uses it; otherwise bootstrap's label alone. */
export async function removeFlux(work: Work, present: Present): Promise<Trouble> {
  const { kubectl, surroundings, done } = work;
  const users = present.identity.ownFlux ? await otherUsers(kubectl) : [];
  if (surroundings.signal.aborted) return 'interrupted';
  if (!present.identity.ownFlux || users.length > 0) {
    if (users.length > 0)
      surroundings.write(`Flux stays, since somebody uses it: ${users.slice(0, 5).join(', ')}\n`);
    const unlabelled = await patch(kubectl, [{ kind: 'namespaces', name: fluxNamespace }], {
      metadata: { labels: { [environmentLabel]: null }, annotations: { [ownFlux.name]: null } },
    });
    if (surroundings.signal.aborted) return 'interrupted';
    if (unlabelled) return unlabelled;
    if (present.identity.label !== undefined) done(`label of Namespace ${fluxNamespace}`);
    return undefined;
  }
  // Its definitions go before the namespace, which bears the note that they are bootstrap's.
  for (const kinds of ['clusterrolebindings,clusterroles', 'customresourcedefinitions']) {
    const result = await kubectl.run([
      'delete',
      kinds,
      '--selector=app.kubernetes.io/part-of=flux',
      '--ignore-not-found',
      `--timeout=${Math.ceil(work.timeoutMs / 1000)}s`,
    ]);
    if (surroundings.signal.aborted) return 'interrupted';
    if (result.code !== 0) return { message: `Flux: ${lastLine(result.stderr)}`, fix: again };
  }
  const trouble = await removeAndWait(
    work,
    [{ kind: 'namespaces', name: fluxNamespace }],
    `See what is left in it: kubectl get namespace ${fluxNamespace} -o yaml.`,
  );
  if (trouble) return trouble;
  done('Flux itself');
  return undefined;
}

/** Objects of Flux's kinds, wherever they are. */
async function otherUsers(kubectl: Kubectl): Promise<readonly string[]> {
  const listed = await kubectl.run([
    'get',
    'customresourcedefinitions',
    '--selector=app.kubernetes.io/part-of=flux',
    '--output=jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}',
  ]);
  const kinds = listed.stdout.split('\n').filter((line) => line !== '');
  if (kinds.length === 0) return [];
  const found = await kubectl.run([
    'get',
    kinds.join(','),
    '--all-namespaces',
    '--ignore-not-found',
    '--output=jsonpath={range .items[*]}{.kind}{" "}{.metadata.namespace}{"/"}{.metadata.name}{"\\n"}{end}',
  ]);
  // Not knowing is no leave to delete.
  return found.code === 0 ? found.stdout.split('\n').filter((line) => line !== '') : ['(cannot be read)'];
}
