import { replicaFields } from '../data/field-specs.ts';
import { setText, visitField } from '../field-spec.ts';
import { items, scalarAt, text } from '../kustomization.ts';
import { currentId, isSelected, previousIds } from '../resource.ts';
import { legacyValue } from '../scalars.ts';
import { fail } from '../stop.ts';
import type { Transformer } from './transformer.ts';

/** `replicas`: by name, whatever the kind; an entry that matches nothing is an error. */
export const replicas: Transformer = (_context, { node }) => {
  const entries = items(node, 'replicas').map((item) => {
    const count = scalarAt(item, 'count');
    return {
      name: text(item, 'name'),
      count: count === undefined ? '0' : String(legacyValue(count)),
      origin: count?.origin ?? item.origin,
      keyOrigin: (item.type === 'map' ? item.entries.get('count')?.origin : undefined) ?? item.origin,
      item,
    };
  });
  if (entries.length === 0) return undefined;
  return (resources) => {
    for (const { name, count, origin, keyOrigin, item } of entries) {
      let found = false;
      for (const spec of replicaFields)
        for (const resource of resources) {
          const ids = [currentId(resource), ...previousIds(resource)];
          if (!ids.some((id) => id.name === name && isSelected(id, spec))) continue;
          found = true;
          visitField(resource.node, spec, {
            create: 'scalar',
            origin: keyOrigin,
            set: (slot) => setText(slot, count, 'other', origin, keyOrigin),
          });
        }
      if (!found)
        fail(
          'unmatched-replicas',
          `no Deployment, StatefulSet, ReplicaSet or ReplicationController is named \`${name}\``,
          'Correct the name, or remove the entry.',
          item.origin,
        );
    }
  };
};
