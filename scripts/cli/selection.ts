import type { Repository } from '../render/environment.ts';
import type { UsageError } from './exit.ts';

/** What is wrong with the environments and components that a person named; undefined where all of them exist. */
export function unknownName(
  repository: Repository,
  wanted: { readonly environments: readonly string[]; readonly components: readonly string[] },
): UsageError | undefined {
  const names = repository.environments.map(({ name }) => name);
  const environment = wanted.environments.find((name) => !names.includes(name));
  if (environment !== undefined)
    return { message: `there is no environment \`${environment}\``, fix: oneOf(names) };
  const components = repository.environments
    .filter(({ name }) => wanted.environments.length === 0 || wanted.environments.includes(name))
    .flatMap(({ builds }) => builds.map((build) => build.component));
  const component = wanted.components.find((name) => !components.includes(name));
  if (component !== undefined)
    return { message: `there is no component \`${component}\``, fix: oneOf([...new Set(components)].sort()) };
  return undefined;
}

const oneOf = (names: readonly string[]): string =>
  names.length === 0 ? 'None was found.' : `One of ${names.join(', ')}.`;
