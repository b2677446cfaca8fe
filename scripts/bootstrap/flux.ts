import type { UsageError } from '../cli/exit.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import type { ClusterState } from './cluster.ts';
import type { Source } from './objects.ts';
import type { BootstrapOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { ResolvedSource } from './source.ts';

/** How Flux gets into the cluster and to its source. */
export type Method =
  /** The Flux CLI installs Flux, commits its manifests to Git and makes the source and the root Kustomization. */
  | 'bootstrap'
  /** The Flux CLI installs Flux; bootstrap makes the source and the root Kustomization. Nothing is written to Git. */
  | 'install'
  /** Flux is there; bootstrap makes the source and the root Kustomization. */
  | 'apply';

export interface FluxCommand {
  /** What was found on PATH, or the bare name where it is only shown. */
  readonly program: string;
  readonly version: string;
  /** `--context` and `--kubeconfig`. */
  readonly connection: readonly string[];
}

/** `flux bootstrap git …`. A password or token is asked for, or taken from GIT_PASSWORD; it never stands on the command line. */
export const fluxBootstrapCommand = (
  { program, version, connection }: FluxCommand,
  source: Source,
  scheme: ResolvedSource['scheme'],
  path: string,
  privateKey?: string,
): readonly string[] => [
  program,
  'bootstrap',
  'git',
  `--url=${source.url}`,
  `--branch=${source.branch}`,
  `--path=${path}`,
  `--version=${version}`,
  ...(scheme === 'ssh' ? [] : ['--token-auth']),
  ...(scheme === 'http' ? ['--allow-insecure-http'] : []),
  ...(privateKey === undefined ? [] : [`--private-key-file=${privateKey}`]),
  ...connection,
];

/** `flux install …`. */
export const fluxInstallCommand = ({ program, version, connection }: FluxCommand): readonly string[] => [
  program,
  'install',
  `--version=${version}`,
  ...connection,
];

/** The command by which those who have only kubectl apply what `flux install` does. */
export const manifestsCommand = (kubectl: string, version: string): string =>
  `${kubectl} apply --server-side -f https://github.com/fluxcd/flux2/releases/download/${version}/install.yaml`;

/** What a method does, for the person who is to agree. */
export function describeMethod(method: Method, source: Pick<ResolvedSource, 'branch' | 'scheme'>): string {
  switch (method) {
    case 'bootstrap':
      return `flux bootstrap installs it and pushes a commit to ${source.branch} (without the right to push: --read-only)${
        source.scheme === 'ssh' ? '' : '; it asks for a token, or takes GIT_PASSWORD'
      }`;
    case 'install':
      return 'is installed; nothing is written to Git';
    case 'apply':
      return 'is in the cluster; it is told to deploy this source';
  }
}

/** The commands of the Flux CLI that a method runs. */
export const fluxCommands = (
  method: Method,
  flux: FluxCommand,
  source: Source,
  scheme: ResolvedSource['scheme'],
  plan: Plan,
  { privateKey }: BootstrapOptions,
): readonly (readonly string[])[] => {
  if (method === 'bootstrap')
    return [fluxBootstrapCommand(flux, source, scheme, plan.environment.path, privateKey)];
  return method === 'install' ? [fluxInstallCommand(flux)] : [];
};

export type MethodChosen =
  | { readonly ok: true; readonly method: Method; readonly flux: FluxCommand }
  | { readonly ok: false; readonly error: UsageError };

/**
 * How to go on, from what is on PATH and in the cluster. A choice of components rules `flux bootstrap` out: it would deploy
 * everything before the root Kustomization could be patched.
 */
export function chooseMethod(
  plan: Plan,
  options: BootstrapOptions,
  state: ClusterState,
  fluxProgram: string | undefined,
  kubectl: Kubectl,
): MethodChosen {
  const { flux: version } = plan.versions;
  const flux: FluxCommand = { program: fluxProgram ?? 'flux', version, connection: kubectl.connection };
  if (fluxProgram !== undefined && !options.readOnly && plan.choice.omitted.length === 0)
    return { ok: true, method: 'bootstrap', flux };
  if (state.fluxInstalled) return { ok: true, method: 'apply', flux };
  if (fluxProgram !== undefined) return { ok: true, method: 'install', flux };
  return {
    ok: false,
    error: {
      message: 'Flux is not in the cluster, and there is no flux on PATH to install it',
      fix: [
        `Install Flux ${version}, then run this again:`,
        `    ${manifestsCommand(kubectl.shown, version)}`,
        `  Or install the Flux CLI (https://fluxcd.io/flux/installation/) and run: flux install --version=${version}`,
      ].join('\n'),
    },
  };
}
