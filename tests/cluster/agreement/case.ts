import type { JsonObject } from './json.ts';

/** An object that may or may not be good: the API server's verdict on it is what the gate's is measured against. */
export interface Case {
  /** `Service/rich: service: spec.clusterIP = "x"`: the same in every run, so that a difference can be written down. */
  readonly id: string;
  /** `apps/v1 Deployment`. */
  readonly kind: string;
  /** What kind of change was made. */
  readonly family: string;
  readonly description: string;
  readonly object: JsonObject;
}

/** An object that the API server takes, and that cases are made from. */
export interface Seed {
  /** `rich`, or the name and place of an object of an environment. */
  readonly name: string;
  readonly kind: string;
  readonly object: JsonObject;
}

/** A case that is not made yet. */
export interface Candidate {
  readonly seed: Seed;
  readonly family: string;
  readonly describe: () => string;
  readonly make: () => unknown;
}

export const kindOf = (object: JsonObject): string =>
  `${String(object['apiVersion'])} ${String(object['kind'])}`;
