/** Flux's namespace, and the name of the source and the root Kustomization in it: what `flux bootstrap` calls them. */
export const fluxNamespace = 'flux-system';

/** On Flux's namespace: which environment a cluster is. */
export const environmentLabel = 'infometis.io/environment';

/**
 * Owner of the fields that bootstrap sets. Flux takes away what a manager named kubectl… has set on objects that it applies,
 * and leaves every other manager's fields alone.
 */
export const fieldManager = 'infometis-bootstrap';

/** An annotation on Flux's namespace: bootstrap has installed Flux, so teardown may take it away. */
export const ownFlux = { name: 'infometis.io/flux', value: 'installed-by-bootstrap' } as const;

/** Flux's definitions of the source and of what is built from it. */
export const fluxDefinitions = {
  source: 'gitrepositories.source.toolkit.fluxcd.io',
  root: 'kustomizations.kustomize.toolkit.fluxcd.io',
} as const;
