import { podTemplateOf } from '../kubernetes/pod-template.ts';
import { reloadOf } from '../kubernetes/reloader.ts';
import { isKind, type RenderedObject } from '../render/object.ts';
import type { Json, JsonObject, PathSegment } from '../yaml/node.ts';
import type { FieldChange, ObjectChange, Restart } from './change.ts';
import { effective } from './effective.ts';
import { get, isEqual, isMap, textIn } from './json.ts';
import { type BaseNames, folded } from './names.ts';

/** An object that is on both sides, changed or not. */
export interface Pair {
  readonly before: RenderedObject;
  readonly after: RenderedObject;
  readonly reference: ObjectChange['reference'];
  readonly fields: readonly FieldChange[];
}

export interface SideNames {
  readonly before: BaseNames;
  readonly after: BaseNames;
}

/**
 * How the pods of a workload are replaced when its template changes, or undefined where they are not. A Job's run again
 * only where Flux may delete it.
 */
export function restartOf(
  { before, after, reference, fields }: Pair,
  names: SideNames,
  changed: ReadonlyMap<string, ObjectChange>,
): Restart | undefined {
  const path = podTemplateOf(after)?.path;
  const how = path && howItRolls(after);
  if (path === undefined || how === undefined) return undefined;
  const references = [...referencesIn(get(after.value, path), after.namespace ?? '')];
  const rolled =
    !isEqual(get(before.value, path), get(after.value, path)) &&
    !isEqual(get(effective(before, before.value), path), get(effective(after, after.value), path));
  const reloaded = reloadedBy(after, path, references, changed);
  if (!rolled && reloaded.length === 0) return undefined;
  const inTemplate = fields.filter(({ afterPath }) =>
    path.every((segment, index) => afterPath[index] === segment),
  );
  const others = rolled
    ? references.filter(({ name }) => names.after.has(name) && !isEqual(name, previousName(names, name)))
    : [];
  const causes = [
    ...inTemplate.map(({ path: field }) => field.slice(fieldPrefix(path).length)),
    ...others.map(({ kind, name }) => `${kind} ${names.after.get(name)}`),
    ...reloaded.map(({ kind, name }) => `${kind} ${name} (Reloader)`),
  ];
  return { reference, component: after.component, how, causes: [...new Set(causes)].sort() };
}

export const key = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

const fieldPrefix = (path: readonly PathSegment[]): string => `${path.join('.')}.`;

/** The whole name that a generated object had before. */
function previousName({ before, after }: SideNames, name: string): string | undefined {
  const base = after.get(name);
  return [...before].find(([, candidate]) => candidate === base)?.[0];
}

function howItRolls(object: RenderedObject): string | undefined {
  if (get(object.value, ['spec', 'replicas']) === 0) return undefined;
  const strategy = (field: string) => textIn(object.value, ['spec', field, 'type']);
  if (isKind(object, 'apps', 'Deployment')) {
    if (get(object.value, ['spec', 'paused']) === true) return 'when its rollout is resumed';
    return strategy('strategy') === 'Recreate' ? 'all pods at once' : 'new pods before old ones go';
  }
  if (isKind(object, 'apps', 'StatefulSet') || isKind(object, 'apps', 'DaemonSet')) {
    if (strategy('updateStrategy') === 'OnDelete') return 'each pod when somebody deletes it';
    return isKind(object, 'apps', 'DaemonSet') ? 'node by node' : 'one pod at a time';
  }
  return isKind(object, 'batch', 'Job') ? 'the job runs again' : undefined;
}

/** The changed ConfigMaps and Secrets for which Reloader restarts a workload. */
function reloadedBy(
  workload: RenderedObject,
  templatePath: readonly PathSegment[],
  used: readonly DataReference[],
  changed: ReadonlyMap<string, ObjectChange>,
): readonly DataReference[] {
  const namespace = workload.namespace ?? '';
  return [...changed].flatMap(([identity, { status, after }]): readonly DataReference[] => {
    const kind = (['ConfigMap', 'Secret'] as const).find((each) => after && isKind(after, '', each));
    if (status !== 'changed' || !after || kind === undefined) return [];
    const { name } = after;
    if (identity !== key(kind, namespace, name)) return [];
    const isUsed = used.some((reference) => reference.kind === kind && reference.name === name);
    const reload = reloadOf(workload.node, templatePath, { kind, name, node: after.node });
    return reload === 'named' || (reload === 'used' && isUsed) ? [{ kind, namespace, name }] : [];
  });
}

interface DataReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
}

const referring: Readonly<Record<string, DataReference['kind']>> = {
  configMap: 'ConfigMap',
  configMapRef: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  secret: 'Secret',
  secretRef: 'Secret',
  secretKeyRef: 'Secret',
};

/** The ConfigMaps and Secrets that a pod template names. */
function* referencesIn(value: Json | undefined, namespace: string): Generator<DataReference> {
  if (Array.isArray(value)) {
    for (const item of value) yield* referencesIn(item, namespace);
    return;
  }
  if (!isMap(value)) return;
  for (const [field, item] of Object.entries(value)) {
    const kind = referring[field];
    const name = kind && (textIn(item, ['name']) ?? textIn(item, ['secretName']));
    if (kind && name !== undefined) yield { kind, namespace, name };
    yield* referencesIn(item, namespace);
  }
}

/** An object's value with its references folded. */
export const foldedValue = (object: RenderedObject, names: BaseNames): JsonObject =>
  folded(object.value, names) as JsonObject;
