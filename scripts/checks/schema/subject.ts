import { join } from 'node:path';
import { type KnownGood, knownGoodKey } from '../../cache/known-good.ts';
import { isUnknownValue } from '../../flux/substitute.ts';
import {
  loadSchemas,
  type SchemaError,
  type Schemas,
  validateObject,
} from '../../kubernetes/schema/index.ts';
import type { Repository } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import type { SubjectOf } from '../stage.ts';

/** One object, with what its schema says about it. */
export interface SchemaSubject {
  readonly object: RenderedObject;
  readonly errors: readonly SchemaError[];
  readonly repository: Repository;
}

let opened: Schemas | undefined;

/** The schemas of this repository: also another one, given with --root, is for the Kubernetes that they are of. */
export const schemas = (): Schemas => {
  opened ??= loadSchemas(join(import.meta.dirname, '../../../schemas'));
  return opened;
};

/** Every object of every environment. What an earlier run found valid is not validated again. */
export function* schemaSubjects(repository: Repository): Generator<SubjectOf<SchemaSubject>> {
  const seen = new Map<string, readonly SchemaError[]>();
  for (const environment of repository.environments)
    for (const object of environment.objects) {
      const key = knownGoodKey('schema', JSON.stringify(object.value));
      const errors = seen.get(key) ?? validate(object, key, repository.knownGood);
      seen.set(key, errors);
      if (errors.length > 0) yield { subject: { object, errors, repository } };
    }
}

function validate(
  object: RenderedObject,
  key: string,
  knownGood: KnownGood | undefined,
): readonly SchemaError[] {
  if (knownGood?.has(key)) return [];
  // What Flux fills in from a Secret is not known here, so nothing can be said about it.
  const errors = validateObject(schemas(), object.value, { applier: 'flux' }).filter(
    ({ path }) => !isUnknownValue(at(object.node, path)),
  );
  if (errors.length === 0) knownGood?.add(key);
  return errors;
}
