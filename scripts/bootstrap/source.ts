import type { UsageError } from '../cli/exit.ts';
import { fluxNamespace } from '../cluster/names.ts';
import type { ClusterState } from './cluster.ts';
import { type Checkout, fluxUrl, readCheckout } from './git.ts';

/** Where Flux fetches the repository. */
export interface ResolvedSource {
  readonly url: string;
  readonly scheme: 'ssh' | 'https' | 'http';
  readonly branch: string;
  readonly notes: readonly string[];
}

export type SourceResolved =
  | { readonly ok: true; readonly source: ResolvedSource }
  | { readonly ok: false; readonly error: UsageError };

/**
 * The URL and branch that were given, or those of the checkout. A dry run goes on without a remote, since it needs none: it
 * shows a placeholder.
 */
export async function resolveSource(
  root: string,
  given: { readonly url?: string | undefined; readonly branch?: string | undefined },
  dryRun: boolean,
): Promise<SourceResolved> {
  let checkout: Checkout | undefined;
  if (given.url === undefined || given.branch === undefined) {
    const read = await readCheckout(root);
    if (read.ok) checkout = read.checkout;
    else if (!dryRun) return read;
  }
  const remote = given.url ?? checkout?.remote;
  const branch = given.branch ?? checkout?.branch;
  if (!dryRun && remote === undefined)
    return fail(
      'this clone has no remote called origin',
      'Push it to a Git server that the cluster can reach, or give its address with --url.',
    );
  if (!dryRun && branch === undefined)
    return fail('no branch is checked out', 'Check one out (`git switch main`), or give one with --branch.');
  if (!dryRun && checkout && !checkout.hasCommit && given.branch === undefined)
    return fail(
      `branch ${branch} has no commit, so there is nothing that Flux could deploy`,
      'Commit, push, then run this again.',
    );
  const notes: string[] = [];
  if (remote === undefined) notes.push('this clone has no remote called origin: give --url');
  if (branch === undefined) notes.push('no branch is checked out: give --branch');
  const parsed = remote === undefined ? undefined : fluxUrl(remote);
  if (parsed && !parsed.ok) {
    if (!dryRun) return parsed;
    notes.push(`${parsed.error.message}: give --url`);
  }
  if (parsed?.ok && parsed.hadCredentials)
    notes.push('the password or token in the address was left out: it belongs into a Secret');
  if (checkout?.branch !== undefined && branch !== checkout.branch)
    notes.push(`branch ${checkout.branch} is checked out, and described here: Flux deploys ${branch}`);
  for (const work of checkout?.unpublished ?? []) notes.push(`${work}: Flux deploys only what is pushed`);
  return {
    ok: true,
    source: {
      url: parsed?.ok ? parsed.url : 'https://git.example.com/your/repository.git',
      scheme: parsed?.ok ? parsed.scheme : 'https',
      branch: branch ?? 'main',
      notes,
    },
  };
}

const fail = (message: string, fix: string): SourceResolved => ({ ok: false, error: { message, fix } });

export type SourceSecret =
  | { readonly ok: true; readonly secret: string | undefined }
  | { readonly ok: false; readonly error: UsageError };

/**
 * The Secret by which Flux logs in where bootstrap makes the source itself: the one called flux-system, where it has what the
 * URL needs. SSH never works without; HTTPS does where the repository is public.
 */
export function sourceSecret(
  { url, scheme }: Pick<ResolvedSource, 'url' | 'scheme'>,
  state: Pick<ClusterState, 'sourceSecretKeys' | 'namespaces'>,
  kubectl: string,
): SourceSecret {
  const keys = state.sourceSecretKeys;
  const wanted = scheme === 'ssh' ? ['identity', 'known_hosts'] : ['username', 'password'];
  if (keys && wanted.every((key) => keys.has(key))) return { ok: true, secret: fluxNamespace };
  if (scheme !== 'ssh') return { ok: true, secret: keys?.has('bearerToken') ? fluxNamespace : undefined };
  const { hostname, port, pathname } = new URL(url);
  const make = [
    ...(state.namespaces.has(fluxNamespace) ? [] : [`${kubectl} create namespace ${fluxNamespace}`]),
    `ssh-keyscan ${port ? `-p ${port} ` : ''}${hostname} > known_hosts`,
    `${kubectl} -n ${fluxNamespace} create secret generic ${fluxNamespace} --from-file=identity=<private key without passphrase> --from-file=known_hosts`,
  ];
  return refuse(
    `Flux needs a key to fetch ${url}, and the cluster has no Secret ${fluxNamespace}/${fluxNamespace} with ${wanted.join(' and ')}`,
    [
      `Make it, then run this again (compare known_hosts with what ${hostname} publishes):`,
      ...make.map((line) => `    ${line}`),
      `  Or, if the repository is public, give --url https://${hostname}${pathname}`,
    ].join('\n'),
  );
}

const refuse = (message: string, fix: string): SourceSecret => ({ ok: false, error: { message, fix } });
