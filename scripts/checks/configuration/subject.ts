import type { Repository } from '../../render/environment.ts';
import { indexEnvironment, type ReferenceSubject } from '../reference/index-objects.ts';

/** What the components of one environment are told: its objects, and the repository for what concerns several environments. */
export interface ConfigurationSubject {
  readonly index: ReferenceSubject;
  readonly repository: Repository;
}

// A repository never changes, and the rules of a stage ask for the same environment.
const known = new WeakMap<Repository, readonly ConfigurationSubject[]>();

export function configurationSubjects(repository: Repository): readonly ConfigurationSubject[] {
  const found = known.get(repository);
  if (found) return found;
  const subjects = repository.environments.map((environment) => ({
    index: indexEnvironment(repository, environment),
    repository,
  }));
  known.set(repository, subjects);
  return subjects;
}

/** A function whose result is worked out once for each environment: several rules look at the same brokers. */
export function oncePerEnvironment<Result>(
  make: (index: ReferenceSubject) => Result,
): (index: ReferenceSubject) => Result {
  const results = new WeakMap<ReferenceSubject, { readonly result: Result }>();
  return (index) => {
    const before = results.get(index);
    if (before) return before.result;
    const result = make(index);
    results.set(index, { result });
    return result;
  };
}
