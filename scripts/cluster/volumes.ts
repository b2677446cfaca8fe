import { posix } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import type { Environment } from '../render/environment.ts';
import { isKind } from '../render/object.ts';
import { textAt } from '../yaml/node.ts';

/** A volume that lies in a directory of the node and is kept for one claim. */
export interface HostVolume {
  readonly component: string;
  readonly name: string;
  /** The directory on the node. */
  readonly directory: string;
  readonly size: string;
  readonly claim: { readonly namespace: string; readonly name: string };
}

export type VolumesRead =
  | { readonly ok: true; readonly volumes: readonly HostVolume[] }
  | { readonly ok: false; readonly error: UsageError };

/**
 * The rendered volumes of type hostPath. One that is not kept for a claim, or whose directory is not plainly a data directory,
 * is an error: nothing is ever deleted on a guess.
 */
export function hostVolumes(environment: Environment): VolumesRead {
  const volumes: HostVolume[] = [];
  for (const object of environment.objects) {
    if (!isKind(object, '', 'PersistentVolume')) continue;
    const directory = textAt(object.node, ['spec', 'hostPath', 'path']);
    if (directory === undefined) continue;
    const namespace = textAt(object.node, ['spec', 'claimRef', 'namespace']);
    const name = textAt(object.node, ['spec', 'claimRef', 'name']);
    if (!namespace || !name || !isDataDirectory(directory))
      return {
        ok: false,
        error: {
          message:
            !namespace || !name
              ? `PersistentVolume ${object.name} is kept for no claim`
              : `PersistentVolume ${object.name} lies in ${directory}, which is no data directory`,
          fix: 'Only volumes with a claimRef in a directory like /tmp/<name>-data are removed by this command.',
        },
      };
    volumes.push({
      component: object.component,
      name: object.name,
      directory,
      size: textAt(object.node, ['spec', 'capacity', 'storage']) ?? '',
      claim: { namespace, name },
    });
  }
  return { ok: true, volumes };
}

/** `/tmp/kafka-data`: absolute, without detours, at least two deep, and called `…-data`. */
export const isDataDirectory = (path: string): boolean =>
  /^(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+\/[a-z0-9][a-z0-9-]*-data$/.test(path) && posix.normalize(path) === path;
