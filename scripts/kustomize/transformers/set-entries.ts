import { type Origin, scalar } from '../../yaml/node.ts';
import type { FieldSpec } from '../data/field-specs.ts';
import { type Slot, visitField } from '../field-spec.ts';
import type { Pair } from '../kustomization.ts';
import { gvkOf, type Resource } from '../resource.ts';
import { isNull, rewritten } from '../scalars.ts';
import { fail } from '../stop.ts';

/** Sets entries in the mappings that the specs name, making them where they are missing. */
export function setAll(
  resources: readonly Resource[],
  values: readonly Pair[],
  specs: readonly FieldSpec[],
): void {
  for (const { node } of resources) {
    const gvk = gvkOf(node);
    for (const pair of values)
      for (const spec of specs)
        visitField(
          node,
          spec,
          {
            create: 'map',
            origin: pair.keyOrigin,
            set: (slot) => setEntry(slot, pair.key, pair.value, pair.keyOrigin, pair.origin),
          },
          gvk,
        );
  }
}

function setEntry(slot: Slot, key: string, value: string, keyOrigin: Origin, origin: Origin): void {
  const { node } = slot;
  if (isNull(node)) return;
  if (node.type !== 'map')
    fail(
      'not-a-mapping',
      `a ${node.type === 'list' ? 'list' : 'single value'} stands where \`${key}\` is to be set`,
      'Write a mapping in this field.',
      node.origin,
    );
  const existing = node.entries.get(key)?.value;
  const result =
    existing?.type === 'scalar' ? rewritten(existing, value, 'string', origin) : scalar(value, origin);
  node.entries.set(key, { origin: keyOrigin, value: result });
}
