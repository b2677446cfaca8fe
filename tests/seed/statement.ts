import type { Json, Scalar } from '../../scripts/yaml/node.ts';

/** One step into a value: a key, an index, or the item of a list whose fields (`metadata.name`, dotted) have these values. */
export type Step = string | number | Readonly<Record<string, Scalar>>;
export type Steps = readonly Step[];

/** What a value has to be. */
export type Expectation =
  | { readonly is: Json }
  | { readonly matches: RegExp }
  /** Of a text: this part. Of a list: this item. */
  | { readonly contains: Scalar }
  /** The last step leads nowhere, though the ones before it lead somewhere. */
  | { readonly absent: true };

/** A value of a rendered object. */
export type ObjectProof = {
  /** `StatefulSet/infometis/kafka`, or `StorageClass/local-storage` where there is no namespace. A generated name goes without its hash. `*` stands for every name; there has to be one, and all have to agree. */
  readonly object: string;
  readonly path: Steps;
  /** The value is a file (YAML, JSON, properties or INI, by its key): the way on inside it. */
  readonly inside?: Steps;
} & Expectation;

/** A value of a file that is read by people and tools but never applied. Without steps it is the text of the file. */
export type FileProof = { readonly file: string; readonly path: Steps } & Expectation;

/** No object of this kind is rendered at all. */
export type NoneProof = { readonly none: string };

export type Proof = ObjectProof | FileProof | NoneProof;

/** Something that the seed says. */
export type Statement = {
  readonly id: string;
  /** In the seed's own words. */
  readonly text: string;
  /** Row of docs/decisions.md that tells where and why it is done differently. */
  readonly deviation?: string;
} & (
  | { readonly proof: readonly Proof[]; readonly notYet?: never }
  /** What is still missing, so that nothing is shown. */
  | { readonly notYet: string; readonly proof?: never }
);

/** A section of the seed. */
export interface Section {
  readonly title: string;
  readonly statements: readonly Statement[];
}
