import { clone, type MapEntry, type MapNode, originAt } from '../../yaml/node.ts';
import { mergeStrategic } from '../merge/strategic.ts';
import { identityCriteria, nearMiss } from '../near-miss.ts';
import {
  currentId,
  describeId,
  findTwins,
  gvkOf,
  matchesAnyId,
  nameOf,
  nameOrigin,
  namespaceOf,
  type Resource,
  type ResourceId,
  storePreviousId,
} from '../resource.ts';
import { refuseOpenKey, textOf } from '../scalars.ts';
import { fail } from '../stop.ts';

export interface PatchOptions {
  readonly allowNameChange: boolean;
  readonly allowKindChange: boolean;
}

/** The one object that a strategic patch without target is for. */
export function onlyTarget(resources: readonly Resource[], patch: MapNode): Resource {
  const id: ResourceId = { ...gvkOf(patch), name: nameOf(patch), namespace: namespaceOf(patch) };
  const matches = resources.filter((resource) => !resource.deleted && matchesAnyId(resource, id));
  if (matches.length === 1) return matches[0] as Resource;
  if (matches.length > 1)
    fail(
      'unmatched-patch',
      `${matches.length} objects match this patch of ${describeId(id)}`,
      'Give the entry a target that selects one of them.',
      originAt(patch, ['metadata', 'name']),
    );
  const left = resources.filter(({ deleted }) => !deleted);
  const miss = nearMiss(identityCriteria(patch), left);
  const meant = miss?.meant && currentId(miss.meant.resource);
  return fail(
    'unmatched-patch',
    `no object matches this patch of ${describeId(id)}${meant ? `; did you mean ${hint(meant, miss.criterion.field)}?` : ''}`,
    miss?.meant
      ? `Write \`${miss.criterion.field}: ${miss.meant.value}\`, or give the entry a target.`
      : 'Correct apiVersion, kind, name or namespace of the patch, or give the entry a target.',
    originAt(patch, miss?.criterion.path ?? ['metadata', 'name']),
  );
}

const hint = (id: ResourceId, field: string): string => {
  const name = field === 'namespace' ? `${id.namespace}/${id.name}` : id.name;
  const version = field === 'apiVersion' ? ` of ${id.group === '' ? '' : `${id.group}/`}${id.version}` : '';
  return `${id.kind} \`${name}\`${version}`;
};

/**
 * The copy of a patch that is applied to a selected object: labels and annotations have become text, null included, so
 * `foo: null` does not remove a label here as it does without a target.
 */
export function asTargeted(patch: MapNode, resource: Resource): MapNode {
  const copy = clone(patch);
  const metadata = copy.entries.get('metadata')?.value;
  if (metadata?.type === 'map')
    for (const field of ['labels', 'annotations']) {
      const found = metadata.entries.get(field)?.value;
      if (found === undefined) continue;
      if (found.type !== 'map' || found.entries.size === 0) {
        metadata.entries.delete(field);
        continue;
      }
      for (const [key, { origin, value }] of found.entries) {
        refuseOpenKey(key, origin);
        found.entries.set(key, {
          origin,
          value: { type: 'scalar', value: textOf(value), origin: value.origin },
        });
      }
    }
  // Of the target's group and version; the kind stays, and with it what the patch may change.
  const own = resource.node.entries.get('apiVersion');
  if (own) copy.entries.set('apiVersion', { origin: own.origin, value: clone(own.value) });
  else copy.entries.delete('apiVersion');
  return copy;
}

/** Merges a patch into an object; kind, name and namespace stay unless the options say otherwise. */
export function patchStrategically(resource: Resource, patch: MapNode, options: PatchOptions): void {
  const { node } = resource;
  const metadata = node.entries.get('metadata')?.value as MapNode;
  const kind = node.entries.get('kind');
  const apiVersion = node.entries.get('apiVersion');
  const name = metadata.entries.get('name');
  const namespace = metadata.entries.get('namespace');
  const kept =
    namespace && namespaceOf(node) !== '' ? { ...namespace, value: clone(namespace.value) } : undefined;
  if (options.allowNameChange || options.allowKindChange) storePreviousId(resource);
  const merged = mergeStrategic(node, patch);
  if (merged === undefined || merged.entries.size === 0) {
    resource.deleted = true;
    return;
  }
  resource.node = merged;
  restore(merged, 'apiVersion', apiVersion);
  if (!options.allowKindChange) restore(merged, 'kind', kind);
  let into = merged.entries.get('metadata')?.value;
  if (into?.type !== 'map') {
    into = { type: 'map', entries: new Map(), origin: metadata.origin };
    merged.entries.set('metadata', { origin: metadata.origin, value: into });
  }
  if (!options.allowNameChange) restore(into, 'name', name);
  restore(into, 'namespace', kept);
}

function restore(node: MapNode, key: string, entry: MapEntry | undefined): void {
  if (entry) node.entries.set(key, entry);
  else node.entries.delete(key);
}

export function dropDeleted(resources: Resource[]): void {
  const left = resources.filter(({ deleted }) => !deleted);
  if (left.length < resources.length) resources.splice(0, resources.length, ...left);
}

export function refuseConflicts(resources: readonly Resource[]): void {
  const twins = findTwins(resources);
  if (twins)
    fail(
      'id-conflict',
      `two objects are ${describeId(currentId(twins[1]))} after a patch`,
      'Patch only one of them, or give them different names.',
      nameOrigin(twins[1].node),
    );
}
