/** ObjectMeta. Mirrors `ValidateObjectMeta` of apimachinery's pkg/api/validation and of pkg/apis/core/validation. */
import { isCanonicalAddress } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, isTrue, items, number, text, texts } from './field.ts';
import {
  type Check,
  isConfigMapKey,
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isPathSegment,
  isQualifiedName,
} from './formats.ts';

const names = faultsOf('name');
const labels = faultsOf('label');
const owners = faultsOf('ownership');

const annotationLimit = 256 * 1024;

/** Kinds whose names are not simply DNS subdomains. */
const nameChecks: Readonly<Record<string, Check>> = {
  '/Event': isPathSegment,
  '/Namespace': isDnsLabel,
  '/Service': isDnsLabel,
  'apps/StatefulSet': isDnsLabel,
  'coordination.k8s.io/LeaseCandidate': isConfigMapKey,
  'networking.k8s.io/IPAddress': isCanonicalAddress,
  'policy/PodDisruptionBudget': isPathSegment,
  'rbac.authorization.k8s.io/ClusterRole': isPathSegment,
  'rbac.authorization.k8s.io/ClusterRoleBinding': isPathSegment,
  'rbac.authorization.k8s.io/Role': isPathSegment,
  'rbac.authorization.k8s.io/RoleBinding': isPathSegment,
  // The server takes any name for a request; what does not fit in a URL is found below.
  'certificates.k8s.io/CertificateSigningRequest': isPathSegment,
  // These two have their own rule, which wants a certain name.
  'apiregistration.k8s.io/APIService': isPathSegment,
  'certificates.k8s.io/ClusterTrustBundle': isPathSegment,
};

/** Kinds of which only the name is looked at, which a prefix alone could never be. */
const freePrefixes: ReadonlySet<string> = new Set([
  '/ReplicationController',
  'certificates.k8s.io/CertificateSigningRequest',
  'resource.k8s.io/DeviceClass',
]);

/** Kinds whose generation the server does not set anew, but checks as it was written. */
const keptGenerations: ReadonlySet<string> = new Set([
  '/ConfigMap',
  '/Endpoints',
  '/Event',
  '/LimitRange',
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  '/ResourceQuota',
  '/Secret',
  '/Service',
  '/ServiceAccount',
  'apiregistration.k8s.io/APIService',
  'apps/ControllerRevision',
  'autoscaling/HorizontalPodAutoscaler',
  'certificates.k8s.io/CertificateSigningRequest',
  'coordination.k8s.io/Lease',
  'events.k8s.io/Event',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/ServiceCIDR',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'resource.k8s.io/ResourceClaim',
  'resource.k8s.io/ResourceClaimTemplate',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/StorageClass',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttributesClass',
]);

/** Groups of built-in kinds whose finalizers need not be known names. */
const freeFinalizers: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'policy',
]);

/** `ValidateObjectMeta` of an object of a group and kind. `builtIn` says whether the kind is Kubernetes' own. */
export function* validateObjectMeta(metadata: Field, group: string, kind: string, builtIn: boolean): Errors {
  const check = nameChecks[`${group}/${kind}`] ?? isDnsSubdomain;
  const name = get(metadata, 'name');
  if (text(name) !== '') {
    // What stands between slashes of a URL has to fit there, whatever the kind.
    const wrong = check(text(name)) ?? isPathSegment(text(name));
    if (wrong !== undefined) yield names.fault(name, wrong, `rename the ${kind}`);
  }
  const prefix = get(metadata, 'generateName');
  if (text(prefix) !== '' && !freePrefixes.has(`${group}/${kind}`)) {
    const wrong = check(maskTrailingDash(text(prefix)));
    if (wrong !== undefined) yield names.fault(prefix, wrong, 'change or remove `generateName`');
  }
  const namespace = get(metadata, 'namespace');
  if (text(namespace) !== '') {
    const wrong = isDnsLabel(text(namespace));
    if (wrong !== undefined) yield names.fault(namespace, wrong, 'write the name of a namespace');
  }
  const generation = get(metadata, 'generation');
  if ((number(generation) ?? 0) < 0 && keptGenerations.has(`${group}/${kind}`))
    yield owners.fault(generation, 'is negative', 'remove `generation`, which the server writes');
  yield* validateLabels(get(metadata, 'labels'));
  yield* validateAnnotations(get(metadata, 'annotations'));
  yield* validateOwnerReferences(get(metadata, 'ownerReferences'));
  yield* validateFinalizers(
    get(metadata, 'finalizers'),
    builtIn && !freeFinalizers.has(group) && !(group === '' && kind === 'Event'),
  );
}

// A generated name gets letters after its dash, so a dash at the end is fine.
const maskTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

/** `ValidateLabels`: labels of an object, a template, or a plain selector. */
export function* validateLabels(field: Field): Errors {
  for (const [key, value] of entries(field)) {
    const wrongKey = isQualifiedName(key);
    if (wrongKey !== undefined) yield labels.fault(value, `has a key that ${wrongKey}`, 'rename the label');
    const wrong = isLabelValue(text(value));
    if (wrong !== undefined) yield labels.fault(value, wrong, 'shorten or rewrite the value of the label');
  }
}

/** `ValidateAnnotations`: of an object or a template. */
export function* validateAnnotations(field: Field): Errors {
  let total = 0;
  for (const [key, value] of entries(field)) {
    total += Buffer.byteLength(key) + Buffer.byteLength(text(value));
    const wrong = isQualifiedName(key.toLowerCase());
    if (wrong !== undefined) yield labels.fault(value, `has a key that ${wrong}`, 'rename the annotation');
  }
  if (total > annotationLimit)
    yield labels.fault(
      field,
      `have ${total} bytes in all, and at most ${annotationLimit} are allowed`,
      'shorten them',
    );
}

function* validateOwnerReferences(field: Field): Errors {
  let controller: Field | undefined;
  for (const owner of items(field)) {
    for (const key of ['kind', 'name', 'uid'] as const)
      if (text(get(owner, key)) === '') yield owners.missing(get(owner, key));
    const apiVersion = text(get(owner, 'apiVersion'));
    if (!/^(?:[^/]*\/)?[^/]+$/.test(apiVersion))
      yield owners.fault(
        get(owner, 'apiVersion'),
        `is \`${apiVersion}\`, which is not a group and a version`,
        'write `apiVersion` such as `apps/v1`',
      );
    if (apiVersion === 'v1' && text(get(owner, 'kind')) === 'Event')
      yield owners.fault(owner, 'names an Event, which cannot own anything', 'remove the reference');
    if (!isTrue(get(owner, 'controller'))) continue;
    if (controller !== undefined)
      yield owners.fault(
        owner,
        'is a second owner with `controller: true`',
        'leave `controller: true` with one owner',
      );
    controller = owner;
  }
}

/** `ValidateFinalizers`. */
export function* validateFinalizers(field: Field, knownOnly: boolean): Errors {
  const present = new Set<string>();
  for (const [name, item] of texts(field)) {
    present.add(name);
    const wrong = isQualifiedName(name);
    if (wrong !== undefined) yield owners.fault(item, wrong, 'write a name such as `example.com/cleanup`');
    else if (
      knownOnly &&
      !name.includes('/') &&
      !['kubernetes', 'orphan', 'foregroundDeletion'].includes(name)
    )
      yield owners.fault(
        item,
        `is \`${name}\`, which has no domain before it`,
        `write a name such as \`example.com/${name}\``,
      );
  }
  if (present.has('orphan') && present.has('foregroundDeletion'))
    yield owners.fault(field, 'has both orphan and foregroundDeletion', 'remove one of them');
}

/** The metadata of a claim template in a volume: labels and annotations, nothing else. `ValidateTemplateObjectMeta`. */
export function* validateTemplateMetadata(metadata: Field): Errors {
  yield* validateLabels(get(metadata, 'labels'));
  yield* validateAnnotations(get(metadata, 'annotations'));
  for (const [key, field] of entries(metadata)) {
    const { value } = field;
    const empty = value === '' || (value === 0 && key === 'generation');
    if (key !== 'labels' && key !== 'annotations' && isSet(field) && !empty)
      yield names.forbidden(field, 'only labels and annotations are allowed in this template');
  }
}
