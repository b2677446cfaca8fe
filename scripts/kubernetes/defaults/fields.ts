import goFields from './go-fields.json' with { type: 'json' };
import { isObject, type Json, type JsonObject } from './json.ts';

/**
 * What Kubernetes' Go types do with zero values, which OpenAPI does not say. Written by `go run .` in go-fields/, from the
 * types of k8s.io/client-go v0.36.3.
 */
interface GoFields {
  /** Fields that are always written, with the value that they have when nothing sets them. */
  readonly always?: Readonly<Record<string, Json>>;
  /** Pointers to plain values: a zero that is set is written. Every other optional field loses its zero value. */
  readonly pointers?: readonly string[];
}

const known = goFields as unknown as Readonly<Record<string, GoFields>>;
const nothing: GoFields = {};

/** By the full name of the definition, `io.k8s.api.core.v1.Container`. */
export const goFieldsOf = (definition: string): GoFields =>
  Object.hasOwn(known, definition) ? (known[definition] as GoFields) : nothing;

/** Go's zero value: what `omitempty` leaves out. A struct is never empty, an empty list or map is. */
export const isZero = (value: Json | undefined, isStruct: boolean): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (!isStruct && isObject(value) && Object.keys(value as JsonObject).length === 0);
