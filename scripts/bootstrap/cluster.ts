import type { UsageError } from '../cli/exit.ts';
import { type Identity, readIdentity } from '../cluster/identity.ts';
import { field, list, parseJson } from '../cluster/json.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { fluxDefinitions, fluxNamespace } from '../cluster/names.ts';
import { openReader } from '../cluster/read.ts';
import type { SecretDeclaration } from '../secrets/declaration.ts';
import type { Plan } from './plan.ts';

/** What is in the cluster before anything is done. */
export interface ClusterState extends Identity {
  readonly fluxInstalled: boolean;
  /** The root Kustomization leaves components out. */
  readonly rootHasPatches: boolean;
  /** Names of the Flux Kustomizations. */
  readonly deployed: ReadonlySet<string>;
  /** The keys of the Secret with which Flux fetches; undefined where there is no such Secret. */
  readonly sourceSecretKeys: ReadonlySet<string> | undefined;
  /** Keys of the declared Secrets that exist, by `namespace/name`. */
  readonly secretKeys: ReadonlyMap<string, ReadonlySet<string>>;
  readonly namespaces: ReadonlySet<string>;
}

export type Inspected =
  | { readonly ok: true; readonly state: ClusterState }
  | { readonly ok: false; readonly error: UsageError };

/** Name of a Secret as messages and maps have it. */
export const secretKey = ({ namespace, name }: Pick<SecretDeclaration, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

const controllers = ['source-controller', 'kustomize-controller'];

/** Reads what decides how to go on. It reads names of keys and no value of a Secret. */
export async function inspect(kubectl: Kubectl, plan: Plan): Promise<Inspected> {
  const identified = await readIdentity(kubectl);
  if (!identified.ok) return identified;
  const { identity, hasFlux } = identified;
  const { read, failure } = openReader(kubectl);
  const keysOf = async (namespace: string, name: string): Promise<ReadonlySet<string> | undefined> => {
    const template =
      '--output=go-template={{"found"}}{{range $key, $value := .data}}{{"\\n"}}{{$key}}{{end}}';
    const [found, ...keys] = (await read(['secret', name, '--namespace', namespace, template])).split('\n');
    return found === 'found' ? new Set(keys) : undefined;
  };

  const namespaces = new Set<string>();
  for (const name of new Set([fluxNamespace, ...plan.namespaces.map((namespace) => namespace.name)]))
    if ((await read(['namespace', name, '--output=json'])) !== '') namespaces.add(name);
  const ofFlux = async (...args: readonly string[]): Promise<string> =>
    namespaces.has(fluxNamespace) ? read([...args, '--namespace', fluxNamespace]) : '';
  const deployments = await ofFlux('deployments', '--output=name');
  const root = hasFlux
    ? parseJson(await ofFlux(fluxDefinitions.root, fluxNamespace, '--output=json'))
    : undefined;
  const deployed = root === undefined ? '' : await ofFlux(fluxDefinitions.root, '--output=name');
  const sourceSecretKeys = namespaces.has(fluxNamespace)
    ? await keysOf(fluxNamespace, fluxNamespace)
    : undefined;
  const secretKeys = new Map<string, ReadonlySet<string>>();
  for (const secret of plan.secrets) {
    if (!namespaces.has(secret.namespace)) continue;
    const keys = await keysOf(secret.namespace, secret.name);
    if (keys !== undefined) secretKeys.set(secretKey(secret), keys);
  }
  const error = failure();
  if (error) return { ok: false, error };
  return {
    ok: true,
    state: {
      ...identity,
      fluxInstalled: hasFlux && controllers.every((name) => deployments.includes(`/${name}`)),
      rootHasPatches: list(field(root, 'spec', 'patches')).length > 0,
      deployed: new Set(deployed.split('\n').map((line) => line.slice(line.indexOf('/') + 1))),
      sourceSecretKeys,
      secretKeys,
      namespaces,
    },
  };
}
