import { environmentLabel, fluxNamespace, ownFlux } from '../cluster/names.ts';
import type { Environment } from '../render/environment.ts';
import { isKind } from '../render/object.ts';
import type { JsonObject } from '../yaml/node.ts';
import type { Choice } from './choice.ts';

/**
 * The label by which a later run knows that it is about to work on the right cluster, and the annotation by which teardown
 * knows that Flux is bootstrap's own to take away.
 */
export const labelledFluxNamespace = (environment: string, installed = false): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: fluxNamespace,
    labels: { [environmentLabel]: environment },
    ...(installed ? { annotations: { [ownFlux.name]: ownFlux.value } } : {}),
  },
});

/** A Namespace as Git has it, so that Flux finds what it would have made; a bare one where Git has none. */
export function namespaceObject(environment: Environment, name: string): JsonObject {
  const rendered = environment.objects.find(
    (object) => isKind(object, '', 'Namespace') && object.name === name,
  );
  return rendered?.value ?? { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export interface Source {
  readonly url: string;
  readonly branch: string;
  /** A Secret in Flux's namespace. */
  readonly secret?: string | undefined;
}

/** The same as `flux bootstrap` writes to gotk-sync.yaml. */
export const gitRepository = ({ url, branch, secret }: Source): JsonObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: fluxNamespace, namespace: fluxNamespace },
  spec: {
    interval: '1m0s',
    ref: { branch },
    ...(secret === undefined ? {} : { secretRef: { name: secret } }),
    url,
  },
});

/**
 * The root Kustomization as `flux bootstrap` writes it. Components that stay away are patched out of what it builds, so Git
 * stays as it is, and a run without the choice brings them back.
 */
export const rootKustomization = (environment: Environment, choice: Choice): JsonObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: fluxNamespace, namespace: fluxNamespace },
  spec: {
    interval: '10m0s',
    ...(choice.omitted.length === 0 ? {} : { patches: [omitPatch(choice.omitted)] }),
    path: `./${environment.path}`,
    prune: true,
    sourceRef: { kind: 'GitRepository', name: fluxNamespace },
  },
});

// One patch for all: the target says which, by a regular expression that kustomize anchors at both ends.
const omitPatch = (omitted: readonly string[]): JsonObject => ({
  target: {
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    name: [...omitted].sort().join('|'),
  },
  patch: [
    '$patch: delete',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata:',
    '  name: not-chosen',
    '',
  ].join('\n'),
});

/** A Secret from its plain values. */
export const secretObject = (
  { name, namespace }: { readonly name: string; readonly namespace: string },
  values: ReadonlyMap<string, string>,
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'infometis' } },
  type: 'Opaque',
  data: encodeValues(values),
});

/** Values as the `data` of a Secret. */
export const encodeValues = (values: ReadonlyMap<string, string>): JsonObject =>
  Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
