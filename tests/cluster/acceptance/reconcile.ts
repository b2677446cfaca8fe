import { isDeepStrictEqual } from 'node:util';
import type { Build, Environment } from '../../../scripts/render/environment.ts';
import { groupOf, type RenderedObject } from '../../../scripts/render/object.ts';
import { textAt } from '../../../scripts/yaml/node.ts';
import type { Client, KubernetesObject, ObjectReference, Verdict } from '../harness/client.ts';
import type { ControlPlane } from '../harness/control-plane.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';
import { dependenciesOf, inDependencyOrder, keyOf, stagesOf } from './order.ts';
import { settlePolicies, settleRoles } from './settle.ts';

/** What became of one object. */
export interface Outcome {
  readonly object: RenderedObject;
  readonly dryRun: Verdict;
  /** Absent where the dry run of its stage was refused: then Flux applies nothing of the stage. */
  readonly applied?: Verdict;
  /** What the dry run came to: beside what is there already. */
  readonly action: 'created' | 'configured' | 'unchanged' | 'refused';
  /** It was deleted and made anew, as its annotation allows. */
  readonly recreated: boolean;
}

export interface Reconciliation {
  readonly outcomes: readonly Outcome[];
  /** Builds that Flux would not have begun, since one that they depend on failed. */
  readonly waiting: readonly Build[];
}

export interface ReconcileOptions {
  /** As `group/Kind`. */
  readonly customStageKinds: ReadonlySet<string>;
  /** Applies what has not changed as well. */
  readonly always?: boolean;
  /** As admin instead of under the Kustomization's account: for states that are only made to start from. */
  readonly asAdmin?: boolean;
}

/**
 * Applies an environment as kustomize-controller would: each Kustomization after those that it depends on and under its
 * own account, stage by stage, a strict dry run of a stage before it. What is refused ends its Kustomization.
 */
export async function reconcile(
  plane: ControlPlane,
  environment: Environment,
  options: ReconcileOptions,
): Promise<Reconciliation> {
  const clientOf = accountsOf(plane);
  const outcomes: Outcome[] = [];
  const waiting: Build[] = [];
  const failed = new Set<string>();
  for (const build of inDependencyOrder(environment)) {
    if (dependenciesOf(build).some((dependency) => failed.has(dependency))) {
      waiting.push(build);
      failed.add(keyOf(build));
      continue;
    }
    const client = options.asAdmin ? plane.client : await clientOf(build);
    const written: Outcome[] = [];
    for (const stage of stagesOf(build.objects, options.customStageKinds)) {
      const results = await applyStage({ client, admin: plane.client, build }, stage, options);
      written.push(...results);
      if (results.every(({ action, applied }) => (applied ? applied.ok : action === 'unchanged'))) continue;
      failed.add(keyOf(build));
      break;
    }
    outcomes.push(...written);
    const changed = new Set(
      written.filter(({ action }) => action !== 'unchanged').map(({ object }) => groupOf(object.apiVersion)),
    );
    if (changed.has('rbac.authorization.k8s.io')) await settleRoles(plane.client);
    if (changed.has('admissionregistration.k8s.io')) await settlePolicies(plane.client);
  }
  return { outcomes, waiting };
}

// The controller impersonates the account. To the API server that is the same caller as the holder of its token.
function accountsOf(plane: ControlPlane): (build: Build) => Promise<Client> {
  const clients = new Map<string, Client>();
  return async ({ kustomization }) => {
    const account = kustomization && textAt(kustomization.node, ['spec', 'serviceAccountName']);
    if (account === undefined) return plane.client;
    const namespace = kustomization?.namespace ?? '';
    const key = `${namespace}/${account}`;
    const client = clients.get(key) ?? (await plane.clientAsServiceAccount(namespace, account));
    clients.set(key, client);
    return client;
  };
}

export const fieldManager = 'kustomize-controller';

interface Applier {
  readonly client: Client;
  readonly admin: Client;
  readonly build: Build;
}

async function applyStage(
  applier: Applier,
  stage: readonly RenderedObject[],
  { always = false }: ReconcileOptions,
): Promise<Outcome[]> {
  const tried = await Promise.all(stage.map((object) => dryRun(applier, object)));
  if (tried.some(({ action }) => action === 'refused')) return tried;
  const results: Outcome[] = [];
  for (const outcome of tried) {
    if (outcome.action === 'unchanged' && !always) {
      results.push(outcome);
      continue;
    }
    const applied = await applier.client.apply(manifest(outcome.object), { fieldManager });
    results.push({ ...outcome, applied });
    if (!applied.ok) break;
  }
  return [...results, ...tried.slice(results.length)];
}

async function dryRun({ client, admin, build }: Applier, object: RenderedObject): Promise<Outcome> {
  const reference = referenceTo(object);
  const attempt = (): Promise<Verdict> => client.apply(manifest(object), { fieldManager, dryRun: true });
  const existing = await admin.get(reference);
  const verdict = await attempt();
  const outcome = (result: Verdict, before: KubernetesObject | undefined, recreated: boolean): Outcome => ({
    object,
    dryRun: result,
    action: !result.ok
      ? 'refused'
      : before === undefined
        ? 'created'
        : hasDrifted(before, result.object)
          ? 'configured'
          : 'unchanged',
    recreated,
  });
  if (verdict.ok || existing === undefined || !isImmutable(verdict) || !mayRecreate(build, object, existing))
    return outcome(verdict, existing, false);
  await client.delete(reference);
  await waitFor(`${nameOf(object)} to be gone`, async () =>
    (await admin.get(reference)) ? notYet('it is there') : done(undefined),
  );
  return outcome(await attempt(), undefined, true);
}

/** Whether Flux would write it: as hasDrifted of fluxcd/pkg/ssa. */
function hasDrifted(existing: KubernetesObject, tried: KubernetesObject): boolean {
  const compared = ({ metadata, status: _, ...own }: KubernetesObject): unknown => ({
    ...own,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
  });
  return !isDeepStrictEqual(compared(existing), compared(tried));
}

// Whatever the server calls a conflict or invalid counts, beside what says so: as IsImmutableError of fluxcd/pkg/ssa.
const isImmutable = (verdict: Extract<Verdict, { ok: false }>): boolean =>
  verdict.reason === 'Conflict' ||
  verdict.reason === 'Invalid' ||
  /is\simmutable|immutable\sfield/.test(verdict.message);

function mayRecreate(
  { kustomization }: Build,
  { value }: RenderedObject,
  { metadata }: KubernetesObject,
): boolean {
  const spec = kustomization?.value['spec'] as { force?: boolean } | undefined;
  const wanted = value['metadata'] as KubernetesObject['metadata'];
  return (
    spec?.force === true ||
    [wanted.annotations, wanted.labels, metadata.annotations, metadata.labels].some(
      (pairs) => pairs?.['kustomize.toolkit.fluxcd.io/force']?.toLowerCase() === 'enabled',
    )
  );
}

export const manifest = ({ value }: RenderedObject): KubernetesObject => value as unknown as KubernetesObject;

export const referenceTo = ({ apiVersion, kind, namespace, name }: RenderedObject): ObjectReference => ({
  apiVersion,
  kind,
  namespace,
  name,
});

export const nameOf = ({ kind, namespace, name }: RenderedObject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** The refusals, one line each, with the Kustomization and who was refused. */
export const refusalsOf = ({ outcomes, waiting }: Reconciliation): string[] => [
  ...outcomes.flatMap(({ object, dryRun, applied }) =>
    [dryRun, applied]
      .filter((verdict) => verdict?.ok === false)
      .map(
        (verdict) => `${object.component}: ${nameOf(object)}: ${(verdict as { message: string }).message}`,
      ),
  ),
  ...waiting.map(({ component }) => `${component}: not begun, since one that it depends on failed`),
];
