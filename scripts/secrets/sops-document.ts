import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type MapNode, type Node, type Origin, type Path, textAt } from '../yaml/node.ts';

/** A YAML document that carries the `sops` block of SOPS. */
export interface SopsDocument {
  readonly file: string;
  readonly node: MapNode;
  /** The block itself. */
  readonly sops: MapNode;
  /** How many documents the file has. */
  readonly documents: number;
}

/** A scalar of a document. */
export interface Leaf {
  readonly path: Path;
  /** The keys on the way, without the indices of lists: what SOPS matches, and binds the ciphertext to. */
  readonly keys: readonly string[];
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
}

/** The encrypted documents of a file; none where the file cannot be read or parsed. */
export function sopsDocuments(sources: Sources, file: string): readonly SopsDocument[] {
  const read = sources.files.read(file);
  // Parsing is what costs, and hardly any file is encrypted.
  if (!read.ok || !/^["']?sops["']?\s*:/m.test(read.text)) return [];
  const nodes = (sources.yaml(file)?.documents ?? []).flatMap(({ node }) => (node ? [node] : []));
  return nodes.flatMap((node) => {
    const sops = at(node, ['sops']);
    return node.type === 'map' && sops?.type === 'map' ? [{ file, node, sops, documents: nodes.length }] : [];
  });
}

/** Every scalar of a document, without those of its `sops` block. */
export function* leavesOf(node: Node): Generator<Leaf> {
  if (node.type !== 'map') return;
  for (const [key, { value, origin }] of node.entries)
    if (key !== 'sops') yield* leaves(value, [key], [key], origin);
}

function* leaves(node: Node, path: Path, keys: readonly string[], origin: Origin): Generator<Leaf> {
  switch (node.type) {
    case 'scalar':
      yield { path, keys, value: node.value, origin };
      return;
    case 'list':
      for (const [index, item] of node.items.entries())
        yield* leaves(item, [...path, index], keys, item.origin);
      return;
    case 'map':
      for (const [key, entry] of node.entries)
        yield* leaves(entry.value, [...path, key], [...keys, key], entry.origin);
  }
}

/** The age recipients of a `sops` block, in all its key groups. */
export const recipientsOf = (sops: Node): readonly string[] =>
  [sops, ...itemsAt(sops, ['key_groups'])].flatMap((group) =>
    itemsAt(group, ['age']).flatMap((item) => textAt(item, ['recipient']) ?? []),
  );

/** Whether Flux decrypts the document: without a `mac` it takes it for a plain one. */
export const hasMac = (sops: Node): boolean => (textAt(sops, ['mac']) ?? '') !== '';

/** The lists of a `sops` block in which the data key lies, encrypted once for each who may read. */
export const keyLists = ['age', 'pgp', 'kms', 'gcp_kms', 'hckms', 'azure_kv', 'hc_vault'] as const;
