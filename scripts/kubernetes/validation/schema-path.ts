/** Paths to fields of a structural schema. Mirrors `ValidFieldPath` of apiextensions' pkg/apiserver/schema/cel. */
import { type Field, get, isSet } from './field.ts';

export type SchemaPath =
  /** `schema` is undefined where the path leads into values of any kind. */
  | { readonly ok: true; readonly names: readonly string[]; readonly schema: Field | undefined }
  /** Why, as a predicate. */
  | { readonly ok: false; readonly fault: string };

const step = /\.([^.[\]']+)|\['((?:[^'\\]|\\.)*)'\]/y;

/** Follows `.spec.name` and, where `brackets` are allowed, `['name']` through a schema. */
export function schemaAt(path: string, root: Field, brackets: boolean): SchemaPath {
  const names: string[] = [];
  let schema: Field | undefined = root;
  for (let at = 0; at < path.length; at = step.lastIndex) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (match === null)
      return { ok: false, fault: `is \`${path}\`, which is no path such as \`.spec.name\`` };
    if (match[2] !== undefined && !brackets)
      return { ok: false, fault: `is \`${path}\`, and brackets are not allowed` };
    const name = match[1] ?? unescaped(match[2] ?? '');
    names.push(name);
    if (schema === undefined) continue;
    const additional = get(schema, 'additionalProperties');
    if (isSet(get(schema, 'properties'))) schema = get(schema, 'properties', name);
    else if (isSet(additional)) schema = typeof additional.value === 'object' ? additional : undefined;
    else schema = get(schema, 'properties', name);
    if (schema !== undefined && !isSet(schema))
      return { ok: false, fault: `is \`${path}\`, and the schema has no \`${name}\` there` };
  }
  return { ok: true, names, schema };
}

const controls: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, letter: string) => controls[letter] ?? letter);
