import type { UsageError } from '../cli/exit.ts';
import { type Kubectl, lastLine } from './kubectl.ts';
import { fieldManager, fluxDefinitions, fluxNamespace } from './names.ts';
import { describeReference, type Reference, remove, untilGone } from './removal.ts';
import type { Surroundings } from './surroundings.ts';

/** How a step went: undefined where it is done. */
export type Trouble = UsageError | 'interrupted' | undefined;

export interface Work {
  readonly kubectl: Kubectl;
  readonly surroundings: Surroundings;
  readonly timeoutMs: number;
  readonly done: (text: string) => void;
}

/** For the end of a message. */
export const again = 'Mend the cause, then run the same command again: it goes on where it stopped.';

export const kustomizationOf = (name: string): Reference => ({
  kind: fluxDefinitions.root,
  namespace: fluxNamespace,
  name,
});

/** A merge patch under bootstrap's name; what is not there is fine. */
export async function patch(
  kubectl: Kubectl,
  { kind, namespace, name }: Reference,
  change: unknown,
  mode?: 'tidy-up',
): Promise<UsageError | undefined> {
  const args = [
    'patch',
    kind,
    name,
    ...(namespace ? ['--namespace', namespace] : []),
    '--type=merge',
    `--field-manager=${fieldManager}`,
    `--patch=${JSON.stringify(change)}`,
  ];
  const result = await kubectl.run(args, undefined, mode);
  if (result.code === 0 || /\(NotFound\)/.test(result.stderr)) return undefined;
  return { message: `${kind.split('.')[0]} ${name}: ${lastLine(result.stderr)}`, fix: again };
}

/**
 * Deletes objects and waits until they are gone.
 *
 * @param hint what a person can do about one that stays
 */
export async function removeAndWait(
  { kubectl, surroundings, timeoutMs }: Work,
  references: readonly Reference[],
  hint: string,
  cascade: 'background' | 'foreground' = 'background',
): Promise<Trouble> {
  const refused = await remove(kubectl, references, cascade);
  if (surroundings.signal.aborted) return 'interrupted';
  if (refused) return refused;
  const gone = await untilGone(kubectl, references, timeoutMs, surroundings);
  switch (gone.outcome) {
    case 'gone':
      return undefined;
    case 'interrupted':
      return 'interrupted';
    case 'failed':
      return gone.error;
    case 'left':
      return {
        message: `still there: ${gone.left.map(describeReference).join(', ')}`,
        fix: `${hint} Then run the same command again.`,
      };
  }
}

/** Claims and volumes, in this order; directories are untouched. */
export async function removeVolumes(
  work: Work,
  claims: readonly Reference[],
  volumes: readonly string[],
): Promise<Trouble> {
  const { kubectl, surroundings, done } = work;
  for (const name of volumes) {
    // With Delete the control plane would try to remove the directory itself: under k0s in vain, elsewhere behind our back.
    const failed = await patch(
      kubectl,
      { kind: 'persistentvolumes', name },
      { spec: { persistentVolumeReclaimPolicy: 'Retain' } },
    );
    if (surroundings.signal.aborted) return 'interrupted';
    if (failed) return failed;
  }
  surroundings.step('Deleting claims and volumes …');
  const claimed = await removeAndWait(
    work,
    claims,
    'A pod still uses them (`kubectl describe pvc`): wait for it to end, or delete it.',
  );
  if (claimed) return claimed;
  const removed = await removeAndWait(
    work,
    volumes.map((name) => ({ kind: 'persistentvolumes', name })),
    'Look at their finalizers.',
  );
  if (removed) return removed;
  if (claims.length + volumes.length > 0) done(`${claims.length} claims, ${volumes.length} volumes`);
  return undefined;
}
