/** What the vendored schemas are made from: Go modules, in the versions of versions.yaml. */

/** A Go module that schemas come from. */
export interface Source {
  /** Its line in versions.yaml. */
  readonly name: string;
  readonly module: string;
}

/** A module that carries ready-made CustomResourceDefinitions. */
export interface CrdFolder extends Source {
  /** Where in the module they lie. */
  readonly folder: string;
  /** Names of the files to take; without it all of them. */
  readonly files?: RegExp;
}

export const KUBERNETES: Source = { name: 'kubernetes', module: 'k8s.io/kubernetes' };

const fluxController = (name: string): CrdFolder => ({
  name,
  module: `github.com/fluxcd/${name}`,
  folder: 'config/crd/bases',
});

const FLUX_CONTROLLERS: readonly CrdFolder[] = [
  fluxController('source-controller'),
  fluxController('kustomize-controller'),
  fluxController('helm-controller'),
];

/** What brings kinds of its own into a cluster beside Flux. Their charts install the same definitions. */
export const ADD_ONS: readonly CrdFolder[] = [
  { name: 'cert-manager', module: 'github.com/cert-manager/cert-manager', folder: 'deploy/crds' },
  {
    name: 'trust-manager',
    module: 'github.com/cert-manager/trust-manager',
    folder: 'deploy/crds',
    // ClusterBundle, its successor, is there too, but the chart does not install it: a cluster would refuse it.
    files: /^trust\.cert-manager\.io_/,
  },
  { name: 'metallb', module: 'go.universe.tf/metallb', folder: 'config/crd/bases' },
  { name: 'k8up', module: 'github.com/k8up-io/k8up/v2', folder: 'config/crd/apiextensions.k8s.io/v1' },
];

/** Every module that carries its definitions. */
export const CRD_FOLDERS: readonly CrdFolder[] = [...FLUX_CONTROLLERS, ...ADD_ONS];

/**
 * Modules of Go types alone, because no other of their controller can be had: the definitions are generated from them, as
 * the controller's own release does it.
 */
export const API_MODULES: readonly Source[] = [
  { name: 'notification-controller', module: 'github.com/fluxcd/notification-controller/api' },
];

/**
 * The generator that Flux itself uses for its CRDs (CONTROLLER_GEN_VERSION in its Makefiles). It is pinned apart from
 * the controllers: the CRDs that they ship carry it in `controller-gen.kubebuilder.io/version`.
 */
export const CONTROLLER_GEN_VERSION = 'v0.21.0';

/** Whether a file of a source's folder is one of its definitions. */
export const isDefinitionFile = ({ files }: CrdFolder, name: string): boolean =>
  /\.ya?ml$/.test(name) && (files?.test(name) ?? true);
