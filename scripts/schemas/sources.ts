/**
 * What the vendored schemas are made from: Go modules and their versions.
 *
 * versions.yaml is the place where people and Renovate change a version; the constants here only serve a checkout
 * that does not have the file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Module versions, each with its leading `v`. */
export interface Versions {
  readonly kubernetes: string;
  readonly 'source-controller': string;
  readonly 'kustomize-controller': string;
  readonly 'helm-controller': string;
  readonly 'notification-controller': string;
}

export const DEFAULT_VERSIONS: Versions = {
  kubernetes: 'v1.36.3',
  'source-controller': 'v1.9.5',
  'kustomize-controller': 'v1.9.5',
  'helm-controller': 'v1.6.4',
  'notification-controller': 'v1.9.4',
};

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

/**
 * Reads the versions from a versions.yaml: the first string (or `version:` below the name) found under each name, at
 * whatever depth. Names that the file lacks keep their default.
 */
export function readVersions(file: string): Versions {
  if (!existsSync(file)) return DEFAULT_VERSIONS;
  const tree: unknown = parse(readFileSync(file, 'utf8'));
  const pick = (name: keyof Versions): string => {
    const found = findVersion(tree, name);
    if (found === undefined) return DEFAULT_VERSIONS[name];
    // k0s writes v1.36.3+k0s.2; the Go module is v1.36.3.
    return `v${found.replace(/^v/, '').replace(/\+.*$/, '')}`;
  };
  return {
    kubernetes: pick('kubernetes'),
    'source-controller': pick('source-controller'),
    'kustomize-controller': pick('kustomize-controller'),
    'helm-controller': pick('helm-controller'),
    'notification-controller': pick('notification-controller'),
  };
}

function findVersion(tree: unknown, name: string): string | undefined {
  if (Array.isArray(tree)) {
    for (const item of tree) {
      if (isRecord(item) && item['name'] === name && typeof item['version'] === 'string')
        return item['version'];
      const found = findVersion(item, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isRecord(tree)) return undefined;
  const own = tree[name] ?? tree[camel(name)];
  if (typeof own === 'string') return own;
  if (isRecord(own) && typeof own['version'] === 'string') return own['version'];
  for (const value of Object.values(tree)) {
    const found = findVersion(value, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
