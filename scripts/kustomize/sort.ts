import { legacyOrder, ranks } from './data/orders.ts';
import { type Kustomization, scalars, stringOf, text } from './kustomization.ts';
import { currentId, type Resource, type ResourceId, sameGvk } from './resource.ts';
import { fail } from './stop.ts';

/** Orders the resources as `sortOptions` of the outermost kustomization says, else as the caller asks. */
export function sortResources(
  resources: readonly Resource[],
  { node }: Kustomization,
  order: 'none' | 'legacy',
): readonly Resource[] {
  const entry = node.entries.get('sortOptions');
  const options = entry?.value.type === 'map' ? entry.value : undefined;
  if (entry === undefined || options === undefined)
    return order === 'legacy' ? sorted(resources, legacyOrder) : resources;
  const wanted = text(options, 'order');
  const legacy = options.entries.get('legacySortOptions')?.value;
  if (wanted !== 'fifo' && wanted !== 'legacy')
    fail('sort-order', '`sortOptions.order` must be fifo or legacy', 'Write one of the two.', entry.origin);
  if (legacy?.type !== 'map') return wanted === 'fifo' ? resources : sorted(resources, legacyOrder);
  if (wanted === 'fifo')
    fail(
      'sort-order',
      '`legacySortOptions` do not go with `order: fifo`',
      'Remove them, or write `order: legacy`.',
      entry.origin,
    );
  const kinds = (key: string): string[] => scalars(legacy, key).map(stringOf);
  return sorted(resources, ranks(kinds('orderFirst'), kinds('orderLast')));
}

function sorted(resources: readonly Resource[], order: ReadonlyMap<string, number>): readonly Resource[] {
  const keyed = resources.map((resource) => ({ resource, id: currentId(resource) }));
  keyed.sort((left, right) => compare(left.id, right.id, order));
  return keyed.map(({ resource }) => resource);
}

function compare(left: ResourceId, right: ResourceId, order: ReadonlyMap<string, number>): number {
  if (!sameGvk(left, right)) {
    const ranked = (order.get(left.kind) ?? 0) - (order.get(right.kind) ?? 0);
    if (ranked !== 0) return ranked;
    const names = byBytes(gvkKey(left), gvkKey(right));
    const namespaces = left.kind === 'Namespace' && right.kind === 'Namespace';
    return namespaces && (left.group === '' || right.group === '') ? -names : names;
  }
  return byBytes(idKey(left), idKey(right));
}

const byBytes = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const gvkKey = ({ group, version, kind }: ResourceId): string =>
  `${group || '~G'}_${version || '~V'}_${kind || '~K'}`;
const idKey = ({ group, version, kind, namespace, name }: ResourceId): string =>
  `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}|${namespace || '~X'}|${name || '~N'}`;
