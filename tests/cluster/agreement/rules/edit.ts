import { absent } from '../json.ts';

/** Paths and the values that they get, in turn: `['spec.type', 'NodePort', 'spec.ports[0].nodePort', 1]`. */
export type Edit = readonly [path: string, value: unknown, ...more: unknown[]];

/** Changes to a hand-written seed, each of which tries a rule of the API server. */
export interface RuleCases {
  readonly family: string;
  readonly kind: string;
  /** Name of the seed in seeds/. */
  readonly seed: string;
  readonly edits: readonly Edit[];
}

export const rules = (kind: string, seed: string, family: string, edits: readonly Edit[]): RuleCases => ({
  family,
  kind,
  seed,
  edits,
});

/** The same value in turn at one path. */
export const each = (path: string, values: readonly unknown[]): Edit[] =>
  values.map((value): Edit => [path, value]);

export { absent };
