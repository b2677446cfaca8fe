import { fixedNames } from '../data/field-specs.ts';
import { setText, visitField } from '../field-spec.ts';
import { scalarAt, stringOf } from '../kustomization.ts';
import { isSelected, originalId, storePreviousId } from '../resource.ts';
import { textOf } from '../scalars.ts';
import type { Transformer } from './transformer.ts';

const affix =
  (field: 'namePrefix' | 'nameSuffix'): Transformer =>
  (_context, { node }) => {
    const setting = scalarAt(node, field);
    const value = setting === undefined ? '' : stringOf(setting);
    if (setting === undefined || value === '') return undefined;
    const keyOrigin = node.entries.get(field)?.origin ?? setting.origin;
    return (resources) => {
      for (const resource of resources) {
        const id = originalId(resource);
        if (fixedNames.some((fixed) => isSelected(id, fixed))) continue;
        (field === 'namePrefix' ? resource.prefixes : resource.suffixes).push(value);
        storePreviousId(resource);
        visitField(
          resource.node,
          { path: 'metadata/name' },
          {
            origin: keyOrigin,
            set(slot) {
              const name = textOf(slot.node);
              setText(
                slot,
                field === 'namePrefix' ? value + name : name + value,
                'none',
                setting.origin,
                keyOrigin,
              );
            },
          },
        );
      }
    };
  };

/** `namePrefix`: on every name but those of Namespaces, CustomResourceDefinitions and APIServices. */
export const namePrefix: Transformer = affix('namePrefix');

/** `nameSuffix`, with the same exceptions. */
export const nameSuffix: Transformer = affix('nameSuffix');
