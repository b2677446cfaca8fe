/** Every place where an object reads a ConfigMap or a Secret, and what happens where it is not there. */

import { booleanAt, containersOf, type PodTemplate, volumesOf } from '../../kubernetes/pod-template.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, type Node, type Path, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Target, Workload } from './index-objects.ts';

export type ConfigKind = 'ConfigMap' | 'Secret';

export interface ConfigReference {
  readonly object: RenderedObject;
  readonly target: Target & { readonly namespace: string };
  /** Where the name stands. */
  readonly path: Path;
  /** Who reads it, as the subject of a sentence: ``env `PASSWORD` of container `nifi` ``. */
  readonly reader: string;
  /** What the cluster does where it is missing. */
  readonly consequence: string;
  readonly severity: 'error' | 'warning';
  /** The keys that must be there, and where each is named. */
  readonly keys: readonly { readonly key: string; readonly path: Path }[];
}

type Draft = Omit<ConfigReference, 'object' | 'target' | 'severity'> & {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly severity?: 'warning';
};

const unmountable = 'its pods stay in ContainerCreating';
const unstartable = 'its containers stay in CreateContainerConfigError';

/** The references of one kind, without those marked optional. */
export function* configReferences(subject: ReferenceSubject, kind: ConfigKind): Generator<ConfigReference> {
  for (const workload of subject.workloads)
    for (const draft of inWorkload(workload))
      if (draft.kind === kind) yield finish(draft, workload.object, workload.namespace);
  if (kind !== 'Secret') return;
  for (const { object, path, name, key } of inCustomResources(subject))
    yield finish(
      {
        kind: 'Secret',
        name,
        path: [...path, 'name'],
        reader: `\`${String(path.at(-1))}\``,
        consequence: 'its controller does nothing, and says so in the status alone',
        keys: [{ key, path: [...path, 'key'] }],
      },
      object,
      subject.namespaceOf(object) ?? 'default',
    );
  for (const account of subject.all('', 'ServiceAccount'))
    for (const draft of pullSecrets(account.node, ['imagePullSecrets'], `imagePullSecrets`))
      yield finish(draft, account, subject.namespaceOf(account) ?? 'default');
  for (const ingress of subject.all('networking.k8s.io', 'Ingress'))
    for (const [index, tls] of itemsAt(ingress.node, ['spec', 'tls']).entries()) {
      const name = textAt(tls, ['secretName']);
      if (name === undefined || name === '') continue;
      const draft: Draft = {
        kind: 'Secret',
        name,
        path: ['spec', 'tls', index, 'secretName'],
        reader: `tls[${index}]`,
        consequence:
          "the ingress controller serves its own default certificate, or drops the Ingress's routes",
        severity: 'warning',
        keys: ['tls.crt', 'tls.key'].map((key) => ({ key, path: ['spec', 'tls', index, 'secretName'] })),
      };
      yield finish(draft, ingress, subject.namespaceOf(ingress) ?? 'default');
    }
}

// Their controllers read the Secret from the namespace of the object.
const readers: readonly (readonly [group: string, kind: string])[] = [
  ['cert-manager.io', 'Certificate'],
  ['cert-manager.io', 'Issuer'],
  ['k8up.io', 'Archive'],
  ['k8up.io', 'Backup'],
  ['k8up.io', 'Check'],
  ['k8up.io', 'Prune'],
  ['k8up.io', 'Restore'],
  ['k8up.io', 'Schedule'],
];

/** What operators read: fields such as `repoPasswordSecretRef`. One without a key names a Secret that the operator writes. */
function* inCustomResources(
  subject: ReferenceSubject,
): Generator<{ object: RenderedObject; path: Path; name: string; key: string }> {
  for (const [group, kind] of readers)
    for (const object of subject.all(group, kind))
      for (const path of secretRefsBelow(object.node, [])) {
        const name = textAt(object.node, [...path, 'name']);
        const key = textAt(object.node, [...path, 'key']);
        if (name !== undefined && key !== undefined) yield { object, path, name, key };
      }
}

function* secretRefsBelow(node: Node, path: Path): Generator<Path> {
  if (node.type === 'list')
    for (const [index, item] of node.items.entries()) yield* secretRefsBelow(item, [...path, index]);
  if (node.type === 'map')
    for (const [field, { value }] of node.entries)
      if (/SecretRef$/.test(field)) yield [...path, field];
      else yield* secretRefsBelow(value, [...path, field]);
}

const finish = (
  { kind, name, severity, ...rest }: Draft,
  object: RenderedObject,
  namespace: string,
): ConfigReference => ({
  ...rest,
  object,
  severity: severity ?? 'error',
  target: { group: '', kind, namespace, name },
});

function* inWorkload({ object, template }: Workload): Generator<Draft> {
  // Only where the pod spec is Kubernetes' own is its meaning known.
  if (!isPodKind(object)) return;
  yield* inVolumes(template);
  for (const container of containersOf(template)) {
    const of = `of container \`${container.name}\``;
    for (const [index, env] of itemsAt(container.node, ['env']).entries())
      for (const [field, kind] of keyRefs) {
        const ref = at(env, ['valueFrom', field]);
        const name = textAt(ref, ['name']);
        const key = textAt(ref, ['key']);
        if (name === undefined || booleanAt(ref, ['optional']) === true) continue;
        const path = [...container.path, 'env', index, 'valueFrom', field];
        yield {
          kind,
          name,
          path: [...path, 'name'],
          reader: `env \`${textAt(env, ['name']) ?? index}\` ${of}`,
          consequence: unstartable,
          keys: key === undefined ? [] : [{ key, path: [...path, 'key'] }],
        };
      }
    for (const [index, source] of itemsAt(container.node, ['envFrom']).entries())
      for (const [field, kind] of envSources) {
        const name = textAt(source, [field, 'name']);
        if (name === undefined || booleanAt(source, [field, 'optional']) === true) continue;
        yield {
          kind,
          name,
          path: [...container.path, 'envFrom', index, field, 'name'],
          reader: `envFrom ${of}`,
          consequence: unstartable,
          keys: [],
        };
      }
  }
  yield* pullSecrets(template.spec, ['imagePullSecrets'], 'imagePullSecrets', template.specPath);
}

function* inVolumes(template: PodTemplate): Generator<Draft> {
  for (const volume of volumesOf(template)) {
    const reader = `volume \`${volume.name}\``;
    yield* fromVolumeSource(volume.node, volume.path, reader);
    for (const [index, source] of itemsAt(volume.node, ['projected', 'sources']).entries())
      yield* fromVolumeSource(source, [...volume.path, 'projected', 'sources', index], reader);
  }
}

function* fromVolumeSource(node: Node, path: Path, reader: string): Generator<Draft> {
  for (const [field, kind] of volumeSources) {
    const source = at(node, [field]);
    // A Secret volume says `secretName`, a projected Secret `name`.
    const nameField = textAt(source, ['secretName']) === undefined ? 'name' : 'secretName';
    const name = textAt(source, [nameField]);
    if (name === undefined || booleanAt(source, ['optional']) === true) continue;
    yield {
      kind,
      name,
      path: [...path, field, nameField],
      reader,
      consequence: unmountable,
      keys: itemsAt(source, ['items']).flatMap((item, index) => {
        const key = textAt(item, ['key']);
        return key === undefined ? [] : [{ key, path: [...path, field, 'items', index, 'key'] }];
      }),
    };
  }
}

function* pullSecrets(node: Node, list: Path, reader: string, prefix: Path = []): Generator<Draft> {
  for (const [index, item] of itemsAt(node, list).entries()) {
    const name = textAt(item, ['name']);
    if (name !== undefined)
      yield {
        kind: 'Secret',
        name,
        path: [...prefix, ...list, index, 'name'],
        reader,
        consequence: 'images are pulled without credentials, which a private registry refuses',
        severity: 'warning',
        keys: [],
      };
  }
}

/** The files that a ConfigMap, Secret or projected volume holds, or `any` where that is not known. */
export function filesOf(
  subject: ReferenceSubject,
  namespace: string,
  volume: Node,
): ReadonlySet<string> | 'any' | undefined {
  if (at(volume, ['projected']) === undefined) return filesOfSource(subject, namespace, volume);
  const files = new Set<string>();
  for (const source of itemsAt(volume, ['projected', 'sources'])) {
    const token = at(source, ['serviceAccountToken']);
    if (token) files.add(textAt(token, ['path']) ?? 'token');
    for (const item of itemsAt(source, ['downwardAPI', 'items'])) files.add(textAt(item, ['path']) ?? '');
    if (at(source, ['clusterTrustBundle']) || at(source, ['podCertificate'])) return 'any';
    const found = filesOfSource(subject, namespace, source);
    if (found === 'any') return 'any';
    for (const file of found ?? []) files.add(file);
  }
  return files;
}

function filesOfSource(
  subject: ReferenceSubject,
  namespace: string,
  node: Node,
): ReadonlySet<string> | 'any' | undefined {
  for (const [field, kind] of volumeSources) {
    const source = at(node, [field]);
    if (!source) continue;
    const items = itemsAt(source, ['items']);
    if (items.length > 0) return new Set(items.map((item) => textAt(item, ['path']) ?? ''));
    const name = textAt(source, ['secretName']) ?? textAt(source, ['name']) ?? '';
    const keys =
      kind === 'ConfigMap' ? subject.configMapKeys(namespace, name) : subject.secretKeys(namespace, name);
    // A volume of something that is missing is another rule's finding.
    return keys ?? 'any';
  }
  return undefined;
}

/** Whether the pod template of an object is Kubernetes' own, not that of a custom kind. */
export const isPodKind = (object: RenderedObject): boolean =>
  podKinds.some(([group, kind]) => isKind(object, group, kind));

const podKinds: readonly (readonly [string, string])[] = [
  ['', 'Pod'],
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['apps', 'ReplicaSet'],
  ['batch', 'Job'],
  ['batch', 'CronJob'],
];

const keyRefs: readonly (readonly [string, ConfigKind])[] = [
  ['configMapKeyRef', 'ConfigMap'],
  ['secretKeyRef', 'Secret'],
];
const envSources: readonly (readonly [string, ConfigKind])[] = [
  ['configMapRef', 'ConfigMap'],
  ['secretRef', 'Secret'],
];
const volumeSources: readonly (readonly [string, ConfigKind])[] = [
  ['configMap', 'ConfigMap'],
  ['secret', 'Secret'],
];

/** The claims that a StatefulSet makes for each of its pods: name of the template and its node. */
export const claimTemplatesOf = (
  object: RenderedObject,
): readonly { readonly name: string; readonly node: Node; readonly path: Path }[] =>
  isKind(object, 'apps', 'StatefulSet')
    ? itemsAt(object.node, ['spec', 'volumeClaimTemplates']).map((node, index) => ({
        name: textAt(node, ['metadata', 'name']) ?? '',
        node,
        path: ['spec', 'volumeClaimTemplates', index],
      }))
    : [];
