import type { MapNode, Node } from '../../yaml/node.ts';
import { nameReferences } from '../data/name-references.ts';
import { legacyOrder } from '../data/orders.ts';
import { listSlot, mapSlot, type Slot, setText, visitField } from '../field-spec.ts';
import {
  currentId,
  describeId,
  effectiveNamespace,
  gvkOf,
  isClusterScoped,
  isSelected,
  kindOf,
  nameOf,
  namespaceOf,
  originalId,
  previousIds,
  type Resource,
} from '../resource.ts';
import { isNull, textOf } from '../scalars.ts';
import { fail, unsupported } from '../stop.ts';

interface Target {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
}

const sortKey = (target: Target): string =>
  `${target.group || '~G'}_${target.version || '~V'}_${target.kind || '~K'}`;
const order = (kind: string): number => legacyOrder.get(kind) ?? 0;
const references = [...nameReferences].sort(
  (left, right) => order(left.kind) - order(right.kind) || (sortKey(left) < sortKey(right) ? -1 : 1),
);

/** Lets every field that names an object follow the object's new name, and subjects their new namespace. */
export function updateNameReferences(resources: readonly Resource[]): void {
  // Only what has a former name can be referred to by it.
  const renamed = new Map<string, Resource[]>();
  for (const resource of resources)
    for (const name of new Set(resource.previous.map((id) => id.name)))
      renamed.set(name, [...(renamed.get(name) ?? []), resource]);
  // Kustomize looks at the subjects even where nothing was renamed, and refuses a blank namespace.
  for (const { node } of resources) if (kindOf(node) === 'RoleBinding') subjectNamespaces(node);
  if (renamed.size === 0) return;
  for (const referrer of resources) {
    const original = originalId(referrer);
    const gvk = gvkOf(referrer.node);
    let candidates: Set<Resource> | undefined;
    for (const target of references)
      for (const spec of target.referrers) {
        if (!isSelected(original, spec)) continue;
        candidates ??= new Set(referable(resources, referrer));
        const lookup: Lookup = { referrer, target, path: spec.path, renamed, candidates };
        visitField(
          referrer.node,
          { path: spec.path },
          { origin: referrer.node.origin, set: (slot) => follow(slot, lookup) },
          gvk,
        );
      }
  }
}

interface Lookup {
  readonly referrer: Resource;
  readonly target: Target;
  readonly path: string;
  readonly renamed: ReadonlyMap<string, readonly Resource[]>;
  readonly candidates: ReadonlySet<Resource>;
}

/** What an object can refer to: its own namespace, cluster-scoped objects, and for role bindings their subjects'. */
function referable(resources: readonly Resource[], referrer: Resource): readonly Resource[] {
  const own = currentId(referrer);
  if (isClusterScoped(own)) return resources;
  const others = own.kind === 'RoleBinding' ? subjectNamespaces(referrer.node) : new Set<string>();
  return resources.filter((resource) => {
    const id = currentId(resource);
    return (
      isClusterScoped(id) ||
      effectiveNamespace(id) === effectiveNamespace(own) ||
      others.has(namespaceOf(resource.node))
    );
  });
}

/** The namespaces of the ServiceAccounts that a role binding names. */
function subjectNamespaces(node: MapNode): Set<string> {
  const result = new Set<string>();
  const subjects = node.entries.get('subjects')?.value;
  for (const subject of subjects?.type === 'list' ? subjects.items : []) {
    if (subject.type !== 'map' || textOf(subject.entries.get('kind')?.value) !== 'ServiceAccount') continue;
    const namespace = subject.entries.get('namespace')?.value;
    if (namespace === undefined) continue;
    if (namespace.type !== 'scalar' || typeof namespace.value !== 'string')
      fail(
        'blank-namespace',
        'the namespace of this subject is empty',
        'Write its namespace, or remove the field.',
        namespace.origin,
      );
    result.add(textOf(namespace));
  }
  return result;
}

function follow(slot: Slot, lookup: Lookup): void {
  const { node } = slot;
  if (isNull(node)) return;
  if (node.type === 'scalar') followName(slot, lookup);
  else if (node.type === 'map') followObject(node, lookup);
  else
    for (const [index, item] of node.items.entries()) {
      if (isNull(item)) continue;
      if (item.type === 'scalar') followName(listSlot(node, index), lookup);
      else if (item.type === 'map') followObject(item, lookup);
      else fail('name-reference', 'a list stands where a name is expected', 'Write a name.', item.origin);
    }
}

function followName(slot: Slot, lookup: Lookup): void {
  const name = textOf(slot.node);
  const candidates = (lookup.renamed.get(name) ?? []).filter((each) => lookup.candidates.has(each));
  const referral = choose(candidates, slot.node, lookup, (left, right) => left.name === right.name);
  if (referral === undefined) return;
  const renamed = nameOf(referral.node);
  // The field itself still stands where it was written, only its text has followed.
  if (renamed !== name) setText(slot, renamed, 'none', slot.node.origin, undefined);
}

function followObject(node: MapNode, lookup: Lookup): void {
  const name = mapSlot(node, 'name');
  if (!name)
    fail('name-reference', `a reference at \`${lookup.path}\` has no name`, 'Give it a `name`.', node.origin);
  const old = textOf(name.node);
  let candidates = (lookup.renamed.get(old) ?? []).filter((each) => lookup.candidates.has(each));
  const namespace = node.entries.get('namespace')?.value;
  if (namespace !== undefined) candidates = inNamespace(candidates, lookup, textOf(namespace));
  const referral = choose(
    candidates,
    node,
    lookup,
    (left, right) => left.name === right.name && left.namespace === right.namespace,
  );
  if (referral === undefined) return;
  const id = currentId(referral);
  if (id.name === old && id.namespace === '') return;
  if (name.node.type !== 'scalar') unsupported('a name that is no single value', name.node.origin);
  setText(name, id.name, 'none', name.node.origin, node.entries.get('name')?.origin);
  if (id.namespace === '') return;
  const existing = mapSlot(node, 'namespace');
  if (existing)
    setText(existing, id.namespace, 'none', existing.node.origin, node.entries.get('namespace')?.origin);
  else {
    const entry = referral.node.entries.get('metadata')?.value;
    const from = entry?.type === 'map' ? entry.entries.get('namespace') : undefined;
    const origin = from?.value.origin ?? node.origin;
    node.entries.set('namespace', {
      origin: from?.origin ?? node.origin,
      value: { type: 'scalar', value: id.namespace, origin },
    });
  }
}

/** By the namespace that objects first had; if nothing at all was there, by the current one. */
function inNamespace(candidates: readonly Resource[], lookup: Lookup, namespace: string): Resource[] {
  const first = (resource: Resource): string => {
    const id = originalId(resource);
    return resource.previous.length > 0 ? id.namespace || 'default' : effectiveNamespace(id);
  };
  const clusterMark = '_non_namespaceable_';
  const known = namespace !== clusterMark && [...lookup.candidates].some((each) => first(each) === namespace);
  return candidates.filter((each) =>
    known ? first(each) === namespace : effectiveNamespace(currentId(each)) === namespace,
  );
}

interface Names {
  readonly name: string;
  readonly namespace: string;
}

function choose(
  candidates: readonly Resource[],
  place: Node,
  { referrer, target, path }: Lookup,
  same: (left: Names, right: Names) => boolean,
): Resource | undefined {
  const own = currentId(referrer);
  const role = path.endsWith('roleRef/name') ? roleOf(referrer.node) : undefined;
  let left = candidates.filter(
    (each) =>
      previousIds(each).some((id) => isSelected(id, target)) &&
      (role === undefined || previousIds(each).some((id) => isSelected(id, role))) &&
      reachable(each, own),
  );
  if (left.length === 1) return left[0];
  left = left.filter((each) => affixesAgree(each, referrer, true));
  if (left.length > 1) left = left.filter((each) => affixesAgree(each, referrer, false));
  const [first] = left;
  if (first === undefined || left.length === 1) return first;
  const names = left.map(({ node }) => ({ name: nameOf(node), namespace: namespaceOf(node) }));
  if (names.every((each) => same(each, names[0] as Names))) return first;
  return fail(
    'ambiguous-reference',
    `the reference at \`${path}\` may mean ${left.map((each) => describeId(currentId(each))).join(' or ')}`,
    'Give the objects different names, or refer to one by its final name.',
    place.origin,
  );
}

const reachable = (resource: Resource, referrer: ReturnType<typeof currentId>): boolean => {
  if (isClusterScoped(referrer)) return true;
  const id = currentId(resource);
  return (
    isClusterScoped(id) ||
    kindOf(resource.node) === 'ServiceAccount' ||
    effectiveNamespace(id) === effectiveNamespace(referrer)
  );
};

function roleOf(node: MapNode): { group: string; kind: string } | undefined {
  const role = node.entries.get('roleRef')?.value;
  if (role?.type !== 'map') return undefined;
  const group = role.entries.get('apiGroup')?.value;
  const kind = role.entries.get('kind')?.value;
  return group && kind ? { group: textOf(group), kind: textOf(kind) } : undefined;
}

function affixesAgree(left: Resource, right: Resource, allowEmpty: boolean): boolean {
  const agree = (own: readonly string[], other: readonly string[]): boolean =>
    (allowEmpty && (own.length === 0 || other.length === 0)) || sameEnding(own, other);
  return agree(left.prefixes, right.prefixes) && agree(left.suffixes, right.suffixes);
}

function sameEnding(left: readonly string[], right: readonly string[]): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (short.length === 0) return long.length === 0;
  return short.every((each, index) => each === long[index + long.length - short.length]);
}
