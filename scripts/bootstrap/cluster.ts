import type { UsageError } from '../cli/exit.ts';
import type { SecretDeclaration } from '../secrets/declaration.ts';
import type { Json } from '../yaml/node.ts';
import { type Kubectl, lastLine, parseJson } from './kubectl.ts';
import { environmentLabel, fluxNamespace } from './objects.ts';
import type { Plan } from './plan.ts';
import { field, list } from './status.ts';

/** What is in the cluster before anything is done. */
export interface ClusterState {
  /** Of the environment that the cluster is labelled as. */
  readonly label: string | undefined;
  readonly fluxInstalled: boolean;
  /** `spec.path` of the root Kustomization. */
  readonly rootPath: string | undefined;
  /** The root Kustomization leaves components out. */
  readonly rootHasPatches: boolean;
  /** Names of the Flux Kustomizations. */
  readonly deployed: ReadonlySet<string>;
  /** `spec.url` of the source. */
  readonly sourceUrl: string | undefined;
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
const definitions = {
  source: 'gitrepositories.source.toolkit.fluxcd.io',
  root: 'kustomizations.kustomize.toolkit.fluxcd.io',
};

/** Reads what decides how to go on. It reads names of keys and no value of a Secret. */
export async function inspect(kubectl: Kubectl, plan: Plan): Promise<Inspected> {
  let failure: UsageError | undefined;
  const read = async (args: readonly string[]): Promise<string> => {
    const result = await kubectl.run(['get', ...args, '--ignore-not-found']);
    if (result.code !== 0)
      failure ??= {
        message: `the cluster cannot be read: ${lastLine(result.stderr)}`,
        fix: 'Bootstrap needs the rights of a cluster administrator: check with `kubectl auth can-i "*" "*"`.',
      };
    return result.code === 0 ? result.stdout : '';
  };
  const keysOf = async (namespace: string, name: string): Promise<ReadonlySet<string> | undefined> => {
    const template =
      '--output=go-template={{"found"}}{{range $key, $value := .data}}{{"\\n"}}{{$key}}{{end}}';
    const [found, ...keys] = (await read(['secret', name, '--namespace', namespace, template])).split('\n');
    return found === 'found' ? new Set(keys) : undefined;
  };

  const wanted = [...new Set([fluxNamespace, ...plan.namespaces.map(({ name }) => name)])];
  const existing = new Map<string, Json>();
  for (const name of wanted) {
    const object = parseJson(await read(['namespace', name, '--output=json']));
    if (object !== undefined) existing.set(name, object);
  }
  const label = field(existing.get(fluxNamespace), 'metadata', 'labels', environmentLabel);
  const crds = await read(['crd', definitions.source, definitions.root, '--output=name']);
  const hasDefinitions = Object.values(definitions).every((name) => crds.includes(name));
  const deployments = existing.has(fluxNamespace)
    ? await read(['deployments', '--namespace', fluxNamespace, '--output=name'])
    : '';
  const own = async (resource: string): Promise<Json | undefined> =>
    hasDefinitions && existing.has(fluxNamespace)
      ? parseJson(await read([resource, fluxNamespace, '--namespace', fluxNamespace, '--output=json']))
      : undefined;
  const root = await own(definitions.root);
  const source = await own(definitions.source);
  const deployed =
    root === undefined ? '' : await read([definitions.root, '--namespace', fluxNamespace, '--output=name']);
  const sourceSecretKeys = existing.has(fluxNamespace)
    ? await keysOf(fluxNamespace, fluxNamespace)
    : undefined;
  const secretKeys = new Map<string, ReadonlySet<string>>();
  for (const secret of plan.secrets) {
    if (!existing.has(secret.namespace)) continue;
    const keys = await keysOf(secret.namespace, secret.name);
    if (keys !== undefined) secretKeys.set(secretKey(secret), keys);
  }
  if (failure) return { ok: false, error: failure };
  const text = (value: Json | undefined): string | undefined =>
    typeof value === 'string' ? value : undefined;
  return {
    ok: true,
    state: {
      label: text(label),
      fluxInstalled: hasDefinitions && controllers.every((name) => deployments.includes(`/${name}`)),
      rootPath: text(field(root, 'spec', 'path')),
      rootHasPatches: list(field(root, 'spec', 'patches')).length > 0,
      deployed: new Set(deployed.split('\n').map((line) => line.slice(line.indexOf('/') + 1))),
      sourceUrl: text(field(source, 'spec', 'url')),
      sourceSecretKeys,
      secretKeys,
      namespaces: new Set(existing.keys()),
    },
  };
}

/** Why this environment must not go into this cluster: something else runs there, and Flux would delete it. */
export function refusal(state: ClusterState, environment: string, path: string): UsageError | undefined {
  if (state.label !== undefined && state.label !== environment)
    return {
      message: `this cluster is the environment \`${state.label}\`, not \`${environment}\``,
      fix: `Choose another cluster with --context. If it really is to become \`${environment}\`: remove everything of \`${state.label}\` first, then the label ${environmentLabel} of Namespace ${fluxNamespace}.`,
    };
  const current = state.rootPath?.replace(/^\.\//, '').replace(/\/$/, '');
  if (current !== undefined && current !== path)
    return {
      message: `Flux already deploys ${state.rootPath} from ${state.sourceUrl ?? 'another source'} to this cluster`,
      fix: `Going on would delete what it deployed. Choose another cluster with --context, or remove the Kustomization ${fluxNamespace} in Namespace ${fluxNamespace} first.`,
    };
  return undefined;
}
