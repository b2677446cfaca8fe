/** Plain JSON that defaulting may change in place. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The mapping at a key, made where it is missing. */
export function ensure(owner: JsonObject, key: string): JsonObject {
  const found = owner[key];
  if (isObject(found)) return found;
  const made: JsonObject = {};
  owner[key] = made;
  return made;
}

/** The mapping at a key, or an empty one that belongs to nothing. */
export const mapAt = (owner: JsonObject, key: string): JsonObject => {
  const found = owner[key];
  return isObject(found) ? found : {};
};

export const listAt = (owner: JsonObject, key: string): Json[] => {
  const found = owner[key];
  return Array.isArray(found) ? found : [];
};

export const mapsAt = (owner: JsonObject, key: string): JsonObject[] => listAt(owner, key).filter(isObject);

/** Sets what is not there, or is Go's zero value of a field that is no pointer. */
export function setDefault(owner: JsonObject, key: string, value: Json): void {
  const found = owner[key];
  if (found === undefined || found === null || found === '') owner[key] = value;
}
