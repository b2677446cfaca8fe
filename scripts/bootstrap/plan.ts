import type { UsageError } from '../cli/exit.ts';
import { componentBuilds, dependenciesOf, findEnvironment } from '../cluster/components.ts';
import { type Requests, sumRequests } from '../cluster/requests.ts';
import type { Environment, Repository } from '../render/environment.ts';
import { isKind } from '../render/object.ts';
import { readSecretDeclarations, type SecretDeclaration } from '../secrets/declaration.ts';
import type { JsonObject } from '../yaml/node.ts';
import { type Choice, chooseComponents } from './choice.ts';
import { type ControllerPatch, readControllerPatches, toolVersion } from './controllers.ts';
import { decryptionSecrets } from './decryption.ts';
import { type Facts, placeholders, readFacts } from './facts.ts';
import { namespaceObject } from './objects.ts';
import { type ComponentSource, componentSources, unpinned } from './sources.ts';
import { type ComponentUrl, componentUrls } from './urls.ts';

/** What bootstrap is going to do, as far as the repository alone decides it. */
export interface Plan {
  readonly environment: Environment;
  readonly choice: Choice;
  /** The chosen components and what their Flux Kustomizations wait for. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly secrets: readonly SecretDeclaration[];
  /** Those of the Secrets, as Git has them. */
  readonly namespaces: readonly { readonly name: string; readonly object: JsonObject }[];
  readonly controllerPatches: readonly ControllerPatch[];
  readonly facts: Facts;
  /** What the site has to replace before anything can run. */
  readonly placeholders: readonly string[];
  /** The components' own sources. */
  readonly sources: readonly ComponentSource[];
  /** Why it must not be deployed yet, whatever the cluster. */
  readonly unready: UsageError | undefined;
  readonly urls: readonly ComponentUrl[];
  readonly requests: { readonly chosen: Requests; readonly all: Requests };
  readonly versions: { readonly flux: string; readonly kubernetes: string };
}

export type PlanMade =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly error: UsageError };

/** Everything that the rendered repository says about bringing up one of its environments. */
export function makePlan(repository: Repository, name: string, only: readonly string[]): PlanMade {
  const { sources } = repository;
  const found = findEnvironment(repository, name);
  if (!found.ok) return found;
  const { environment } = found;
  // What another repository brings is no business of this one.
  const broken = environment.builds.find(({ failures }) =>
    failures.some(({ code }) => code !== 'foreign-source'),
  );
  if (broken)
    return fail(
      `${broken.component} cannot be built: ${broken.failures[0]!.message}`,
      'Flux could not build it either: run `npm run validate` and mend what it reports.',
    );
  const flux = toolVersion(sources, 'flux');
  const kubernetes = toolVersion(sources, 'kubernetes');
  if (!flux || !kubernetes)
    return fail('versions.yaml names no version of flux or kubernetes', 'Restore that file.');
  const made = chooseComponents(environment, only);
  if (!made.ok) return made;
  const { choice } = made;
  const declared = readSecretDeclarations(sources, name);
  if (!declared.ok) return declared;

  const chosen = new Set(choice.components);
  const facts = readFacts(sources, name);
  // What lies encrypted in Git is Flux's to make.
  const fromGit = declared.secrets.filter(
    ({ consumers, name: secret, namespace }) =>
      consumers.some((consumer) => chosen.has(consumer)) &&
      !environment.objects.some(
        (object) => isKind(object, '', 'Secret') && object.name === secret && object.namespace === namespace,
      ),
  );
  const secrets = [...decryptionSecrets(environment, chosen), ...fromGit];
  const own = componentSources(environment).filter(({ components }) =>
    components.some((component) => chosen.has(component)),
  );
  const objects = environment.objects.filter(({ component }) => chosen.has(component));
  return {
    ok: true,
    plan: {
      environment,
      choice,
      dependencies: new Map(
        componentBuilds(environment)
          .filter(({ component }) => chosen.has(component))
          .map((build) => [build.component, dependenciesOf(build)]),
      ),
      secrets,
      namespaces: [...new Set(secrets.map(({ namespace }) => namespace))].map((namespace) => ({
        name: namespace,
        object: namespaceObject(environment, namespace),
      })),
      controllerPatches: readControllerPatches(sources, environment.path),
      facts,
      placeholders: placeholders(sources, environment),
      sources: own,
      unready: unpinned(own),
      urls: componentUrls(environment, facts.publicHost).filter(({ component }) => chosen.has(component)),
      requests: {
        chosen: sumRequests(objects, facts.nodeCount),
        all: sumRequests(
          componentBuilds(environment).flatMap((build) => build.objects),
          facts.nodeCount,
        ),
      },
      versions: { flux, kubernetes },
    },
  };
}

const fail = (message: string, fix: string): PlanMade => ({ ok: false, error: { message, fix } });
