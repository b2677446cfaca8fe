import type { Json } from '../yaml/node.ts';

/** How far a Flux object is. */
export interface Progressing {
  readonly name: string;
  readonly state: 'ready' | 'absent' | 'waiting' | 'working' | 'failed';
  /** For people: what it waits for, or what Flux says of it. */
  readonly detail: string;
}

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function conditionOf(object: Json, type: string): Condition | undefined {
  const found = list(field(object, 'status', 'conditions')).find((item) => field(item, 'type') === type);
  if (found === undefined) return undefined;
  const text = (key: string): string => String(field(found, key) ?? '');
  return { status: text('status'), reason: text('reason'), message: text('message') };
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

// An older `observedGeneration` is a report about what was there before the last change.
const isCurrentAndReady = (object: Json | undefined): boolean =>
  object !== undefined &&
  field(object, 'metadata', 'generation') === field(object, 'status', 'observedGeneration') &&
  conditionOf(object, 'Ready')?.status === 'True';

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

// Some messages are the whole output of a server.
const firstLine = (message: string): string => {
  const line = message.split('\n')[0]!.trim();
  return line.length > 200 ? `${line.slice(0, 197)}…` : line;
};

/** The value below keys of a JSON document, or undefined. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path)
    current =
      current !== null && typeof current === 'object' && !Array.isArray(current) ? current[key] : undefined;
  return current;
}

/** A JSON list, or nothing. */
export const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
