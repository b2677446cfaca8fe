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

/** The same merge patch for objects of one kind and namespace, under bootstrap's name; what is not there is fine. */
export async function patch(
  kubectl: Kubectl,
  references: readonly Reference[],
  change: unknown,
  mode?: 'tidy-up',
): Promise<UsageError | undefined> {
  const [first] = references;
  if (first === undefined) return undefined;
  const args = [
    'patch',
    first.kind,
    ...references.map(({ name }) => name),
    ...(first.namespace ? ['--namespace', first.namespace] : []),
    '--type=merge',
    `--field-manager=${fieldManager}`,
    `--patch=${JSON.stringify(change)}`,
  ];
  const result = await kubectl.run(args, undefined, mode);
  // Each that is missing has a line of its own; the others were patched all the same.
  const refused = result.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.includes('(NotFound)') && !line.startsWith('Warning:'));
  if (result.code === 0 || (refused.length === 0 && result.stderr.includes('(NotFound)'))) return undefined;
  return {
    message: `${first.kind.split('.')[0]} ${references.map(({ name }) => name).join(', ')}: ${lastLine(refused.join('\n'))}`,
    fix: again,
  };
}

/**
 * Deletes objects and waits until they are gone.
 *
 * @param hint what a person can do about one that stays
 * @param keepAway as for `untilGone`
 */
export async function removeAndWait(
  { kubectl, surroundings, timeoutMs }: Work,
  references: readonly Reference[],
  hint: string,
  cascade: 'background' | 'foreground' = 'background',
  keepAway?: () => Promise<unknown>,
): Promise<Trouble> {
  const refused = await remove(kubectl, references, cascade);
  if (surroundings.signal.aborted) return 'interrupted';
  if (refused) return refused;
  const gone = await untilGone(kubectl, references, timeoutMs, surroundings, keepAway);
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

/**
 * Claims and volumes, in this order; directories are untouched.
 *
 * @param keepAway as for `untilGone`: a pod that comes back holds its claim
 */
export async function removeVolumes(
  work: Work,
  claims: readonly Reference[],
  volumes: readonly string[],
  keepAway?: () => Promise<unknown>,
): Promise<Trouble> {
  const { kubectl, surroundings, done } = work;
  const objects = volumes.map((name): Reference => ({ kind: 'persistentvolumes', name }));
  // With Delete the control plane would try to remove the directories itself: under k0s in vain, elsewhere behind our back.
  const failed = await patch(kubectl, objects, { spec: { persistentVolumeReclaimPolicy: 'Retain' } });
  if (surroundings.signal.aborted) return 'interrupted';
  if (failed) return failed;
  surroundings.step('Deleting claims and volumes …');
  const claimed = await removeAndWait(
    work,
    claims,
    'A pod still uses them (`kubectl describe pvc`): wait for it to end, or delete it.',
    'background',
    keepAway,
  );
  if (claimed) return claimed;
  const removed = await removeAndWait(work, objects, 'Look at their finalizers.');
  if (removed) return removed;
  if (claims.length + volumes.length > 0) done(`${claims.length} claims, ${volumes.length} volumes`);
  return undefined;
}
