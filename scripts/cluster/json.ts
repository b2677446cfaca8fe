import type { Json, JsonObject } from '../yaml/node.ts';

/** JSON that a program printed; undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The value below keys of a JSON document, or undefined. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path)
    current =
      current !== null && typeof current === 'object' && !Array.isArray(current) ? current[key] : undefined;
  return current;
}

/** A text below keys of a JSON document; undefined where there is none. */
export function textField(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A JSON list, or nothing. */
export const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** The objects of a JSON list. */
export const objects = (value: Json | undefined): readonly JsonObject[] => list(value).filter(isJsonObject);

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
