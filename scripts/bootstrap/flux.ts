import type { RemoteUrl } from './git.ts';
import type { Source } from './objects.ts';

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
  scheme: Extract<RemoteUrl, { ok: true }>['scheme'],
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

/** The manifests that `flux install` applies, for those who have only kubectl. */
export const fluxManifestsUrl = (version: string): string =>
  `https://github.com/fluxcd/flux2/releases/download/${version}/install.yaml`;
