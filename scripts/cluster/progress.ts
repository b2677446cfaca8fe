import type { Json } from '../yaml/node.ts';
import { conditionOf, firstLine, isCurrentAndReady } from './condition.ts';
import { field } from './json.ts';

/** How far a Flux object is. */
export interface Progressing {
  readonly name: string;
  readonly state: 'ready' | 'absent' | 'waiting' | 'working' | 'failed';
  /** For people: what it waits for, or what Flux says of it. */
  readonly detail: string;
}

/**
 * The state of the expected Kustomizations and of the source, from the items of `kubectl get … -o json`.
 * The source comes first, under the name `source`; then the Kustomizations in the order given.
 */
export function readProgress(
  items: readonly Json[],
  expected: ReadonlyMap<string, readonly string[]>,
  source: string,
): readonly Progressing[] {
  const find = (kind: string, name: string): Json | undefined =>
    items.find((item) => field(item, 'kind') === kind && field(item, 'metadata', 'name') === name);
  const isReady = (name: string): boolean => isCurrentAndReady(find('Kustomization', name));
  return [
    stateOf('source', find('GitRepository', source), []),
    ...[...expected].map(([name, dependencies]) =>
      stateOf(
        name,
        find('Kustomization', name),
        dependencies.filter((dependency) => !isReady(dependency)),
      ),
    ),
  ];
}

function stateOf(name: string, object: Json | undefined, unmet: readonly string[]): Progressing {
  if (object === undefined) return { name, state: 'absent', detail: 'not in the cluster yet' };
  if (isCurrentAndReady(object)) return { name, state: 'ready', detail: 'ready' };
  if (field(object, 'spec', 'suspend') === true)
    return { name, state: 'failed', detail: 'suspended: set spec.suspend to false' };
  if (unmet.length > 0) return { name, state: 'waiting', detail: `waits for ${unmet.join(', ')}` };
  const ready = conditionOf(object, 'Ready');
  // It has not looked again since its dependencies became ready.
  if (ready?.reason === 'DependencyNotReady') return { name, state: 'working', detail: 'about to start' };
  if (ready?.status === 'False') return { name, state: 'failed', detail: firstLine(ready.message) };
  return { name, state: 'working', detail: firstLine(ready?.message || 'in progress') };
}
