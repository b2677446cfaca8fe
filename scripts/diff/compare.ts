import type { ObjectReference } from '../finding.ts';
import { isFluxKustomization } from '../flux/environment.ts';
import type { Build, BuildFailure, Environment } from '../render/environment.ts';
import { groupOf, type RenderedObject } from '../render/object.ts';
import type { JsonObject } from '../yaml/node.ts';
import type { EnvironmentChange, ObjectChange, Timing, Uncompared } from './change.ts';
import { effective, makesDifference } from './effective.ts';
import { fateOf } from './fate.ts';
import { fieldChanges } from './fields.ts';
import { imageChanges } from './images.ts';
import { isEqual } from './json.ts';
import { typeOfObject } from './lists.ts';
import { baseName, baseNames } from './names.ts';
import { foldedValue, key, type Pair, restartOf, type SideNames } from './restarts.ts';
import { concealed, isSecret } from './secrets.ts';

export interface CompareOptions {
  readonly timing?: Timing;
  /** Only what these components apply; all where absent. */
  readonly components?: ReadonlySet<string>;
}

/**
 * What Flux would change in a cluster that runs one rendering of an environment and is given another. Objects are the same
 * by API group, kind, namespace and name; a generated name counts without its hash.
 *
 * @param before undefined where the environment is new
 * @param after undefined where it was removed
 */
export function compareEnvironments(
  before: Environment | undefined,
  after: Environment | undefined,
  options: CompareOptions = {},
): EnvironmentChange {
  const isWanted = (component: string): boolean => options.components?.has(component) ?? true;
  const builds = { before: before?.builds ?? [], after: after?.builds ?? [] };
  const uncompared = uncomparedOf(builds.before, builds.after);
  const left = new Set(uncompared.map(({ component }) => component));
  const objectsOf = (list: readonly Build[]) => list.flatMap(({ objects }) => objects);
  const objects = { before: objectsOf(builds.before), after: objectsOf(builds.after) };
  const names: SideNames = { before: baseNames(objects.before), after: baseNames(objects.after) };
  const compared = (object: RenderedObject): boolean => !left.has(object.component);
  const { pairs, added, removed } = pairUp(
    objects.before.filter(compared),
    objects.after.filter(compared),
    names,
  );
  const buildsAfter = new Map(builds.after.map((build) => [build.component, build]));
  const buildsBefore = new Map(builds.before.map((build) => [build.component, build]));

  const wholePairs = pairs.map((pair): Pair => ({ ...pair, fields: fieldsOf(pair, names) }));
  const changes: ObjectChange[] = [
    ...wholePairs
      .filter(({ fields, before: old, after: now }) => fields.length > 0 || old.component !== now.component)
      .map(
        ({ reference, before: old, after: now, fields }): ObjectChange => ({
          status: old.component === now.component ? 'changed' : 'moved',
          reference,
          component: now.component,
          ...(old.component !== now.component && { movedFrom: old.component }),
          before: old,
          after: now,
          fields,
        }),
      ),
    ...added.map(
      (object): ObjectChange => ({
        status: 'added',
        reference: referenceOf(object, baseName(object, names.after)),
        component: object.component,
        after: object,
        fields: [],
      }),
    ),
    ...removed.map(
      (object): ObjectChange => ({
        status: 'removed',
        reference: referenceOf(object, baseName(object, names.before)),
        component: object.component,
        before: object,
        fields: [],
        fate: fateOf(object, buildsBefore.get(object.component)!, buildsAfter.get(object.component)),
      }),
    ),
  ]
    .filter(({ component }) => isWanted(component))
    .sort(byComponentAndName);

  const data = new Map(
    changes
      .filter(({ status }) => status === 'changed')
      .map((change) => [
        key(change.reference.kind, change.reference.namespace ?? '', change.reference.name),
        change,
      ]),
  );
  const restarts = wholePairs
    .filter(({ after: now }) => isWanted(now.component))
    .flatMap((pair) => restartOf(pair, names, data) ?? [])
    .sort(byComponentAndName);
  const components = (from: ReadonlyMap<string, Build>, than: ReadonlyMap<string, Build>) =>
    [...from.keys()].filter((name) => !than.has(name) && !left.has(name) && isWanted(name)).sort();
  return {
    environment: after?.name ?? before?.name ?? '',
    timing: options.timing ?? 'merge',
    before: objects.before,
    after: objects.after,
    buildsBefore,
    buildsAfter,
    objects: changes,
    addedComponents: components(buildsAfter, buildsBefore),
    removedComponents: components(buildsBefore, buildsAfter),
    images: imageChanges(changes),
    restarts,
    uncompared: uncompared.filter(({ component }) => isWanted(component)),
  };
}

// What stands in another repository is in neither rendering; a quote that was lost is the gate's concern.
const failuresOf = (build: Build | undefined): readonly BuildFailure[] =>
  build && build.objects.length === 0 ? build.failures.filter(({ code }) => code !== 'foreign-source') : [];

/** Components that cannot be compared: a side of theirs fails, or the build that would yield them does. */
function uncomparedOf(before: readonly Build[], after: readonly Build[]): readonly Uncompared[] {
  const sides = [before, after].map((builds) => new Map(builds.map((build) => [build.component, build]))) as [
    Map<string, Build>,
    Map<string, Build>,
  ];
  const found = new Map<string, Uncompared>();
  for (const component of new Set(sides.flatMap((side) => [...side.keys()]))) {
    const [old, now] = sides.map((side) => failuresOf(side.get(component)));
    if (old!.length + now!.length > 0) found.set(component, { component, before: old!, after: now! });
  }
  // A Kustomization that is on one side only, because the other side's build of it failed; and what it yields in turn.
  for (const [here, there] of [sides, [sides[1], sides[0]] as const]) {
    const queue = [...found.values()].filter(
      ({ component, because }) => because !== undefined || failuresOf(there.get(component)).length > 0,
    );
    for (const { component: parent } of queue)
      for (const object of here.get(parent)?.objects ?? []) {
        if (!isFluxKustomization(object)) continue;
        if (there.has(object.name) || found.has(object.name)) continue;
        const child = { component: object.name, before: [], after: [], because: parent };
        found.set(object.name, child);
        queue.push(child);
      }
  }
  return [...found.values()].sort((a, b) => order(a.component, b.component));
}

interface Paired {
  readonly pairs: readonly Omit<Pair, 'fields'>[];
  readonly added: readonly RenderedObject[];
  readonly removed: readonly RenderedObject[];
}

function pairUp(
  before: readonly RenderedObject[],
  after: readonly RenderedObject[],
  names: SideNames,
): Paired {
  const left = new Map<string, RenderedObject[]>();
  for (const object of before) {
    const identity = identityOf(object, baseName(object, names.before));
    left.set(identity, [...(left.get(identity) ?? []), object]);
  }
  const pairs: Omit<Pair, 'fields'>[] = [];
  const unpaired: RenderedObject[] = [];
  const take = (object: RenderedObject, fits: (candidate: RenderedObject) => boolean): boolean => {
    const name = baseName(object, names.after);
    const candidates = left.get(identityOf(object, name)) ?? [];
    const index = candidates.findIndex(fits);
    if (index === -1) return false;
    const [found] = candidates.splice(index, 1);
    pairs.push({ before: found!, after: object, reference: referenceOf(object, name) });
    return true;
  };
  for (const object of after)
    if (!take(object, ({ component }) => component === object.component)) unpaired.push(object);
  const added = unpaired.filter((object) => !take(object, () => true));
  return { pairs, added, removed: [...left.values()].flat() };
}

const identityOf = ({ apiVersion, kind, namespace }: RenderedObject, name: string): string =>
  [groupOf(apiVersion), kind, namespace ?? '', name].join('\u0000');

const referenceOf = ({ apiVersion, kind, namespace }: RenderedObject, name: string): ObjectReference => ({
  apiVersion,
  kind,
  ...(namespace !== undefined && { namespace }),
  name,
});

function fieldsOf({ before, after }: Omit<Pair, 'fields'>, names: SideNames) {
  const [old, now] = [foldedValue(before, names.before), foldedValue(after, names.after)];
  if (isEqual(old, now)) return [];
  const spread = (object: RenderedObject, value: JsonObject): JsonObject =>
    isSecret(object) ? { ...value, data: value['data'] ?? {}, stringData: value['stringData'] ?? {} } : value;
  const changes = fieldChanges(
    spread(before, old),
    spread(after, now),
    typeOfObject(after.apiVersion, after.kind),
  );
  const [kept, wanted] = [effective(before, old), effective(after, now)];
  return changes
    .filter((change) => makesDifference(change, kept, wanted))
    .map((change) => concealed(after, change));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byComponentAndName = (
  a: Pick<ObjectChange, 'component' | 'reference'>,
  b: Pick<ObjectChange, 'component' | 'reference'>,
): number =>
  order(a.component, b.component) ||
  order(a.reference.kind, b.reference.kind) ||
  order(a.reference.namespace ?? '', b.reference.namespace ?? '') ||
  order(a.reference.name, b.reference.name);
