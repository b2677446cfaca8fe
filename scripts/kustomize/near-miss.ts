import { nearestName } from '../text/nearest.ts';
import type { MapNode, Node, Path } from '../yaml/node.ts';
import {
  apiVersionOf,
  currentId,
  effectiveNamespace,
  gvkOf,
  kindOf,
  nameOf,
  namespaceOf,
  type Resource,
} from './resource.ts';
import { textOf } from './scalars.ts';
import { metadataMap, readSelector, selects } from './selector.ts';

/** One thing that a target or a patch asks of an object. */
export interface Criterion {
  /** Where it is written, below the target or the patch. */
  readonly path: Path;
  /** How messages call it. */
  readonly field: string;
  readonly wanted: string;
  holds(resource: Resource): boolean;
  /** What stands in an object in its place; only what is near to `wanted` is worth a suggestion. */
  values(resource: Resource): readonly string[];
}

/** Why nothing matched. */
export interface NearMiss {
  /** What to blame. */
  readonly criterion: Criterion;
  /** What somebody probably meant to write there, and the object that would then match. */
  readonly meant: { readonly value: string; readonly resource: Resource } | undefined;
}

/**
 * Tells which part of a target or patch keeps it from matching: first a part that is the only one in the way, with the
 * value that stands there; else the first that no object fulfils. Criteria go from the kind to the labels; one of the
 * field `name` counts most, since two objects seldom share a name by accident.
 */
export function nearMiss(
  criteria: readonly Criterion[],
  resources: readonly Resource[],
): NearMiss | undefined {
  const isName = ({ field }: Criterion): boolean => field === 'name';
  const hasName = criteria.some(isName);
  for (const criterion of [...criteria.filter((each) => !isName(each)), ...criteria.filter(isName)]) {
    const others = criteria.filter((each) => each !== criterion);
    const left = resources.filter((resource) => others.every((other) => other.holds(resource)));
    const meant =
      nearestOf(criterion, left) ?? (hasName && !isName(criterion) ? onlyOf(criterion, left) : undefined);
    if (meant) return { criterion, meant };
  }
  const unmet = criteria.find((criterion) => !resources.some((resource) => criterion.holds(resource)));
  const criterion = unmet ?? criteria.find(isName) ?? criteria[0];
  return criterion && { criterion, meant: unmet && nearestOf(unmet, resources) };
}

function nearestOf(criterion: Criterion, resources: readonly Resource[]): NearMiss['meant'] {
  const byValue = new Map<string, Resource>();
  for (const resource of resources)
    for (const value of criterion.values(resource)) if (!byValue.has(value)) byValue.set(value, resource);
  const value = nearestName(criterion.wanted, byValue.keys());
  return value === undefined ? undefined : { value, resource: byValue.get(value)! };
}

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob']);

function onlyOf(criterion: Criterion, resources: readonly Resource[]): NearMiss['meant'] {
  // Of what shares a workload's name, Services and accounts are not meant.
  const alike = workloads.has(criterion.wanted)
    ? resources.filter(({ node }) => workloads.has(kindOf(node)))
    : resources;
  const [resource, second] = alike;
  if (!resource || second) return undefined;
  const [value] = criterion.values(resource);
  return value === undefined || value === criterion.wanted ? undefined : { value, resource };
}

/** What a strategic patch without target asks: the object of its own apiVersion, kind, name and namespace. */
export const identityCriteria = (patch: MapNode): readonly Criterion[] => [
  {
    path: ['kind'],
    field: 'kind',
    wanted: kindOf(patch),
    holds: ({ node }) => kindOf(node) === kindOf(patch),
    values: ({ node }) => [kindOf(node)],
  },
  {
    path: ['apiVersion'],
    field: 'apiVersion',
    wanted: apiVersionOf(patch),
    holds: ({ node }) => apiVersionOf(node) === apiVersionOf(patch),
    values: ({ node }) => [apiVersionOf(node)],
  },
  {
    path: ['metadata', 'namespace'],
    field: 'namespace',
    wanted: namespaceOf(patch),
    holds: (resource) =>
      effectiveNamespace(currentId(resource)) ===
      effectiveNamespace({ ...currentId(resource), namespace: namespaceOf(patch) }),
    values: ({ node }) => present(namespaceOf(node)),
  },
  {
    path: ['metadata', 'name'],
    field: 'name',
    wanted: nameOf(patch),
    holds: ({ node, previous }) =>
      nameOf(node) === nameOf(patch) || previous.some(({ name }) => name === nameOf(patch)),
    values: ({ node }) => [nameOf(node)],
  },
];

const valuesOf: Readonly<Record<string, (node: MapNode, wanted: string) => readonly string[]>> = {
  kind: (node) => [kindOf(node)],
  group: (node) => present(gvkOf(node).group),
  version: (node) => [gvkOf(node).version],
  namespace: (node) => present(namespaceOf(node)),
  name: (node) => [nameOf(node)],
  labelSelector: (node, wanted) => pairsNear(metadataMap(node, 'labels'), wanted),
  annotationSelector: (node, wanted) => pairsNear(metadataMap(node, 'annotations'), wanted),
};

/** What the parts of a target (`patches[].target`, `replacements[].targets[].select`) ask. */
export const selectorCriteria = (selector: Node | undefined): readonly Criterion[] =>
  Object.entries(valuesOf).flatMap(([field, values]) => {
    const entry = selector?.type === 'map' ? selector.entries.get(field) : undefined;
    const wanted = textOf(entry?.value);
    if (!entry || wanted === '') return [];
    const alone: MapNode = { type: 'map', origin: entry.origin, entries: new Map([[field, entry]]) };
    const read = readSelector(alone);
    return [
      {
        path: [field],
        field,
        wanted,
        holds: (resource) => selects(read, resource),
        values: ({ node }) => values(node, wanted),
      },
    ];
  });

const present = (text: string): readonly string[] => (text === '' ? [] : [text]);

/** Of a selector for one label: the object's labels that differ from it in the value or in the key alone, and little. */
function pairsNear(labels: ReadonlyMap<string, string>, selector: string): readonly string[] {
  const [, wantedKey, wanted] = /^\s*([^\s=!,]+)\s*==?\s*([^\s=!,]+)\s*$/.exec(selector) ?? [];
  if (wantedKey === undefined || wanted === undefined) return [];
  return [...labels]
    .filter(([key, value]) =>
      key === wantedKey
        ? nearestName(wanted, [value]) !== undefined
        : value === wanted && nearestName(wantedKey, [key]) !== undefined,
    )
    .map(([key, value]) => `${key}=${value}`);
}
