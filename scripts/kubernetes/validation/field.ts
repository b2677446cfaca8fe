/**
 * Reading an object field by field, as its Go struct would hold it: what is missing, null or of a wrong type is the zero
 * value (the schema stage reports wrong types), so that validators never have to ask and never throw.
 */

export type Path = readonly (string | number)[];

/** A value with its place in the object. */
export interface Field {
  readonly value: unknown;
  readonly path: Path;
}

type JsonObject = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** The object itself. */
export const rootOf = (value: unknown): Field => ({ value, path: [] });

/** The field below, whether it is there or not. */
export function get(field: Field, ...segments: readonly (string | number)[]): Field {
  let { value } = field;
  for (const segment of segments) {
    if (typeof segment === 'number') value = Array.isArray(value) ? value[segment] : undefined;
    else {
      const object = asObject(value);
      value = object !== undefined && Object.hasOwn(object, segment) ? object[segment] : undefined;
    }
  }
  return { value, path: [...field.path, ...segments] };
}

/** Whether a pointer field points at something: `emptyDir: {}` does, `emptyDir:` does not. */
export const isSet = (field: Field): boolean => field.value !== undefined && field.value !== null;

/** The string, or the empty one. */
export const text = (field: Field): string => (typeof field.value === 'string' ? field.value : '');

/** The number, or undefined. */
export const number = (field: Field): number | undefined =>
  typeof field.value === 'number' ? field.value : undefined;

/** Whether the field is true. */
export const isTrue = (field: Field): boolean => field.value === true;

/** The items of a list. */
export const items = (field: Field): readonly Field[] =>
  Array.isArray(field.value)
    ? field.value.map((value: unknown, index) => ({ value, path: [...field.path, index] }))
    : [];

/** The strings of a list, with their places. */
export const texts = (field: Field): readonly (readonly [string, Field])[] =>
  items(field).map((item) => [text(item), item]);

/** The entries of a mapping; one that is null is there, with the zero value. */
export const entries = (field: Field): readonly (readonly [string, Field])[] =>
  Object.entries(asObject(field.value) ?? {}).map(([key, value]) => [
    key,
    { value, path: [...field.path, key] },
  ]);

/** How many items a list or a mapping has. */
export const size = (field: Field): number =>
  Array.isArray(field.value) ? field.value.length : entries(field).length;

/** `spec.ports[0].name`, for messages. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (all, segment) =>
      typeof segment === 'number'
        ? `${all}[${segment}]`
        : /^[A-Za-z][A-Za-z0-9]*$/.test(segment)
          ? `${all}${all === '' ? '' : '.'}${segment}`
          : `${all}["${segment}"]`,
    '',
  );
