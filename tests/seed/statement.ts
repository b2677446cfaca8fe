import type { Environment } from '../../scripts/render/environment.ts';
import type { Json, Origin, Scalar } from '../../scripts/yaml/node.ts';

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

/** The environment that a proof is about: the prototype, unless it says otherwise. */
export type Place = 'prototype' | 'small-production';

/** A value of a rendered object. */
export type ObjectProof = {
  readonly in?: Place;
  /** `StatefulSet/infometis/kafka`, or `StorageClass/local-storage` where there is no namespace. A generated name goes without its hash. `*` stands for every name; there has to be one, and all have to agree. */
  readonly object: string;
  readonly path: Steps;
  /** The value is a file (YAML, JSON, properties or INI, by its key): the way on inside it. */
  readonly inside?: Steps;
} & Expectation;

/** A value of a file that is read by people and tools but never applied. Without steps it is the text of the file. */
export type FileProof = { readonly file: string; readonly path: Steps } & Expectation;

/** No object of this kind is rendered at all. */
export type NoneProof = { readonly in?: Place; readonly none: string };

/** A value that bears a statement out, or fails to. */
export interface Evidence {
  /** `StatefulSet/infometis/kafka` or the name of a file. */
  readonly subject: string;
  readonly origin: Origin;
}

export interface Failure {
  readonly message: string;
  /** Where the value was written that is not as it should be. */
  readonly origin?: Origin;
}

/** What the render has to say about a proof: no failures means that it holds. */
export interface Outcome {
  readonly evidence: readonly Evidence[];
  readonly failures: readonly Failure[];
}

/** What no single value shows: that something holds for everything in an environment. */
export interface CheckedProof {
  readonly in: Place;
  /** What was looked at and found, for the page. */
  readonly shows: string;
  readonly check: (environment: Environment) => Outcome;
}

export type Proof = ObjectProof | FileProof | NoneProof | CheckedProof;

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
