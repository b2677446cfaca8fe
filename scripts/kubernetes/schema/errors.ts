/** Turns ajv's errors into messages that say what is wrong and what to write. */
import type { ErrorObject } from 'ajv';
import { nearestWord, onlyLonger } from '../../text/nearest.ts';
import { FORMATS } from './formats.ts';
import { type KindSchema, refName, type Store } from './store.ts';
import { isObject, type Path, type SchemaError, type SchemaErrorCode, type SchemaNode } from './types.ts';

/** A schema node on the way to a value. */
interface Place {
  readonly node: SchemaNode;
  /** The Go type of a built-in struct: `PodSpec`. */
  readonly typeName: string | undefined;
}

export interface ErrorContext {
  readonly store: Store;
  readonly kind: KindSchema;
  /** What was validated: the object after nulls were dropped and defaults filled in. */
  readonly data: unknown;
}

/** Converts, removes what only repeats another error, and orders by position in the object. */
export function toSchemaErrors(errors: readonly ErrorObject[], context: ErrorContext): SchemaError[] {
  const kept = withoutCombinatorNoise(errors).filter((error) => error.keyword !== 'if');
  let converted = kept.map((error) => convert(error, context)).filter((error) => error !== undefined);
  // CEL runs on valid objects only: on others a rule often fails for the fault that is already reported.
  if (converted.some((error) => error.code !== 'cel'))
    converted = converted.filter((error) => error.code !== 'cel');
  converted = converted.filter((error) => !isStatusNoise(error, context));
  return unique(withoutMisspeltRequired(converted)).map(({ suggestion: _, field: __, ...error }) => error);
}

/** The failed branches of anyOf, oneOf and not are not faults of their own. */
function withoutCombinatorNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const combined = errors.filter((error) => ['anyOf', 'oneOf', 'not'].includes(error.keyword));
  if (combined.length === 0) return errors;
  return errors.filter(
    (error) =>
      !combined.some(
        (outer) =>
          outer !== error &&
          error.schemaPath.startsWith(`${outer.schemaPath}/`) &&
          error.instancePath.startsWith(outer.instancePath),
      ),
  );
}

interface Draft extends SchemaError {
  /** For an unknown field the one that was probably meant, for a missing one its name. */
  readonly suggestion?: string;
  readonly field?: string;
}

/** `nmae:` is one fault, not an unknown field and a missing one. */
function withoutMisspeltRequired(errors: readonly Draft[]): readonly Draft[] {
  const meant = new Set(
    errors
      .filter((error) => error.suggestion !== undefined)
      .map((error) => JSON.stringify([error.path.slice(0, -1), error.suggestion])),
  );
  return errors.filter(
    (error) => error.field === undefined || !meant.has(JSON.stringify([error.path, error.field])),
  );
}

/**
 * The server drops status before it validates an applied object, so only what fails earlier counts there: what Go cannot
 * decode, and in custom objects the fields that pruning reports.
 */
function isStatusNoise(error: SchemaError, { kind, data }: ErrorContext): boolean {
  if (!kind.dropsStatus || error.path[0] !== 'status' || error.code === 'unknown-field') return false;
  if (error.code !== 'type') return true;
  const value = valueAt(data, error.path);
  return !kind.builtin && !(isObject(value) && Object.keys(value).length > 0);
}

function unique(errors: readonly Draft[]): Draft[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    const key = JSON.stringify([error.path, error.code, error.field ?? error.message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function convert(error: ErrorObject, context: ErrorContext): Draft | undefined {
  const path = toPath(error.instancePath, context.data);
  const value = valueAt(context.data, path);
  const name = fieldName(path);
  const params = error.params as Record<string, unknown>;
  const at = typeof path.at(-1) === 'string' ? ('key' as const) : ('value' as const);
  const wrong = (code: SchemaErrorCode, message: string, fix: string): Draft => ({
    path,
    at: 'value',
    message,
    fix,
    code,
  });

  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(path, String(params['additionalProperty']), context);
    case 'required': {
      const field = String(params['missingProperty']);
      return {
        path,
        at,
        code: 'required',
        message: `${describe(path, context)} has no \`${field}\`, which is required`,
        fix: `add \`${field}:\` to ${describe(path, context)}`,
        field,
      };
    }
    case 'k8sListKey': {
      const field = (params['missing'] as string[]).join('`, `');
      const item = [...path, params['index'] as number];
      return {
        path: item,
        at: 'value',
        code: 'required',
        message: `${describe(item, context)} has no \`${field}\`, which tells the items of \`${name}\` apart`,
        fix: `add \`${field}:\``,
        field,
      };
    }
    case 'type':
      return wrongType(path, value, [params['type']].flat().map(String), context);
    case 'k8sIntOrString':
      return wrongType(path, value, ['integer', 'string'], context);
    case 'k8sQuantity':
      if (typeof value === 'string') {
        return wrong(
          'format',
          `\`${name}\` is ${show(value)}, which is not a quantity`,
          `write a number with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei, such as 500m, 2Gi or 2G${
            /^\d+[KMGT]i?B$/i.test(value) ? ' (no `B`)' : ''
          }`,
        );
      }
      return wrongType(path, value, ['string', 'number'], context);
    case 'enum': {
      const allowed = (params['allowedValues'] as unknown[]).filter((item) => item !== null);
      const meant =
        typeof value === 'string'
          ? nearestWord(
              value,
              allowed.filter((item) => typeof item === 'string'),
            )
          : undefined;
      return wrong(
        'enum',
        `\`${name}\` is ${show(value)}, which is not one of ${allowed.map(show).join(', ')}`,
        meant === undefined ? `write one of ${allowed.map(show).join(', ')}` : `write ${show(meant)}`,
      );
    }
    case 'pattern':
      return wrong(
        'pattern',
        `\`${name}\` is ${show(value)}, which does not match ${String(params['pattern'])}`,
        patternHint(String(params['pattern']), value),
      );
    case 'format': {
      const format = String(params['format']);
      const expected = FORMATS[format]?.expected ?? format;
      return wrong(
        format === 'int32' || format === 'int64' ? 'range' : 'format',
        `\`${name}\` is ${show(value)}, but ${expected} is wanted`,
        `write ${expected}`,
      );
    }
    case 'k8sList':
      return duplicate(path, params, context);
    case 'k8sRules': {
      const below = (params['fieldPath'] as string[]) ?? [];
      const at = [...path, ...below];
      return {
        path: at,
        at: typeof at.at(-1) === 'string' ? 'key' : 'value',
        code: 'cel',
        message: `${describe(path, context)}: ${String(params['message'])}`,
        fix: `make this rule of the API true: ${String(params['rule'])}`,
      };
    }
    default:
      return (
        limits(error, path, value, name) ??
        wrong(
          'value',
          `\`${name}\` is ${show(value)}: ${error.message ?? error.keyword}`,
          'see the API reference of this field',
        )
      );
  }
}

function limits(
  error: ErrorObject,
  path: (string | number)[],
  value: unknown,
  name: string,
): Draft | undefined {
  const limit = String((error.params as Record<string, unknown>)['limit']);
  const count = (unit: string): string => `${limit} ${unit}${limit === '1' ? '' : 's'}`;
  const wanted: Readonly<Record<string, string>> = {
    minimum: `at least ${limit}`,
    maximum: `at most ${limit}`,
    exclusiveMinimum: `more than ${limit}`,
    exclusiveMaximum: `less than ${limit}`,
    minLength: `at least ${count('character')}`,
    maxLength: `at most ${count('character')}`,
    minItems: `at least ${count('item')}`,
    maxItems: `at most ${count('item')}`,
    minProperties: `at least ${count('field')}`,
    maxProperties: `at most ${count('field')}`,
    multipleOf: `a multiple of ${String((error.params as Record<string, unknown>)['multipleOf'])}`,
  };
  const want = wanted[error.keyword];
  if (want === undefined) return undefined;
  const is = Array.isArray(value)
    ? `has ${value.length} items`
    : isObject(value)
      ? `has ${Object.keys(value).length} fields`
      : typeof value === 'string' && value.length > 40
        ? `has ${value.length} characters`
        : `is ${show(value)}`;
  return {
    path,
    at: 'value',
    code: 'range',
    message: `\`${name}\` ${is}, but ${want} is wanted`,
    fix: `give it ${want}`,
  };
}

function unknownField(path: (string | number)[], field: string, context: ErrorContext): Draft {
  const places = placesAlong(path, context);
  const here = places.at(-1);
  const known = fieldsOf(here);
  const where = describe(path, context);
  const draft = { path: [...path, field], at: 'key' as const, code: 'unknown-field' as const };
  const suggest = (meant: string): Draft => ({
    ...draft,
    suggestion: meant,
    message: `unknown field \`${field}\` in ${where}; did you mean \`${meant}\`?`,
    fix: `write \`${meant}\` instead of \`${field}\``,
  });
  const meant = nearestWord(field, known);
  if (meant !== undefined) return suggest(meant);
  // A field at the wrong depth is nearly always a slip of indentation.
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    if (typeof path[depth] === 'number' || !fieldsOf(places[depth]).includes(field)) continue;
    if (Array.isArray(valueAt(context.data, path.slice(0, depth)))) continue;
    const parent = describe(path.slice(0, depth), context);
    return {
      ...draft,
      message: `unknown field \`${field}\` in ${where}; it is a field of ${parent}`,
      fix: `move \`${field}\` out to ${parent}: check its indentation`,
    };
  }
  for (const child of known) {
    const place = here === undefined ? undefined : step(here, child, context);
    if (place === undefined) continue;
    if (fieldsOf(place).includes(field)) {
      const all = known.filter((one) => fieldsOf(here && step(here, one, context)).includes(field));
      return {
        ...draft,
        message: `unknown field \`${field}\` in ${where}; it is a field of ${all.map((one) => `\`${one}\``).join(', ')}`,
        fix:
          all.length === 1
            ? `move \`${field}\` under \`${child}:\``
            : `move \`${field}\` under the one that is meant`,
      };
    }
    if (fieldsOf(step(place, 0, context)).includes(field)) {
      return {
        ...draft,
        message: `unknown field \`${field}\` in ${where}; it is a field of the items of \`${child}\``,
        fix: `move \`${field}\` into an item of \`${child}:\`: check its indentation`,
      };
    }
  }
  const longer = onlyLonger(field, known);
  if (longer !== undefined) return suggest(longer);
  const list = known.slice(0, 15).map((name) => `\`${name}\``);
  const more = known.length > list.length ? ' and others' : '';
  return {
    ...draft,
    message: `unknown field \`${field}\` in ${where}`,
    fix:
      known.length === 0
        ? `remove \`${field}\``
        : `remove \`${field}\`, or use one of ${list.join(', ')}${more}`,
  };
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
};

function wrongType(
  path: (string | number)[],
  value: unknown,
  types: readonly string[],
  context: ErrorContext,
): Draft {
  const name = fieldName(path);
  const wanted = types.filter((type) => type !== 'null');
  const article = wanted.map((type) => ARTICLES[type] ?? type).join(' or ');
  const last = path.at(-1);
  const key = typeof last === 'string' ? `${last}: ` : '- ';
  let fix = `write ${article}`;
  if (
    wanted.length === 1 &&
    wanted[0] === 'string' &&
    (typeof value === 'number' || typeof value === 'boolean')
  ) {
    // Of a long number the value no longer has every digit that was written.
    fix =
      typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
        ? `put it in quotes as it is written: \`${key}"…"\``
        : `put it in quotes: \`${key}"${String(value)}"\``;
  } else if (value === null) {
    fix = `give it a value (${article}) or remove the line`;
  } else if (typeof value === 'string') {
    const number = value.trim() !== '' && Number.isFinite(Number(value));
    if (
      (wanted.includes('integer') && Number.isInteger(Number(value)) && number) ||
      (wanted.includes('number') && number)
    ) {
      fix = `write \`${key}${value}\` without quotes`;
    } else if (wanted.includes('boolean') && /^(true|false|yes|no|on|off)$/i.test(value)) {
      fix = `write \`${key}${/^(true|yes|on)$/i.test(value)}\` without quotes`;
    } else if (wanted.includes('array')) fix = `write a list: \`${key.trim()} ["${value}"]\``;
  } else if (wanted.includes('array') && isObject(value)) {
    fix = 'write a list: put `- ` before the first key';
  } else if (wanted.includes('object') && Array.isArray(value)) {
    fix = 'write a mapping: remove the leading `- `';
  }
  const where = path.length === 0 ? 'the object' : `\`${name}\``;
  const parent = path.length > 1 ? ` of ${describe(parentOf(path), context)}` : '';
  return {
    path,
    at: 'value',
    code: 'type',
    message: `${where}${parent} is ${show(value)}, but ${article} is wanted`,
    fix,
  };
}

function duplicate(path: (string | number)[], params: Record<string, unknown>, context: ErrorContext): Draft {
  const keys = params['keys'] as string[] | undefined;
  const identity = params['identity'];
  const index = params['index'] as number;
  const list = fieldName(path);
  const what =
    keys === undefined
      ? show(identity)
      : keys.map((key, i) => `${key} ${show((identity as unknown[])[i])}`).join(', ');
  return {
    path: [...path, index],
    at: 'value',
    code: 'duplicate-list-key',
    message: `item ${index + 1} of \`${list}\` repeats item ${Number(params['first']) + 1} (${what})${
      path.length > 1 ? ` in ${describe(parentOf(path), context)}` : ''
    }`,
    fix:
      keys === undefined
        ? 'remove one of the two'
        : `remove one of the two, or give it another ${keys.join(' or ')}: server-side apply refuses a list with two items of one key`,
  };
}

function patternHint(pattern: string, value: unknown): string {
  if (/\(ms\|s\|m(\|h)?\)/.test(pattern)) {
    const bare =
      typeof value === 'string' && /^\d+$/.test(value) ? `, such as ${value}s` : ', such as 30s, 5m or 1m30s';
    return `write a duration with its unit${bare}`;
  }
  if (/^\^\(?(https?|oci|\(http)/.test(pattern)) return `write a URL that matches ${pattern}`;
  return `write a value that matches ${pattern}`;
}

// ---- where a value is ----

function toPath(pointer: string, data: unknown): (string | number)[] {
  let current = data;
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const segment = raw.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(current)) {
        const index = Number(segment);
        current = current[index];
        return index;
      }
      current = isObject(current) ? current[segment] : undefined;
      return segment;
    });
}

function valueAt(data: unknown, path: Path): unknown {
  let current = data;
  for (const segment of path) {
    if (Array.isArray(current) && typeof segment === 'number') current = current[segment];
    else if (isObject(current)) current = current[segment];
    else return undefined;
  }
  return current;
}

/** `args[2]`, `replicas`: the last field with its indices. */
function fieldName(path: Path): string {
  const start = path.findLastIndex((segment) => typeof segment === 'string');
  const [field, ...indices] = path.slice(Math.max(start, 0));
  return `${field ?? 'object'}${indices.map((index) => `[${index}]`).join('')}`;
}

/** The object around a value: list items belong to the object that holds the list. */
function parentOf(path: Path): Path {
  const start = path.findLastIndex((segment) => typeof segment === 'string');
  return path.slice(0, Math.max(start, 0));
}

/** `container \`kafka\``, `pod spec`, `\`spec.ref\``: an object as a reader knows it. */
function describe(path: Path, context: ErrorContext): string {
  if (path.length === 0) return `the ${context.kind.key.split(' ')[1] ?? 'object'}`;
  const place = placesAlong(path, context).at(-1);
  const value = valueAt(context.data, path);
  const last = path.at(-1);
  const name = typeof last === 'number' && isObject(value) ? value['name'] : undefined;
  const label = typeof name === 'string' ? ` \`${name}\`` : '';
  if (typeof last === 'number' && label === '')
    return `item ${last + 1} of \`${fieldName(path.slice(0, -1))}\``;
  if (place?.typeName !== undefined) return `${label === '' ? 'the ' : ''}${words(place.typeName)}${label}`;
  const dotted = path.map((segment, i) =>
    typeof segment === 'number' ? `[${segment}]` : i === 0 ? segment : `.${segment}`,
  );
  return `\`${dotted.join('')}\`${label}`;
}

/** `HTTPIngressPath` → `HTTP ingress path`. */
function words(typeName: string): string {
  if (typeName === 'ObjectMeta') return 'metadata';
  return typeName
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}

function placesAlong(path: Path, context: ErrorContext): (Place | undefined)[] {
  let place: Place | undefined = { node: context.kind.root, typeName: undefined };
  const places: (Place | undefined)[] = [place];
  for (const segment of path) {
    place = place === undefined ? undefined : step(place, segment, context);
    places.push(place);
  }
  return places;
}

function step({ node }: Place, segment: string | number, context: ErrorContext): Place | undefined {
  const next =
    typeof segment === 'number'
      ? node.items
      : node.properties !== undefined && Object.hasOwn(node.properties, segment)
        ? node.properties[segment]
        : typeof node.additionalProperties === 'object'
          ? node.additionalProperties
          : undefined;
  if (next === undefined) return undefined;
  if (next.$ref === undefined) return { node: next, typeName: undefined };
  const name = refName(next.$ref);
  return { node: context.store.definition(name), typeName: name.slice(name.lastIndexOf('.') + 1) };
}

function fieldsOf(place: Place | undefined): string[] {
  return Object.keys(place?.node.properties ?? {});
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}
