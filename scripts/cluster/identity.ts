import type { UsageError } from '../cli/exit.ts';
import { parseJson, textField } from './json.ts';
import type { Kubectl } from './kubectl.ts';
import { environmentLabel, fluxDefinitions, fluxNamespace, ownFlux } from './names.ts';
import { openReader } from './read.ts';

/** What a cluster says of which environment it is. */
export interface Identity {
  /** Of the environment that the cluster is labelled as. */
  readonly label: string | undefined;
  /** Flux was installed by bootstrap, not by somebody else before it. */
  readonly ownFlux: boolean;
  /** `spec.path` of the root Kustomization. */
  readonly rootPath: string | undefined;
  /** `spec.url` of the source. */
  readonly sourceUrl: string | undefined;
}

export type IdentityRead =
  | { readonly ok: true; readonly identity: Identity; readonly hasFlux: boolean }
  | { readonly ok: false; readonly error: UsageError };

/** Reads which environment a cluster is. Changes nothing. */
export async function readIdentity(kubectl: Kubectl): Promise<IdentityRead> {
  const reader = openReader(kubectl);
  const namespace = parseJson(await reader.read(['namespace', fluxNamespace, '--output=json']));
  const definitions = await reader.read(['crd', ...Object.values(fluxDefinitions), '--output=name']);
  const hasFlux =
    namespace !== undefined && Object.values(fluxDefinitions).every((name) => definitions.includes(name));
  const own = async (resource: string) =>
    hasFlux
      ? parseJson(await reader.read([resource, fluxNamespace, '--namespace', fluxNamespace, '--output=json']))
      : undefined;
  const root = await own(fluxDefinitions.root);
  const source = await own(fluxDefinitions.source);
  const error = reader.failure();
  if (error) return { ok: false, error };
  return {
    ok: true,
    hasFlux,
    identity: {
      label: textField(namespace, 'metadata', 'labels', environmentLabel),
      ownFlux: textField(namespace, 'metadata', 'annotations', ownFlux.name) === ownFlux.value,
      rootPath: textField(root, 'spec', 'path'),
      sourceUrl: textField(source, 'spec', 'url'),
    },
  };
}

/** Why this environment must not go into this cluster: something else runs there, and Flux would delete it. */
export function refusal(
  { label, rootPath, sourceUrl }: Pick<Identity, 'label' | 'rootPath' | 'sourceUrl'>,
  environment: string,
  path: string,
): UsageError | undefined {
  if (label !== undefined && label !== environment)
    return {
      message: `this cluster is the environment \`${label}\`, not \`${environment}\``,
      fix: `Choose another cluster with --context. If it really is to become \`${environment}\`: remove everything of \`${label}\` first, then the label ${environmentLabel} of Namespace ${fluxNamespace}.`,
    };
  const current = rootPath?.replace(/^\.\//, '').replace(/\/$/, '');
  if (current !== undefined && current !== path)
    return {
      message: `Flux already deploys ${rootPath} from ${sourceUrl ?? 'another source'} to this cluster`,
      fix: `Going on would delete what it deployed. Choose another cluster with --context, or remove the Kustomization ${fluxNamespace} in Namespace ${fluxNamespace} first.`,
    };
  return undefined;
}
