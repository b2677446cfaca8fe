/** Reading and changing JSON by path. Nothing is changed in place. */

export type Path = readonly (string | number)[];
export type JsonObject = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In place of a value: the field goes away. */
export const absent = Symbol('absent');

export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const segment of path) {
    if (Array.isArray(here)) here = here[Number(segment)];
    else if (isObject(here)) here = here[segment];
    else return undefined;
  }
  return here;
}

/** A copy with another value at a path (`absent` removes it); what is missing on the way is made. */
export function withValue(value: unknown, path: Path, next: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return next;
  if (typeof head === 'number') {
    const list = Array.isArray(value) ? [...value] : [];
    const item = withValue(list[head], rest, next);
    if (item === absent) list.splice(head, 1);
    else list[head] = item;
    return list;
  }
  const object: Record<string, unknown> = isObject(value) ? { ...value } : {};
  const item = withValue(object[head], rest, next);
  if (item === absent) delete object[head];
  else object[head] = item;
  return object;
}

/** `spec.ports[0].name` as a path; keys with dots cannot be written so. */
export const pathOf = (text: string): Path =>
  text === ''
    ? []
    : text.split(/[.[]/).map((part) => (part.endsWith(']') ? Number(part.slice(0, -1)) : part));

/** The opposite of `pathOf`, for people. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (all, part) =>
      typeof part === 'number'
        ? `${all}[${part}]`
        : /[.[\]]/.test(part)
          ? `${all}["${part}"]`
          : `${all}${all && '.'}${part}`,
    '',
  );

/** A value for a description: one line, cut where it is long. */
export function shown(value: unknown): string {
  if (value === absent) return 'absent';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 70 ? `${text.slice(0, 50)}… (${text.length} characters)` : text;
}
