import { type KnownGood, knownGoodKey } from '../../cache/known-good.ts';
import { isUnknownValue } from '../../flux/substitute.ts';
import { type SchemaError, validateObject } from '../../kubernetes/schema/index.ts';
import { type ValidationError, validateBeyondSchema } from '../../kubernetes/validation/index.ts';
import type { Repository } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';
import { at, type Node } from '../../yaml/node.ts';
import { schemas } from '../schema/subject.ts';
import type { SubjectOf } from '../stage.ts';

/** One object, with what the API server would say about it beyond its schema. */
export interface ApiServerSubject {
  readonly object: RenderedObject;
  readonly errors: readonly ValidationError[];
}

/** Every object of every environment. What an earlier run found good is not looked at again. */
export function* apiServerSubjects(repository: Repository): Generator<SubjectOf<ApiServerSubject>> {
  const seen = new Map<string, readonly ValidationError[]>();
  for (const environment of repository.environments)
    for (const object of environment.objects) {
      const key = knownGoodKey('api-server', JSON.stringify(object.value));
      const errors = seen.get(key) ?? validate(object, key, repository.knownGood);
      seen.set(key, errors);
      if (errors.length > 0) yield { subject: { object, errors } };
    }
}

function validate(
  object: RenderedObject,
  key: string,
  knownGood: KnownGood | undefined,
): readonly ValidationError[] {
  if (knownGood?.has(key)) return [];
  // What Flux fills in from a Secret is not known here, so nothing can be said about it.
  const found = validateBeyondSchema(object.value).filter(({ path }) => !hasUnknown(at(object.node, path)));
  if (found.length === 0) {
    knownGood?.add(key);
    return found;
  }
  // Only an object at fault is worth the second look at its schema.
  const told = validateObject(schemas(), object.value);
  return found.filter((error) => !told.some((schemaError) => says(schemaError, error, object.value)));
}

/**
 * Whether the schema stage says the same already. What it says of a mapping that lacks a field, or of an item of a list,
 * this stage says of the field; and where a field is misspelt or at the wrong depth, the right one is missing.
 */
export function says(told: SchemaError, error: ValidationError, value: unknown): boolean {
  const isAbsent = valueAt(value, error.path) === undefined;
  const parent = error.path.slice(0, -1);
  switch (told.code) {
    case 'type':
      return isWithin(told.path, error.path);
    case 'unknown-field':
      return (
        isSame(told.path.slice(0, -1), error.path) ||
        (isAbsent && (isSame(told.path.slice(0, -1), parent) || told.path.at(-1) === error.path.at(-1)))
      );
    case 'duplicate-list-key':
      return error.repeats === true && isWithin(told.path, error.path);
    case 'required':
      return isSame(told.path, error.path) || (isAbsent && isSame(told.path, parent));
    default:
      return isSame(told.path, error.path);
  }
}

type Path = readonly (string | number)[];

const isWithin = (outer: Path, inner: Path): boolean =>
  outer.every((segment, index) => segment === inner[index]);

const isSame = (a: Path, b: Path): boolean => a.length === b.length && isWithin(a, b);

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (current, segment) =>
      typeof current === 'object' && current !== null
        ? (current as Readonly<Record<string | number, unknown>>)[segment]
        : undefined,
    value,
  );

/** Whether a value, or anything in it, is known in the cluster only. */
function hasUnknown(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.type === 'scalar') return isUnknownValue(node);
  return node.type === 'list'
    ? node.items.some(hasUnknown)
    : [...node.entries.values()].some((entry) => hasUnknown(entry.value));
}
