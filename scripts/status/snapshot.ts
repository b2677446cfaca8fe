import type { UsageError } from '../cli/exit.ts';
import { field, objects, parseJson, textField } from '../cluster/json.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { fluxDefinitions, fluxNamespace } from '../cluster/names.ts';
import { openReader } from '../cluster/read.ts';
import type { JsonObject } from '../yaml/node.ts';

/** The objects of a cluster that say what runs in it, and why something does not. */
export interface Snapshot {
  /** GitRepositories and Kustomizations in Flux's namespace, HelmReleases and their sources everywhere. */
  readonly flux: readonly JsonObject[];
  /** Workloads, ReplicaSets, pods, claims and volumes of all namespaces. */
  readonly running: readonly JsonObject[];
  /** Warnings, the latest last. */
  readonly warnings: readonly JsonObject[];
}

export type SnapshotRead =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly error: UsageError };

const helm = ['helmreleases.helm.toolkit.fluxcd.io', 'helmrepositories.source.toolkit.fluxcd.io'] as const;
const running = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'replicasets.apps',
  'pods',
  'persistentvolumeclaims',
  'persistentvolumes',
];

/** Reads it, changes nothing. Without Flux in the cluster, its objects are none. */
export async function takeSnapshot(kubectl: Kubectl): Promise<SnapshotRead> {
  const reader = openReader(kubectl);
  const items = async (...args: readonly string[]): Promise<readonly JsonObject[]> =>
    objects(field(parseJson(await reader.read([...args, '--output=json'])), 'items'));
  const wanted = [...Object.values(fluxDefinitions), ...helm];
  const definitions = await reader.read(['crd', ...wanted, '--output=name']);
  const known = (names: readonly string[]): readonly string[] =>
    names.filter((name) => definitions.includes(`/${name}`));
  const own = known(Object.values(fluxDefinitions));
  const releases = known(helm);
  const [flux, charts, everything, events] = await Promise.all([
    own.length > 0 ? items(own.join(','), '--namespace', fluxNamespace) : [],
    releases.length > 0 ? items(releases.join(','), '--all-namespaces') : [],
    items(running.join(','), '--all-namespaces'),
    items('events', '--all-namespaces', '--field-selector=type=Warning'),
  ]);
  const error = reader.failure();
  if (error) return { ok: false, error };
  return {
    ok: true,
    snapshot: {
      flux: [...flux, ...charts],
      running: everything,
      warnings: [...events].sort((a, b) => timeOf(a) - timeOf(b)),
    },
  };
}

/** An event has one of three times, by who wrote it. */
const timeOf = (event: JsonObject): number =>
  Date.parse(
    textField(event, 'series', 'lastObservedTime') ??
      textField(event, 'lastTimestamp') ??
      textField(event, 'eventTime') ??
      textField(event, 'metadata', 'creationTimestamp') ??
      '',
  ) || 0;
