import { Document, visit } from 'yaml';
import type { Json } from '../yaml/node.ts';
import { resolvePlain } from '../yaml/scalar.ts';

/** Objects as a stream of YAML documents, keys sorted, in the order given. */
export const printObjects = (objects: readonly { readonly value: Json }[]): string =>
  objects.map(({ value }) => printDocument(value)).join('---\n');

function printDocument(value: Json): string {
  // YAML 1.1, so that a string such as `yes` or `1:30` is quoted for readers of either version.
  const document = new Document(value, {
    version: '1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && resolvePlain(node.value) !== node.value)
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
