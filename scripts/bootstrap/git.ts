import type { UsageError } from '../cli/exit.ts';
import { runProcess } from '../cluster/process.ts';

export type RemoteUrl =
  | {
      readonly ok: true;
      /** In the form that a GitRepository takes, without credentials. */
      readonly url: string;
      readonly scheme: 'ssh' | 'https' | 'http';
      /** The address that was given held a password or token. */
      readonly hadCredentials: boolean;
    }
  | { readonly ok: false; readonly error: UsageError };

const supported = 'Flux reads https://, http:// and ssh:// addresses: give one with --url.';

/** The address of a Git remote as Flux can use it from inside the cluster. Mirrors what `spec.url` of a GitRepository allows. */
export function fluxUrl(remote: string): RemoteUrl {
  // Git's short form, user@host:path, which is no URL.
  const short = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)(.+)$/.exec(remote);
  const full = short ? `ssh://${short[1] ?? 'git'}@${short[2]}/${short[3]!.replace(/^\/+/, '')}` : remote;
  if (!URL.canParse(full))
    return {
      ok: false,
      error: {
        message: `the cluster cannot fetch from ${remote}: it is a path on this machine`,
        fix: supported,
      },
    };
  const url = new URL(full);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'ssh' && scheme !== 'https' && scheme !== 'http')
    return { ok: false, error: { message: `Flux cannot fetch from a ${scheme}:// address`, fix: supported } };
  // Before a token is printed or stored where it would be readable.
  const hadCredentials = url.password !== '' || (scheme !== 'ssh' && url.username !== '');
  url.password = '';
  if (scheme !== 'ssh') url.username = '';
  else if (url.username === '') url.username = 'git';
  return { ok: true, url: url.href, scheme, hadCredentials };
}

/** What the checkout says of where its commits go. */
export interface Checkout {
  /** Undefined where there is no remote called origin. */
  readonly remote: string | undefined;
  /** Undefined where no branch is checked out. */
  readonly branch: string | undefined;
  /** False in a repository to which nothing was committed yet. */
  readonly hasCommit: boolean;
  /** Work that the remote does not have, as far as this clone knows: `2 commits that are not pushed`. */
  readonly unpublished: readonly string[];
}

export type CheckoutRead =
  | { readonly ok: true; readonly checkout: Checkout }
  | { readonly ok: false; readonly error: UsageError };

/** Asks git about a directory; no network. */
export async function readCheckout(root: string): Promise<CheckoutRead> {
  const git = (...args: string[]) => runProcess(['git', '-C', root, ...args]);
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.code === 127)
    return {
      ok: false,
      error: { message: 'git is not installed', fix: 'Install git, or give --url and --branch.' },
    };
  if (inside.code !== 0)
    return {
      ok: false,
      error: {
        message: `${root} is not a Git repository`,
        fix: 'Flux deploys from Git: clone the repository instead of unpacking it, or give --url and --branch.',
      },
    };
  const [remote, branch, status, head] = await Promise.all([
    git('remote', 'get-url', 'origin'),
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('status', '--porcelain'),
    git('rev-parse', '--quiet', '--verify', 'HEAD'),
  ]);
  const name = branch.code === 0 ? branch.stdout.trim() : undefined;
  const hasCommit = head.code === 0;
  const [known, ahead] =
    name === undefined || !hasCommit
      ? [undefined, undefined]
      : await Promise.all([
          git('rev-parse', '--quiet', '--verify', `refs/remotes/origin/${name}`),
          git('rev-list', '--count', `refs/remotes/origin/${name}..HEAD`),
        ]);
  const commits = ahead?.code === 0 ? Number(ahead.stdout.trim()) : 0;
  const changed = status.stdout.split('\n').filter((line) => line !== '').length;
  return {
    ok: true,
    checkout: {
      remote: remote.code === 0 ? remote.stdout.trim() : undefined,
      branch: name,
      hasCommit,
      unpublished: [
        ...(changed > 0 ? [`${changed} changed ${changed === 1 ? 'file' : 'files'} not committed`] : []),
        ...(commits > 0 ? [`${commits} ${commits === 1 ? 'commit' : 'commits'} not pushed`] : []),
        ...(known !== undefined && known.code !== 0
          ? [`branch ${name} is not at origin, as far as this clone knows`]
          : []),
      ],
    },
  };
}
