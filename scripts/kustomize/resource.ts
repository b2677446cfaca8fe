import { at, type MapNode, type Node, type Origin } from '../yaml/node.ts';
import clusterScopedKinds from './data/cluster-scoped.json' with { type: 'json' };
import { textOf } from './scalars.ts';

export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface ResourceId extends Gvk {
  readonly name: string;
  /** As written; empty where there is none. */
  readonly namespace: string;
}

/** An object on its way through the build, with what kustomize remembers of it in internal annotations. */
export interface Resource {
  node: MapNode;
  /** Oldest first; the group and version are always the current ones. */
  previous: { kind: string; name: string; namespace: string }[];
  prefixes: string[];
  suffixes: string[];
  /** The name gets a hash of the content at the end. */
  needsHash: boolean;
  /** A patch deleted it; it vanishes after the transformer. */
  deleted: boolean;
}

// From the OpenAPI of Kubernetes 1.21 that kustomize 5.8.1 carries: whatever it does not know counts as namespaced.
const clusterScoped = new Set<string>(clusterScopedKinds);
const noNamespace = '_non_namespaceable_';

export const makeResource = (node: MapNode, needsHash = false): Resource => ({
  node,
  previous: [],
  prefixes: [],
  suffixes: [],
  needsHash,
  deleted: false,
});

const textAt = (node: Node, path: readonly string[]): string => {
  const found = at(node, path);
  return found?.type === 'scalar' && found.value !== null ? textOf(found) : '';
};

export const nameOf = (node: MapNode): string => textAt(node, ['metadata', 'name']);
export const namespaceOf = (node: MapNode): string => textAt(node, ['metadata', 'namespace']);
export const kindOf = (node: MapNode): string => textAt(node, ['kind']);
export const apiVersionOf = (node: MapNode): string => textAt(node, ['apiVersion']);

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export const gvkOf = (node: MapNode): Gvk => ({
  ...splitApiVersion(apiVersionOf(node)),
  kind: kindOf(node),
});

export const isClusterScoped = ({ group, version, kind }: Gvk): boolean =>
  clusterScoped.has(`${group === '' ? version : `${group}/${version}`} ${kind}`);

export const currentId = ({ node }: Resource): ResourceId => ({
  ...gvkOf(node),
  name: nameOf(node),
  namespace: namespaceOf(node),
});

export function previousIds({ node, previous }: Resource): ResourceId[] {
  if (previous.length === 0) return [];
  const groupVersion = splitApiVersion(apiVersionOf(node));
  return previous.map((id) => ({ ...groupVersion, ...id }));
}

/** The first id that the resource ever had. */
export function originalId(resource: Resource): ResourceId {
  const first = resource.previous[0];
  return first === undefined
    ? currentId(resource)
    : { ...splitApiVersion(apiVersionOf(resource.node)), ...first };
}

/** The namespace for comparisons: `default` where there is none, a mark of its own for cluster-scoped kinds. */
export function effectiveNamespace(id: ResourceId): string {
  if (isClusterScoped(id)) return noNamespace;
  return id.namespace === '' ? 'default' : id.namespace;
}

/** The same for an id that was remembered: its mark for cluster-scoped kinds is already in it. */
const rememberedNamespace = (id: ResourceId): string => (id.namespace === '' ? 'default' : id.namespace);

export const sameGvk = (left: Gvk, right: Gvk): boolean =>
  left.kind === right.kind && left.version === right.version && left.group === right.group;

export function storePreviousId(resource: Resource): void {
  const id = currentId(resource);
  resource.previous.push({ kind: id.kind, name: id.name, namespace: effectiveNamespace(id) });
}

export const matchesCurrentId = (resource: Resource, id: ResourceId): boolean => {
  const current = currentId(resource);
  return (
    current.name === id.name && sameGvk(current, id) && effectiveNamespace(current) === effectiveNamespace(id)
  );
};

const idKey = (resource: Resource): string => {
  const id = currentId(resource);
  return [id.group, id.version, id.kind, effectiveNamespace(id), id.name].join(' ');
};

/** Two resources that are the same object to kustomize, the later one second; undefined where there are none. */
export function findTwins(resources: Iterable<Resource>): readonly [Resource, Resource] | undefined {
  const seen = new Map<string, Resource>();
  for (const resource of resources) {
    const key = idKey(resource);
    const first = seen.get(key);
    if (first !== undefined) return [first, resource];
    seen.set(key, resource);
  }
  return undefined;
}

/** Whether the resource has, or ever had, this id. */
export const matchesAnyId = (resource: Resource, id: ResourceId): boolean =>
  matchesCurrentId(resource, id) ||
  previousIds(resource).some(
    (old) => old.name === id.name && sameGvk(old, id) && rememberedNamespace(old) === effectiveNamespace(id),
  );

/** Whether the kind is one that the parts of a selector name; empty parts match everything. */
export const isSelected = (
  gvk: Gvk,
  selector: { readonly group?: string; readonly version?: string; readonly kind?: string },
): boolean =>
  (!selector.group || selector.group === gvk.group) &&
  (!selector.version || selector.version === gvk.version) &&
  (!selector.kind || selector.kind === gvk.kind);

/** For messages: `Deployment kafka`, with its namespace where it has one. */
export const describeId = (id: ResourceId): string =>
  `${id.kind} ${id.namespace === '' || id.namespace === noNamespace ? '' : `${id.namespace}/`}${id.name}`;

/** Where an object is named, for messages about the object as a whole. */
export const nameOrigin = (node: MapNode): Origin => at(node, ['metadata', 'name'])?.origin ?? node.origin;
