import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageError } from '../cli/exit.ts';
import { formatDuration } from './duration.ts';
import { type Kubectl, lastLine } from './kubectl.ts';
import type { Surroundings } from './surroundings.ts';

/** An object as kubectl is told of it. */
export interface Reference {
  /** As kubectl takes it: `pods`, `statefulsets.apps`, `StatefulSet.v1.apps`. */
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export const describeReference = ({ kind, namespace, name }: Reference): string =>
  `${kind.split('.')[0]} ${namespace ? `${namespace}/` : ''}${name}`;

/** The name by which kubectl finds a kind, whatever else bears the same one. */
export const kindArgument = (group: string, version: string, kind: string): string =>
  group === '' ? kind : `${kind}.${version}.${group}`;

const argumentsOf = (references: readonly Reference[]): readonly (readonly string[])[] => {
  const groups = new Map<string, Reference[]>();
  for (const reference of references) {
    const key = `${reference.kind} ${reference.namespace ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), reference]);
  }
  return [...groups.values()].map((group) => [
    group[0]!.kind,
    ...group.map(({ name }) => name),
    ...(group[0]!.namespace ? ['--namespace', group[0]!.namespace] : []),
    '--ignore-not-found',
  ]);
};

const failed = (what: string, stderr: string): UsageError => ({
  message: `${what}: ${lastLine(stderr)}`,
  fix: 'Mend the cause, then run the same command again: what is gone is not looked for twice.',
});

/**
 * Asks the API server to delete objects; those that are not there are fine. Does not wait.
 *
 * @param cascade foreground: an object is there until all that it owns is gone, pods above all
 */
export async function remove(
  kubectl: Kubectl,
  references: readonly Reference[],
  cascade: 'background' | 'foreground' = 'background',
): Promise<UsageError | undefined> {
  for (const args of argumentsOf(references)) {
    const result = await kubectl.run(['delete', ...args, '--wait=false', `--cascade=${cascade}`]);
    if (result.code !== 0 && !isUnknownKind(result.stderr))
      return failed(`${args[0]} ${args[1]} cannot be deleted`, result.stderr);
  }
  return undefined;
}

/** Where the definition has gone, its objects have too. */
const isUnknownKind = (stderr: string): boolean =>
  /the server doesn't have a resource type|no matches for kind/.test(stderr);

export type Existing =
  | { readonly ok: true; readonly left: readonly Reference[] }
  | { readonly ok: false; readonly error: UsageError };

/** Which of the objects are there. */
export async function existing(kubectl: Kubectl, references: readonly Reference[]): Promise<Existing> {
  const left: Reference[] = [];
  for (const args of argumentsOf(references)) {
    const result = await kubectl.run(['get', ...args, '--output=name']);
    if (result.code !== 0 && !isUnknownKind(result.stderr))
      return { ok: false, error: failed(`${args[0]} cannot be read`, result.stderr) };
    const names = new Set(
      result.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(line.indexOf('/') + 1)),
    );
    const namespace = args.includes('--namespace') ? args[args.indexOf('--namespace') + 1] : undefined;
    left.push(
      ...references.filter(
        (reference) =>
          reference.kind === args[0] &&
          (reference.namespace || undefined) === namespace &&
          names.has(reference.name),
      ),
    );
  }
  return { ok: true, left };
}

export type Gone =
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'left'; readonly left: readonly Reference[] }
  | { readonly outcome: 'interrupted' }
  | { readonly outcome: 'failed'; readonly error: UsageError };

/**
 * Waits until objects are gone, up to a deadline. An API server that is away for a while is waited for.
 *
 * @param keepAway done in every round: against somebody who makes again what holds them
 */
export async function untilGone(
  kubectl: Kubectl,
  references: readonly Reference[],
  timeoutMs: number,
  { step, signal, pollMs }: Pick<Surroundings, 'step' | 'signal' | 'pollMs'>,
  keepAway: () => Promise<unknown> = async () => {},
): Promise<Gone> {
  const started = performance.now();
  for (;;) {
    const read = await existing(kubectl, references);
    if (signal.aborted) return { outcome: 'interrupted' };
    if (read.ok && read.left.length === 0) return { outcome: 'gone' };
    const elapsed = performance.now() - started;
    if (elapsed >= timeoutMs)
      return read.ok ? { outcome: 'left', left: read.left } : { outcome: 'failed', error: read.error };
    step(
      `${formatDuration(elapsed)}  ${
        read.ok ? `waiting for ${read.left.map(describeReference).join(', ')} to go` : read.error.message
      }`,
    );
    await keepAway();
    // The rejection of an aborted sleep is the signal itself, which is looked at next.
    await sleep(Math.min(pollMs, Math.max(timeoutMs - elapsed, 1)), undefined, { signal }).catch(() => {});
    if (signal.aborted) return { outcome: 'interrupted' };
  }
}
