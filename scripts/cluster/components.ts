import type { UsageError } from '../cli/exit.ts';
import type { Build, Environment, Repository } from '../render/environment.ts';
import { didYouMean } from '../text/nearest.ts';
import { itemsAt, textAt } from '../yaml/node.ts';
import { fluxNamespace } from './names.ts';

/** The components of an environment: its Flux Kustomizations, without the root that yields them. */
export const componentBuilds = (environment: Environment): readonly Build[] =>
  environment.builds.filter(
    ({ component, kustomization }) => kustomization !== undefined && component !== fluxNamespace,
  );

/** What the Flux Kustomization of a build waits for. */
export const dependenciesOf = (build: Build): readonly string[] =>
  itemsAt(build.kustomization?.node, ['spec', 'dependsOn']).flatMap((item) => textAt(item, ['name']) ?? []);

export type EnvironmentFound =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly error: UsageError };

/** The environment that a person has named. */
export function findEnvironment(
  { environments }: Pick<Repository, 'environments'>,
  name: string,
): EnvironmentFound {
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment) return { ok: true, environment };
  const names = environments.map((candidate) => candidate.name);
  return {
    ok: false,
    error: {
      message: `there is no environment \`${name}\`${didYouMean(name, names)}`,
      fix: `One of ${names.join(', ') || '(none)'}.`,
    },
  };
}
