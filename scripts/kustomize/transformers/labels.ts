import type { Node } from '../../yaml/node.ts';
import { commonLabelFields, type FieldSpec, templateLabelFields } from '../data/field-specs.ts';
import { mergeFieldSpecs } from '../field-spec.ts';
import { flag, items, pairs, text } from '../kustomization.ts';
import { setAll } from './set-entries.ts';
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
