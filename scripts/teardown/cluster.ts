import type { UsageError } from '../cli/exit.ts';
import { type Identity, readIdentity } from '../cluster/identity.ts';
import { inventoryOf } from '../cluster/inventory.ts';
import { field, objects, parseJson, textField } from '../cluster/json.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { fluxDefinitions, fluxNamespace } from '../cluster/names.ts';
import { openReader } from '../cluster/read.ts';
import { kindArgument, type Reference } from '../cluster/removal.ts';
import { groupOf } from '../render/object.ts';
import type { JsonObject } from '../yaml/node.ts';
import type { TeardownPlan } from './plan.ts';

/** A Flux Kustomization that is there, and what Flux has applied for it. */
export interface Deployed {
  readonly name: string;
  readonly suspended: boolean;
  readonly applied: readonly (Reference & { readonly isData: boolean })[];
}

/** What of the environment is in the cluster. */
export interface Present {
  readonly identity: Identity;
  /** Flux's definitions are there. */
  readonly hasFlux: boolean;
  /** kustomize-controller is installed but does not run: nothing will be pruned. */
  readonly fluxIsDown: boolean;
  /** Without the root; those that others depend on last. */
  readonly deployed: readonly Deployed[];
  readonly hasRoot: boolean;
  readonly hasSource: boolean;
  readonly namespaces: readonly string[];
  readonly volumes: readonly string[];
  readonly claims: readonly Reference[];
  /** Declared Secrets. */
  readonly secrets: readonly Reference[];
  /** Workloads, claims and Secrets in the namespaces that neither Git nor bootstrap has made. */
  readonly foreign: readonly Reference[];
  readonly leftovers: readonly Reference[];
  /** Volumes that lie elsewhere than Git says, so that their directories are not removed. */
  readonly moved: readonly { readonly name: string; readonly directory: string }[];
}

export type PresentRead =
  | { readonly ok: true; readonly present: Present }
  | { readonly ok: false; readonly error: UsageError };

const ownerLabel = 'kustomize.toolkit.fluxcd.io/namespace';
const visible =
  'deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch,cronjobs.batch,persistentvolumeclaims';

/** Looks for everything that teardown is about. Reads no value of a Secret. */
export async function lookFor(kubectl: Kubectl, plan: TeardownPlan): Promise<PresentRead> {
  const identified = await readIdentity(kubectl);
  if (!identified.ok) return identified;
  const { identity, hasFlux } = identified;
  const reader = openReader(kubectl);
  const items = async (...args: readonly string[]): Promise<readonly JsonObject[]> => {
    const read = parseJson(await reader.read([...args, '--output=json']));
    // One object alone comes without a list around it.
    return field(read, 'items') === undefined ? objects([read ?? null]) : objects(field(read, 'items'));
  };
  const nameOf = (object: JsonObject): string => textField(object, 'metadata', 'name') ?? '';

  const kustomizations = hasFlux ? await items(fluxDefinitions.root, '--namespace', fluxNamespace) : [];
  const sources = hasFlux ? await items(fluxDefinitions.source, '--namespace', fluxNamespace) : [];
  // What an older commit has deployed may not be in this checkout any more; the root's label tells.
  const own = kustomizations.filter(
    (object) =>
      nameOf(object) !== fluxNamespace &&
      (plan.order.includes(nameOf(object)) ||
        textField(object, 'metadata', 'labels', 'kustomize.toolkit.fluxcd.io/name') === fluxNamespace),
  );
  const rank = (object: JsonObject): number => plan.order.indexOf(nameOf(object));
  const deployed = [...own]
    .sort((a, b) => rank(a) - rank(b))
    .map(
      (object): Deployed => ({
        name: nameOf(object),
        suspended: field(object, 'spec', 'suspend') === true,
        applied: inventoryOf(object).map(({ group, version, kind, namespace, name }) => ({
          kind: kindArgument(group, version, kind),
          namespace: namespace || undefined,
          name,
          isData: group === '' && ['PersistentVolume', 'PersistentVolumeClaim', 'Namespace'].includes(kind),
        })),
      }),
    );

  const namespaces =
    plan.namespaces.length === 0 ? [] : (await items('namespaces', ...plan.namespaces)).map(nameOf);
  const volumes =
    plan.volumes.length === 0
      ? []
      : await items('persistentvolumes', ...plan.volumes.map(({ name }) => name));
  const claims: Reference[] = [];
  const secrets: Reference[] = [];
  const foreign: Reference[] = [];
  const applied = new Set(
    deployed.flatMap((one) =>
      one.applied.map(({ kind, namespace, name }) => `${kind.split('.')[0]} ${namespace ?? ''}/${name}`),
    ),
  );
  const isOurs = (object: JsonObject): boolean =>
    applied.has(
      `${textField(object, 'kind')} ${textField(object, 'metadata', 'namespace')}/${nameOf(object)}`,
    ) ||
    textField(object, 'metadata', 'labels', ownerLabel) === fluxNamespace ||
    field(object, 'metadata', 'ownerReferences') !== undefined;
  for (const namespace of namespaces) {
    for (const object of await items(visible, '--namespace', namespace)) {
      const kind = textField(object, 'kind') ?? '';
      const name = nameOf(object);
      if (
        kind === 'PersistentVolumeClaim' &&
        plan.volumes.some(({ claim }) => claim.namespace === namespace && claim.name === name)
      )
        claims.push({ kind: 'persistentvolumeclaims', namespace, name });
      else if (!isOurs(object)) foreign.push({ kind, namespace, name });
    }
    // By name, so that no value passes through here.
    for (const line of (await reader.read(['secrets', '--namespace', namespace, '--output=name'])).split(
      '\n',
    )) {
      const name = line.slice(line.indexOf('/') + 1);
      if (name === '') continue;
      const isDeclared = plan.secrets.some(
        (secret) => secret.namespace === namespace && secret.name === name,
      );
      (isDeclared ? secrets : foreign).push({ kind: 'secrets', namespace, name });
    }
  }

  const leftovers: Reference[] = [];
  const byKind = new Map<string, { readonly namespace: string | undefined; readonly names: string[] }>();
  for (const { apiVersion, kind, namespace, name } of plan.leftovers) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const key = kindArgument(groupOf(apiVersion), version, kind);
    const known = byKind.get(`${key} ${namespace ?? ''}`) ?? { namespace, names: [] };
    known.names.push(name);
    byKind.set(`${key} ${namespace ?? ''}`, known);
  }
  for (const [key, { namespace, names }] of byKind) {
    const kind = key.split(' ')[0]!;
    const inside = namespace === undefined ? [] : ['--namespace', namespace];
    // What somebody else has made under the same name is theirs.
    for (const object of await items(kind, ...names, ...inside))
      if (textField(object, 'metadata', 'labels', ownerLabel) === fluxNamespace)
        leftovers.push({ kind, namespace, name: nameOf(object) });
  }

  const controller = hasFlux
    ? (await items('deployments.apps', 'kustomize-controller', '--namespace', fluxNamespace))[0]
    : undefined;
  const error = reader.failure();
  if (error) return { ok: false, error };
  return {
    ok: true,
    present: {
      identity,
      hasFlux,
      fluxIsDown: controller !== undefined && !field(controller, 'status', 'availableReplicas'),
      deployed,
      hasRoot: kustomizations.some((object) => nameOf(object) === fluxNamespace),
      hasSource: sources.some((object) => nameOf(object) === fluxNamespace),
      namespaces,
      volumes: volumes.map(nameOf),
      claims,
      secrets,
      foreign,
      leftovers,
      moved: volumes.flatMap((object) => {
        const directory = textField(object, 'spec', 'hostPath', 'path') ?? 'no directory';
        const stated = plan.volumes.find(({ name }) => name === nameOf(object))?.directory;
        return directory === stated ? [] : [{ name: nameOf(object), directory }];
      }),
    },
  };
}

/** Whether there is anything of the environment at all. */
export const isNothing = ({
  identity,
  deployed,
  hasRoot,
  namespaces,
  volumes,
  leftovers,
}: Present): boolean =>
  identity.label === undefined &&
  deployed.length === 0 &&
  !hasRoot &&
  namespaces.length === 0 &&
  volumes.length === 0 &&
  leftovers.length === 0;
