import type { Client, KubernetesObject } from '../harness/client.ts';
import { conditionOf } from '../harness/condition.ts';
import { type WatchEvent, watch } from '../harness/watch.ts';

/** Pods that stand for each other. */
export interface Group {
  /** `StatefulSet kafka`. */
  readonly name: string;
  readonly replicas: number;
  /** How many of them must be Ready at every moment: a majority of three or more, one of two. */
  readonly least: number;
  readonly owns: (pod: KubernetesObject) => boolean;
}

/** Every StatefulSet and Deployment of more than one replica. */
export async function groupsOf(client: Client, namespace: string): Promise<readonly Group[]> {
  const objects = await Promise.all(
    ['StatefulSet', 'Deployment'].map((kind) => client.list({ apiVersion: 'apps/v1', kind }, { namespace })),
  );
  return objects.flat().flatMap(({ kind, metadata, spec }) => {
    const { replicas = 1, selector } = spec as {
      replicas?: number;
      selector: { matchLabels: Readonly<Record<string, string>> };
    };
    if (replicas < 2) return [];
    const labels = Object.entries(selector.matchLabels);
    return {
      name: `${kind} ${metadata.name}`,
      replicas,
      least: replicas === 2 ? 1 : Math.floor(replicas / 2) + 1,
      owns: (pod) =>
        pod.metadata.namespace === namespace &&
        labels.every(([label, value]) => pod.metadata.labels?.[label] === value),
    } satisfies Group;
  });
}

export interface Availability {
  /** The smallest number of Ready pods that was ever seen, by group. */
  readonly least: ReadonlyMap<string, number>;
  /** How many changes of pods it was seen through. */
  readonly events: number;
}

/** Looks at the pods after each of their changes, for as long as something goes on. */
export async function availabilityDuring(
  client: Client,
  groups: readonly Group[],
  action: () => Promise<void>,
): Promise<Availability> {
  const ready = new Map<string, Set<string>>(groups.map(({ name }) => [name, new Set()]));
  const least = new Map<string, number>();
  let events = 0;
  let started = false;
  const note = ({ name }: Group): void => {
    const now = ready.get(name)!.size;
    least.set(name, Math.min(least.get(name) ?? now, now));
  };
  const watching = await watch(client, { apiVersion: 'v1', kind: 'Pod' }, ({ type, object }: WatchEvent) => {
    const group = groups.find(({ owns }) => owns(object));
    if (!group) return;
    const pods = ready.get(group.name)!;
    if (type !== 'DELETED' && isServing(object)) pods.add(object.metadata.uid ?? '');
    else pods.delete(object.metadata.uid ?? '');
    // Before, the pods that are there are only being counted.
    if (!started) return;
    events += 1;
    note(group);
  });
  started = true;
  for (const group of groups) note(group);
  let broken: string | undefined;
  try {
    await action();
  } finally {
    broken = watching.stop();
  }
  if (broken !== undefined) throw new Error(`the pods were not seen all the time: ${broken}`);
  return { least, events };
}

// A pod that goes away gets no more work, however Ready.
const isServing = (pod: KubernetesObject): boolean =>
  pod.metadata['deletionTimestamp'] === undefined && conditionOf(pod, 'Ready')?.status === 'True';

/** Groups that had too few Ready pods at some moment. */
export const shortfalls = (groups: readonly Group[], { least }: Availability): readonly string[] =>
  groups.flatMap((group) => {
    const seen = least.get(group.name) ?? 0;
    return seen >= group.least
      ? []
      : [`${group.name}: ${seen} of ${group.replicas} Ready, at least ${group.least} needed`];
  });
