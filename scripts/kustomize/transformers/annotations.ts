import { annotationFields } from '../data/field-specs.ts';
import { pairs } from '../kustomization.ts';
import { setAll } from './set-entries.ts';
import type { Transformer } from './transformer.ts';

/** `commonAnnotations`. */
export const commonAnnotations: Transformer = (_context, { node }) => {
  const values = pairs(node, 'commonAnnotations');
  if (values.length === 0) return undefined;
  return (resources) => setAll(resources, values, annotationFields);
};
