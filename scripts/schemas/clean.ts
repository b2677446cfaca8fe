/** Reduces an upstream schema to what decides whether an object is valid. */

/** A JSON object of unknown shape, as parsed from upstream. */
export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const DROPPED = new Set(['description', 'example', 'examples', 'externalDocs', 'title']);

/**
 * Returns the schema without prose. `allOf: [{$ref}]` becomes a plain `$ref` (OpenAPI 3.0 cannot put keywords beside a
 * reference, JSON Schema 2020 can) and references are rewritten by `rewriteRef`. Every other keyword, `x-kubernetes-*`
 * included, is kept.
 */
export function cleanSchema(schema: unknown, rewriteRef: (ref: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => cleanSchema(item, rewriteRef));
  if (!isJson(schema)) return schema;
  const out: Json = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DROPPED.has(key)) continue;
    if (key === '$ref' && typeof value === 'string') out['$ref'] = rewriteRef(value);
    else if ((key === 'properties' || key === '$defs') && isJson(value)) {
      out[key] = Object.fromEntries(
        Object.entries(value).map(([name, sub]) => [name, cleanSchema(sub, rewriteRef)]),
      );
    } else if (
      key === 'allOf' &&
      Array.isArray(value) &&
      value.length === 1 &&
      isJson(value[0]) &&
      '$ref' in value[0]
    ) {
      Object.assign(out, cleanSchema(value[0], rewriteRef));
    } else if (['items', 'additionalProperties', 'not', 'allOf', 'anyOf', 'oneOf'].includes(key)) {
      out[key] = cleanSchema(value, rewriteRef);
    } else out[key] = value;
  }
  // `default: {}` beside a reference is what the generator writes for every Go struct that is not a pointer; the
  // server never fills in anything from it.
  if ('$ref' in out && isJson(out['default']) && Object.keys(out['default']).length === 0)
    delete out['default'];
  if (isJson(out['items']) && '$ref' in out['items']) delete out['items']['default'];
  return out;
}
