/** One environment, indexed once, so that each rule of the stage is a look-up. */

import { describe, type ObjectReference } from '../../finding.ts';
import {
  fluxClusterRoles,
  fluxServiceAccounts,
  isBuiltInGroup,
  isClusterScoped,
  rootCertificates,
} from '../../kubernetes/cluster-builtins.ts';
import { numberAt, type PodTemplate, podTemplateOf } from '../../kubernetes/pod-template.ts';
import type { Environment, Repository } from '../../render/environment.ts';
import { groupOf, isKind, type RenderedObject } from '../../render/object.ts';
import type { Sources } from '../../repository/sources.ts';
import { nearestName, slipOf } from '../../text/nearest.ts';
import { entriesAt, itemsAt, textAt } from '../../yaml/node.ts';
import { type DeclaredSecrets, readDeclaredSecrets } from './declared-secrets.ts';
import { isUnknown, type KnownCluster, knownCluster } from './known-cluster.ts';
import { isFromRepository } from './own-source.ts';
import { bundlesOf, keysOfBundle, namesOfBundles } from './trust-bundles.ts';

export interface Workload {
  readonly object: RenderedObject;
  readonly namespace: string;
  readonly template: PodTemplate;
}

/** What an object refers to. `namespace` is absent for cluster-scoped kinds. */
export interface Target {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** A target that is not there: the part of the message that helps to find what was meant, and how sure the gate is. */
export interface Missing {
  readonly hint: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
  readonly severity?: 'warning';
}

/** The keys of a ConfigMap or Secret; `any` where something else writes them. */
export type Keys = ReadonlySet<string> | 'any';

export interface ReferenceSubject {
  readonly environment: Environment;
  readonly sources: Sources;
  readonly workloads: readonly Workload[];
  /** Whether secrets.yaml says which Secrets exist, so that one it does not name is missing. */
  readonly secretsDeclared: boolean;
  namespaceOf(object: RenderedObject): string | undefined;
  /** All objects of a kind in the environment; within a namespace where one is given. */
  all(group: string, kind: string, namespace?: string): readonly RenderedObject[];
  /** The same with what other environments may bring into the same cluster. */
  everywhere(group: string, kind: string, namespace?: string): readonly RenderedObject[];
  find(target: Target): RenderedObject | undefined;
  /** Undefined where the target exists, or may exist: made by a Helm chart, an operator, or another repository. */
  missing(target: Target): Missing | undefined;
  /** Whether something that the gate cannot see into may make objects there. */
  isOpaque(namespace: string | undefined): boolean;
  configMapKeys(namespace: string, name: string): Keys | undefined;
  secretKeys(namespace: string, name: string): Keys | undefined;
  workloadsIn(namespace: string): readonly Workload[];
}

// Kinds of custom resources that make no object which others refer to by name.
const inertGroups: ReadonlySet<string> = new Set([
  'acme.cert-manager.io',
  'bitnami.com',
  'cert-manager.io',
  'cilium.io',
  'external-secrets.io',
  'image.toolkit.fluxcd.io',
  'k8up.io',
  'kustomize.toolkit.fluxcd.io',
  'metallb.io',
  'notification.toolkit.fluxcd.io',
  'snapshot.storage.k8s.io',
  'source.extensions.fluxcd.io',
  'source.toolkit.fluxcd.io',
  'traefik.containo.us',
  'traefik.io',
  'trust.cert-manager.io',
  'velero.io',
]);
const inertKinds: ReadonlySet<string> = new Set([
  'HTTPRoute',
  'PodMonitor',
  'Probe',
  'PrometheusRule',
  'ScrapeConfig',
  'ServiceMonitor',
]);

// Their contents come with the cluster.
const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Indexes what the cluster of an environment holds, as far as Git and secrets.yaml tell. */
export function indexEnvironment(repository: Repository, environment: Environment): ReferenceSubject {
  const known = knownCluster(repository, environment);
  const targetNamespaces = new Map(
    known.builds.map((build) => [
      ownerKey(build),
      build.kustomization && textAt(build.kustomization.node, ['spec', 'targetNamespace']),
    ]),
  );
  const customScopes = new Map(
    known.objects
      .filter((object) => isKind(object, 'apiextensions.k8s.io', 'CustomResourceDefinition'))
      .map((crd) => [
        `${textAt(crd.node, ['spec', 'group'])}/${textAt(crd.node, ['spec', 'names', 'kind'])}`,
        textAt(crd.node, ['spec', 'scope']) === 'Cluster',
      ]),
  );
  const namespaceOf = (object: RenderedObject): string | undefined => {
    const group = groupOf(object.apiVersion);
    const cluster =
      isClusterScoped(object.apiVersion, object.kind) ?? customScopes.get(`${group}/${object.kind}`);
    if (cluster === true) return undefined;
    if (object.namespace !== undefined) return object.namespace;
    const fallback = targetNamespaces.get(ownerKey(object)) ?? 'default';
    return cluster === false || isBuiltInGroup(group) ? fallback : undefined;
  };

  const byKind = new Map<string, RenderedObject[]>();
  const byName = new Map<string, RenderedObject>();
  const workloads: Workload[] = [];
  const workloadsByNamespace = new Map<string, Workload[]>();
  const opaque = { everything: known.builds.some(isUnknown) };
  const opaqueNamespaces = new Set(systemNamespaces);
  let cluster = opaque.everything;

  for (const object of known.objects) {
    const group = groupOf(object.apiVersion);
    const namespace = namespaceOf(object);
    push(byKind, `${group}/${object.kind}`, object);
    if (namespace !== undefined) push(byKind, `${group}/${object.kind}/${namespace}`, object);
    byName.set(nameKey({ group, kind: object.kind, namespace, name: object.name }), object);
    const template = podTemplateOf(object);
    if (template && namespace !== undefined) {
      const workload = { object, namespace, template };
      workloads.push(workload);
      push(workloadsByNamespace, namespace, workload);
    }
    const makes = madeElsewhere(object, namespace, known);
    if (makes === undefined) continue;
    cluster = true;
    if (makes === 'anywhere') opaque.everything = true;
    else opaqueNamespaces.add(makes);
  }

  const declared: DeclaredSecrets | undefined = readDeclaredSecrets(repository.sources, environment.name);
  const secretSources = secretsMadeFrom(known.objects, namespaceOf);
  const bundles = bundlesOf(known.objects);
  const isOpaque = (namespace: string | undefined): boolean =>
    opaque.everything || (namespace === undefined ? cluster : opaqueNamespaces.has(namespace));

  const everywhere = (group: string, kind: string, namespace?: string): readonly RenderedObject[] =>
    byKind.get(namespace === undefined ? `${group}/${kind}` : `${group}/${kind}/${namespace}`) ?? [];
  const all: typeof everywhere = (group, kind, namespace) => {
    const found = everywhere(group, kind, namespace);
    return known === environment ? found : found.filter((object) => object.environment === environment.name);
  };
  const find = (target: Target): RenderedObject | undefined => byName.get(nameKey(target));

  const configMapKeys = (namespace: string, name: string): Keys | undefined => {
    if (name === rootCertificates.name) return rootCertificates.keys;
    const found = find({ group: '', kind: 'ConfigMap', namespace, name });
    if (!found) return keysOfBundle(bundles, 'configMap', namespace, name);
    return isFilledElsewhere(found) ? 'any' : keysOf(found, ['data', 'binaryData']);
  };
  const secretKeys = (namespace: string, name: string): Keys | undefined => {
    const found = find({ group: '', kind: 'Secret', namespace, name });
    if (found) {
      const type = textAt(found.node, ['type']);
      if (type === 'kubernetes.io/service-account-token' || isFilledElsewhere(found)) return 'any';
      return keysOf(found, ['data', 'stringData']);
    }
    return (
      declared?.get(`${namespace}/${name}`) ??
      secretSources.get(`${namespace}/${name}`) ??
      keysOfBundle(bundles, 'secret', namespace, name)
    );
  };

  const namesOf = (target: Target): string[] => {
    const names = everywhere(target.group, target.kind, target.namespace).map((object) => object.name);
    if (target.group !== '' || target.namespace === undefined) return names;
    if (target.kind === 'ConfigMap')
      return names.concat(namesOfBundles(bundles, 'configMap', target.namespace));
    if (target.kind !== 'Secret') return names;
    names.push(...namesOfBundles(bundles, 'secret', target.namespace));
    const elsewhere = [...(declared?.keys() ?? []), ...secretSources.keys()];
    const prefix = `${target.namespace}/`;
    return names.concat(
      elsewhere.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)),
    );
  };

  const exists = (target: Target): boolean => {
    const { group, kind, namespace, name } = target;
    if (find(target)) return true;
    if (group === '' && namespace !== undefined) {
      if (kind === 'ConfigMap') return configMapKeys(namespace, name) !== undefined;
      if (kind === 'Secret') return secretKeys(namespace, name) !== undefined;
      if (kind === 'ServiceAccount')
        return name === 'default' || (namespace === 'flux-system' && fluxServiceAccounts.has(name));
    }
    return kind === 'ClusterRole' && fluxClusterRoles.has(name);
  };

  const missing = (target: Target): Missing | undefined => {
    if (exists(target)) return undefined;
    const names = namesOf(target);
    const unseen =
      isOpaque(target.namespace) ||
      // Nobody keeps plain Secrets in Git: without secrets.yaml they are made by hand.
      (target.kind === 'Secret' && target.group === '' && declared === undefined);
    if (unseen) {
      const slip = slipOf(target.name, names);
      return slip === undefined
        ? undefined
        : { hint: `; did you mean \`${slip}\`?`, nearest: slip, severity: 'warning' as const };
    }
    const nearest = nearestName(target.name, names);
    if (nearest !== undefined) return { hint: `; did you mean \`${nearest}\`?`, nearest };
    const elsewhere = everywhere(target.group, target.kind).find(
      (object) => object.name === target.name && namespaceOf(object) !== target.namespace,
    );
    return { hint: elsewhere ? `; there is one in namespace ${namespaceOf(elsewhere)}` : '' };
  };

  return {
    environment,
    sources: repository.sources,
    workloads: workloads.filter(({ object }) => object.environment === environment.name),
    secretsDeclared: declared !== undefined,
    namespaceOf,
    all,
    everywhere,
    find,
    missing,
    isOpaque,
    configMapKeys,
    secretKeys,
    workloadsIn: (namespace) => workloadsByNamespace.get(namespace) ?? [],
  };
}

const ownerKey = ({ environment, component }: Pick<RenderedObject, 'environment' | 'component'>): string =>
  `${environment}/${component}`;

const nameKey = ({ group, kind, namespace, name }: Target): string =>
  `${group}/${kind}/${namespace ?? ''}/${name}`;

/** `ConfigMap infometis/kafka-config`, for messages. */
export const printTarget = (target: Target): string =>
  describe({
    kind: target.kind,
    name: target.name,
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
  } satisfies Omit<ObjectReference, 'apiVersion'>);

/** The namespace into which an object makes further objects that the gate does not see, `anywhere`, or undefined. */
function madeElsewhere(
  object: RenderedObject,
  namespace: string | undefined,
  known: KnownCluster,
): string | undefined {
  const group = groupOf(object.apiVersion);
  if (group === 'helm.toolkit.fluxcd.io')
    return textAt(object.node, ['spec', 'targetNamespace']) ?? namespace ?? 'anywhere';
  if (isKind(object, 'kustomize.toolkit.fluxcd.io', 'Kustomization'))
    return isFromRepository(object, known.builds, known.objects)
      ? undefined
      : (textAt(object.node, ['spec', 'targetNamespace']) ?? 'anywhere');
  if (isBuiltInGroup(group) || group === '' || inertGroups.has(group) || inertKinds.has(object.kind))
    return undefined;
  if (podTemplateOf(object)) return undefined;
  return namespace ?? 'anywhere';
}

/** Whether something in the cluster adds keys after Flux has applied the object. */
function isFilledElsewhere(object: RenderedObject): boolean {
  const ssa = textAt(object.node, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/ssa']);
  return (
    (ssa !== undefined && ssa.toLowerCase() !== 'override') ||
    textAt(object.node, ['metadata', 'labels', 'config.openshift.io/inject-trusted-cabundle']) === 'true'
  );
}

const keysOf = (object: RenderedObject, fields: readonly string[]): ReadonlySet<string> =>
  new Set(fields.flatMap((field) => [...entriesAt(object.node, [field]).keys()]));

/** Secrets that a custom resource of a well-known operator yields, by `namespace/name`. */
function secretsMadeFrom(
  objects: readonly RenderedObject[],
  namespaceOf: (object: RenderedObject) => string | undefined,
): ReadonlyMap<string, Keys> {
  const secrets = new Map<string, Keys>();
  for (const object of objects) {
    const namespace = namespaceOf(object) ?? 'default';
    if (isKind(object, 'cert-manager.io', 'Certificate')) {
      const name = textAt(object.node, ['spec', 'secretName']);
      if (name !== undefined) secrets.set(`${namespace}/${name}`, 'any');
    } else if (isKind(object, 'external-secrets.io', 'ExternalSecret')) {
      const name = textAt(object.node, ['spec', 'target', 'name']) ?? object.name;
      secrets.set(`${namespace}/${name}`, 'any');
    } else if (isKind(object, 'bitnami.com', 'SealedSecret')) {
      const name = textAt(object.node, ['spec', 'template', 'metadata', 'name']) ?? object.name;
      secrets.set(`${namespace}/${name}`, 'any');
    } else if (object.kind === 'Ingress') {
      // cert-manager makes the certificate of an annotated Ingress.
      const annotations = [...entriesAt(object.node, ['metadata', 'annotations']).keys()];
      if (
        annotations.some(
          (key) => key === 'cert-manager.io/issuer' || key === 'cert-manager.io/cluster-issuer',
        )
      )
        for (const tls of itemsAt(object.node, ['spec', 'tls'])) {
          const name = textAt(tls, ['secretName']);
          if (name !== undefined) secrets.set(`${namespace}/${name}`, 'any');
        }
    }
  }
  return secrets;
}

/** How many pods a StatefulSet has, and the number of the first. */
export const ordinalsOf = (
  statefulSet: RenderedObject,
): { readonly start: number; readonly count: number } => ({
  start: numberAt(statefulSet.node, ['spec', 'ordinals', 'start']) ?? 0,
  count: numberAt(statefulSet.node, ['spec', 'replicas']) ?? 1,
});

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
