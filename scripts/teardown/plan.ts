import type { UsageError } from '../cli/exit.ts';
import { componentBuilds, dependenciesOf } from '../cluster/components.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { type HostVolume, hostVolumes } from '../cluster/volumes.ts';
import { pinsOf } from '../flux/pins.ts';
import type { Environment } from '../render/environment.ts';
import { isKind, type RenderedObject } from '../render/object.ts';
import type { Sources } from '../repository/sources.ts';
import { readSecretDeclarations, type SecretDeclaration } from '../secrets/declaration.ts';
import { textAt } from '../yaml/node.ts';

/** What an environment has put into its cluster, as far as the repository says. */
export interface TeardownPlan {
  readonly environment: Environment;
  /** Components, those that others depend on last. */
  readonly order: readonly string[];
  readonly namespaces: readonly string[];
  readonly volumes: readonly HostVolume[];
  readonly secrets: readonly SecretDeclaration[];
  /** What is outside of namespaces, besides namespaces and volumes, and what the root itself applies. */
  readonly leftovers: readonly RenderedObject[];
}

export type TeardownPlanned =
  | { readonly ok: true; readonly plan: TeardownPlan }
  | { readonly ok: false; readonly error: UsageError };

/** Refuses an environment whose components are released one by one: that is what people rely on. */
export function refuseProduction(environment: Environment, what: string): UsageError | undefined {
  const own = environment.objects.some(
    (object) => isKind(object, 'source.toolkit.fluxcd.io', 'GitRepository') && object.name !== fluxNamespace,
  );
  if (!own && pinsOf(environment).size === 0) return undefined;
  return {
    message: `${environment.name} is no environment to ${what} by a command: its components are promoted one by one, because people rely on it`,
    fix: 'The runbooks in docs/runbooks say how a store, a node or the cluster is replaced there.',
  };
}

export function planTeardown(sources: Sources, environment: Environment): TeardownPlanned {
  const refused = refuseProduction(environment, 'take away');
  if (refused) return { ok: false, error: refused };
  const volumes = hostVolumes(environment);
  if (!volumes.ok) return volumes;
  const declared = readSecretDeclarations(sources, environment.name);
  if (!declared.ok) return declared;
  const builds = componentBuilds(environment);
  const namespaces = environment.objects
    .filter((object) => isKind(object, '', 'Namespace') && object.name !== fluxNamespace)
    .map(({ name }) => name);
  const root = environment.builds.find(({ kustomization }) => kustomization === undefined);
  return {
    ok: true,
    plan: {
      environment,
      order: dependentsFirst(new Map(builds.map((build) => [build.component, dependenciesOf(build)]))),
      namespaces: [...new Set(namespaces)],
      volumes: volumes.volumes,
      secrets: declared.secrets,
      leftovers: [
        ...builds
          .flatMap(({ objects }) => objects)
          .filter((object) => object.namespace === undefined && !keptApart(object)),
        ...(root?.objects ?? []).filter((object) => !isFlux(object) && !keptApart(object)),
      ],
    },
  };
}

const keptApart = (object: RenderedObject): boolean =>
  isKind(object, '', 'Namespace') || isKind(object, '', 'PersistentVolume');

/** The Kustomizations and sources go their own way; Flux itself, where `flux bootstrap` has committed it, is not the root's. */
const isFlux = ({ apiVersion, node }: RenderedObject): boolean =>
  /^[a-z]+\.toolkit\.fluxcd\.io\//.test(apiVersion) ||
  textAt(node, ['metadata', 'labels', 'app.kubernetes.io/part-of']) === 'flux';

/** Whoever waits for nobody that is left comes last. */
function dependentsFirst(dependencies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name) || !dependencies.has(name)) return;
    for (const [other, needed] of dependencies) if (needed.includes(name)) visit(other);
    if (!order.includes(name)) order.push(name);
  };
  for (const name of dependencies.keys()) visit(name);
  return order;
}
