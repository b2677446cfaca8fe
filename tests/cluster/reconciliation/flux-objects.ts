import { randomUUID } from 'node:crypto';
import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import type { Client, KubernetesObject, ObjectReference } from '../harness/client.ts';
import { type Condition, conditionOf } from '../harness/condition.ts';
import { done, notYet } from '../harness/wait.ts';
import { waitPatiently } from './eventually.ts';

export const kustomizationKind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };

export const kustomization = (name: string): ObjectReference & { readonly namespace: string } => ({
  ...kustomizationKind,
  namespace: fluxNamespace,
  name,
});

const gitRepositoryKind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };

interface Status {
  readonly observedGeneration?: number;
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly lastHandledReconcileAt?: string;
  readonly inventory?: { readonly entries?: readonly { readonly id: string; readonly v: string }[] };
  readonly conditions?: readonly (Condition & { readonly lastTransitionTime: string })[];
}

export const statusOf = (object: KubernetesObject | undefined): Status =>
  (object?.['status'] ?? {}) as Status;

/** As `flux reconcile source git`: every source is fetched now, not at its next minute or hour. */
export async function fetchNow(client: Client): Promise<void> {
  const sources = await waitPatiently('the sources', async () =>
    done(await client.list(gitRepositoryKind, { namespace: fluxNamespace })),
  );
  const active = sources.filter(({ spec }) => (spec as { suspend?: boolean }).suspend !== true);
  await Promise.all(
    active.map(({ metadata }) =>
      annotate(client, { ...gitRepositoryKind, namespace: fluxNamespace, name: metadata.name ?? '' }),
    ),
  );
}

/** As `flux reconcile kustomization`; waits until it is done. */
export async function reconcile(client: Client, name: string): Promise<void> {
  const request = await annotate(client, kustomization(name));
  await waitPatiently(
    `Kustomization ${name} to be reconciled`,
    async () => {
      const seen = await client.get(kustomization(name));
      const ready = conditionOf(seen, 'Ready');
      return statusOf(seen).lastHandledReconcileAt === request && ready?.status === 'True'
        ? done(undefined)
        : notYet(describe(ready));
    },
    { deadlineMs },
  );
}

async function annotate(client: Client, reference: ObjectReference): Promise<string> {
  const request = randomUUID();
  return waitPatiently(`a request to reconcile ${reference.kind} ${reference.name}`, async () => {
    const verdict = await client.mergePatch(reference, {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': request } },
    });
    return verdict.ok ? done(request) : notYet(verdict.message);
  });
}

// For a busy machine; an idle one needs a tenth.
const deadlineMs = 150_000;

/** Waits until Flux has applied a commit with every one of these Kustomizations, and holds them to be Ready. */
export async function allReady(client: Client, commit: string, names: Iterable<string>): Promise<void> {
  const expected = [...names];
  await waitPatiently(
    `${expected.length} Kustomizations to be Ready at ${commit.slice(0, 8)}`,
    async () => {
      const seen = await kustomizations(client);
      const open = expected.flatMap((name) => {
        const object = seen.get(name);
        const revision = statusOf(object).lastAppliedRevision ?? 'no revision';
        const ready = conditionOf(object, 'Ready');
        return isReady(object) && revision.endsWith(commit)
          ? []
          : [`${name}: ${revision.slice(-8)}, ${describe(ready)}`];
      });
      return open.length === 0 ? done(undefined) : notYet(open.join('\n'));
    },
    { deadlineMs },
  );
}

/** Waits until Flux has tried a commit with one Kustomization and says that it failed; returns what it says. */
export async function refused(client: Client, commit: string, name: string): Promise<string> {
  return waitPatiently(
    `Kustomization ${name} to be refused at ${commit.slice(0, 8)}`,
    async () => {
      const seen = await client.get(kustomization(name));
      const ready = conditionOf(seen, 'Ready');
      const { lastAttemptedRevision = '' } = statusOf(seen);
      return ready?.status === 'False' &&
        lastAttemptedRevision.endsWith(commit) &&
        ready.reason !== 'DependencyNotReady'
        ? done(ready.message ?? '')
        : notYet(`${lastAttemptedRevision.slice(-8)}, ${describe(ready)}`);
    },
    { deadlineMs },
  );
}

export async function kustomizations(client: Client): Promise<ReadonlyMap<string, KubernetesObject>> {
  const items = await client.list(kustomizationKind, { namespace: fluxNamespace });
  return new Map(items.map((item) => [item.metadata.name ?? '', item]));
}

export const isReady = (object: KubernetesObject | undefined): boolean =>
  object !== undefined &&
  statusOf(object).observedGeneration === object.metadata.generation &&
  conditionOf(object, 'Ready')?.status === 'True';

/** Since when it is as it is, in ms since 1970, rounded down to a second. */
export const readyAt = (object: KubernetesObject): number =>
  Date.parse(statusOf(object).conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');

const describe = (condition: Condition | undefined): string =>
  condition ? `${condition.status} ${condition.reason}: ${condition.message}` : 'not looked at';
