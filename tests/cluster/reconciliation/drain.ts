import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { podSpecOf } from './workloads.ts';

const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name });

/** As `kubectl cordon` and `kubectl uncordon`. */
export async function setSchedulable(client: Client, name: string, schedulable: boolean): Promise<void> {
  const verdict = await client.mergePatch(node(name), { spec: { unschedulable: schedulable ? null : true } });
  if (!verdict.ok) throw new Error(verdict.message);
}

/** What became of a drain. */
export interface Drained {
  /** As `namespace/name`. */
  readonly evicted: readonly string[];
  /** Evictions that a PodDisruptionBudget put off, and how often. */
  readonly putOff: ReadonlyMap<string, number>;
}

/**
 * As `kubectl drain --ignore-daemonsets --delete-emptydir-data`: no new pods, and every pod that no DaemonSet runs is evicted
 * through the Eviction API, again and again where a PodDisruptionBudget says no.
 *
 * @throws where a pod is still there at the deadline, or belongs to nobody who would make it anew
 */
export async function drain(client: Client, name: string, deadlineMs: number): Promise<Drained> {
  await setSchedulable(client, name, false);
  const deadline = performance.now() + deadlineMs;
  const pods = (await podsOn(client, name)).filter((pod) => ownerOf(pod) !== 'DaemonSet');
  const orphans = pods.filter((pod) => ownerOf(pod) === undefined);
  if (orphans.length > 0) throw new Error(`nobody would make ${orphans.map(keyOf).join(', ')} anew`);
  const putOff = new Map<string, number>();
  await Promise.all(
    pods.map(async (pod) => {
      while (!(await evict(client, pod))) {
        putOff.set(keyOf(pod), (putOff.get(keyOf(pod)) ?? 0) + 1);
        if (performance.now() > deadline) throw new Error(`${keyOf(pod)} is not let go of`);
        // kubectl waits for five seconds.
        await sleep(1_000);
      }
    }),
  );
  return { evicted: pods.map(keyOf), putOff };
}

/** Whether a PodDisruptionBudget would let the pod be evicted now; it is not. */
export const mayEvict = (client: Client, pod: KubernetesObject): Promise<boolean> => evict(client, pod, true);

/** False where a PodDisruptionBudget says: not now. */
async function evict(client: Client, pod: KubernetesObject, dryRun = false): Promise<boolean> {
  const { name = '', namespace = '' } = pod.metadata;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    ...(dryRun && { deleteOptions: { dryRun: ['All'] } }),
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const answer = await client.request('POST', path, { text: JSON.stringify(body), type: 'application/json' });
  if (answer.status === 429) return false;
  if (answer.status === 201 || answer.status === 404) return true;
  throw new Error(`the eviction of ${keyOf(pod)} is refused: ${answer.body}`);
}

export async function podsOn(client: Client, name: string): Promise<readonly KubernetesObject[]> {
  return client.list({ apiVersion: 'v1', kind: 'Pod' }, { fieldSelector: `spec.nodeName=${name}` });
}

/** The kind of who runs the pod. */
export const ownerOf = ({ metadata }: KubernetesObject): string | undefined =>
  (metadata['ownerReferences'] as readonly { kind: string; controller?: boolean }[] | undefined)?.find(
    ({ controller }) => controller,
  )?.kind;

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;

/** Whether a pod's data lies on one node: it has a claim. */
export const hasClaim = (pod: KubernetesObject): boolean =>
  (podSpecOf(pod).volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined);
