import { type Node, type Origin, scalar } from '../../yaml/node.ts';
import {
  annotationFields,
  commonLabelFields,
  type FieldSpec,
  templateLabelFields,
} from '../data/field-specs.ts';
import { mergeFieldSpecs, type Slot, visitField } from '../field-spec.ts';
import { flag, items, type Pair, pairs, text } from '../kustomization.ts';
import { gvkOf, type Resource } from '../resource.ts';
import { isNull, rewritten } from '../scalars.ts';
import { fail } from '../stop.ts';
import type { Transformer } from './transformer.ts';

/** `labels` and `commonLabels`. */
export const labels: Transformer = (_context, { node }) => {
  const steps = items(node, 'labels').map((item) => ({
    pairs: pairs(item, 'pairs'),
    specs: labelFields(item),
  }));
  steps.push({ pairs: pairs(node, 'commonLabels'), specs: commonLabelFields });
  if (steps.every((step) => step.pairs.length === 0)) return undefined;
  return (resources) => {
    for (const step of steps) setAll(resources, step.pairs, step.specs);
  };
};

function labelFields(item: Node): readonly FieldSpec[] {
  const own = items(item, 'fields').map((field) => ({
    ...(text(field, 'group') === '' ? {} : { group: text(field, 'group') }),
    ...(text(field, 'version') === '' ? {} : { version: text(field, 'version') }),
    ...(text(field, 'kind') === '' ? {} : { kind: text(field, 'kind') }),
    path: text(field, 'path'),
    create: flag(field, 'create'),
  }));
  const builtIn = flag(item, 'includeSelectors')
    ? commonLabelFields
    : [
        ...(flag(item, 'includeTemplates') ? templateLabelFields : []),
        { path: 'metadata/labels', create: true },
      ];
  return mergeFieldSpecs(own, builtIn, item.origin);
}

/** `commonAnnotations`. */
export const commonAnnotations: Transformer = (_context, { node }) => {
  const values = pairs(node, 'commonAnnotations');
  if (values.length === 0) return undefined;
  return (resources) => setAll(resources, values, annotationFields);
};

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
