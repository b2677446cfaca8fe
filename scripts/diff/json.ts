/** Small questions to plain JSON. */

import type { Json, JsonObject, Path } from '../yaml/node.ts';

export const isMap = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The value at a path, or undefined. */
export function get(value: Json | undefined, path: Path): Json | undefined {
  let current = value;
  for (const segment of path) {
    if (Array.isArray(current)) current = typeof segment === 'number' ? current[segment] : undefined;
    else if (isMap(current)) current = Object.hasOwn(current, segment) ? current[segment] : undefined;
    else return undefined;
  }
  return current;
}

export const textIn = (value: Json | undefined, path: Path): string | undefined => {
  const found = get(value, path);
  return typeof found === 'string' ? found : undefined;
};

export const listIn = (value: Json | undefined, path: Path): readonly Json[] => {
  const found = get(value, path);
  return Array.isArray(found) ? found : [];
};

export const textsIn = (value: Json | undefined, path: Path): readonly string[] =>
  listIn(value, path).filter((item): item is string => typeof item === 'string');

export const mapIn = (value: Json | undefined, path: Path): JsonObject => {
  const found = get(value, path);
  return isMap(found) ? found : {};
};

/** JSON in which equal values are equal texts, whatever the order of their keys. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isMap(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join(',')}}`;
  return JSON.stringify(value);
}

export const isEqual = (a: Json | undefined, b: Json | undefined): boolean => canonical(a) === canonical(b);
