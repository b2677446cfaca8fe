import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Repository } from '../../../scripts/render/environment.ts';
import { kindOf, type Seed } from './case.ts';
import { type JsonObject, withValue } from './json.ts';

/** Namespace of every namespaced case. */
export const namespace = 'agreement';

/** The hand-written objects of seeds/: every kind at its least and at its richest. */
export function writtenSeeds(): Seed[] {
  const directory = join(import.meta.dirname, 'seeds');
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(directory, file), 'utf8')))
    .map((document) => {
      if (document.errors.length > 0)
        throw new Error(`a seed cannot be read: ${document.errors[0]?.message}`);
      const object = document.toJS() as JsonObject;
      return { name: nameOf(object), kind: kindOf(object), object };
    });
}

/** Every object that the environments deploy, moved into the namespace of the cases. */
export function renderedSeeds(repository: Repository): Seed[] {
  return repository.environments.flatMap((environment) =>
    environment.objects
      .filter(({ value }) => JSON.stringify(value).length < 60_000)
      .map((object) => {
        const value = object.value as JsonObject;
        return {
          name: `${environment.name}/${object.component}/${object.name}`,
          kind: kindOf(value),
          object:
            object.namespace === undefined
              ? value
              : (withValue(value, ['metadata', 'namespace'], namespace) as JsonObject),
        };
      }),
  );
}

const nameOf = (object: JsonObject): string => String((object['metadata'] as JsonObject)['name']);
