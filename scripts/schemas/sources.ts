/** What the vendored schemas are made from: Go modules, in the versions of versions.yaml. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Result } from './go.ts';

/** Module versions, each with its leading `v`. */
export interface Versions {
  readonly kubernetes: string;
  readonly 'source-controller': string;
  readonly 'kustomize-controller': string;
  readonly 'helm-controller': string;
  readonly 'notification-controller': string;
}

/**
 * The generator that Flux itself uses for its CRDs (CONTROLLER_GEN_VERSION in its Makefiles). It is pinned apart from
 * the controllers: the CRDs that they ship carry it in `controller-gen.kubebuilder.io/version`.
 */
export const CONTROLLER_GEN_VERSION = 'v0.21.0';

/** A controller whose Go module carries ready-made CRDs under `config/crd/bases`. */
export const CRD_MODULES: readonly (keyof Versions)[] = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
];

/**
 * Controllers of which only the `api` Go module can be had: their CRDs are generated from the Go types, as the
 * controller's own release does it.
 */
export const API_MODULES: readonly (keyof Versions)[] = ['notification-controller'];

/** The Go module path of a source. */
export function modulePath(name: keyof Versions): string {
  return name === 'kubernetes' ? 'k8s.io/kubernetes' : `github.com/fluxcd/${name}`;
}

const NAMES: readonly (keyof Versions)[] = ['kubernetes', ...CRD_MODULES, ...API_MODULES];

/** Reads versions.yaml (`name: tag` lines); an error where the file or one of the sources is missing. */
export function readVersions(file: string): Result<Versions> {
  let tree: unknown;
  try {
    tree = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { ok: false, error: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
  const versions: Partial<Record<keyof Versions, string>> = {};
  for (const name of NAMES) {
    const tag = (tree as Record<string, unknown> | null)?.[name];
    if (typeof tag !== 'string' || !/^v\d+\.\d+\.\d+/.test(tag)) {
      return { ok: false, error: `${file} has no \`${name}: v…\`` };
    }
    versions[name] = tag;
  }
  return { ok: true, value: versions as Versions };
}
