import { conditionOf, firstLine, isCurrentAndReady } from '../cluster/condition.ts';
import { type InventoryEntry, inventoryOf } from '../cluster/inventory.ts';
import { field, list, objects, textField } from '../cluster/json.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { short } from '../text/commit.ts';
import type { JsonObject } from '../yaml/node.ts';
import type { Clone, Meant } from './meant.ts';
import {
  describeObject,
  isHealthy,
  kindOf,
  nameOf,
  namespaceOf,
  type Reason,
  reasonsOfClaim,
  reasonsOfWorkload,
} from './reasons.ts';
import type { Snapshot } from './snapshot.ts';

export type State =
  /** Applied, healthy, at the commit that it is meant to run. */
  | 'ready'
  /** On its way: nothing has failed. */
  | 'progressing'
  | 'failed'
  /** Healthy, but at another commit or image than it is meant to run. */
  | 'outdated'
  | 'absent'
  /** Not chosen when this cluster was bootstrapped. */
  | 'left out';

export interface ComponentStatus {
  readonly name: string;
  readonly state: State;
  /** Flux leaves it alone, by the hand of a person. */
  readonly suspended: boolean;
  /** The commit that Flux has applied, whole; undefined where none was. */
  readonly runs: string | undefined;
  /** The commit that it is meant to run, and what says so. */
  readonly meant: { readonly commit: string | undefined; readonly by: 'pin' | 'branch' };
  /** Images of its pods. */
  readonly images: readonly string[];
  readonly meantImages: readonly string[] | undefined;
  readonly reasons: readonly Reason[];
}

export interface Report {
  readonly ok: boolean;
  /** The root's source. */
  readonly source: { readonly url: string | undefined; readonly revision: string | undefined };
  readonly components: readonly ComponentStatus[];
  readonly notes: readonly string[];
}

/** `main@sha1:…` and `sha1:…` end with the commit. */
export const commitOf = (revision: string | undefined): string | undefined =>
  /(?:^|[:@/])([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision ?? '')?.[1];

/** Puts together what the cluster shows and what the checkout says. Pure. */
export function makeReport(snapshot: Snapshot, meant: readonly Meant[], clone: Clone, now: number): Report {
  const find = (kind: string, namespace: string, name: string): JsonObject | undefined =>
    snapshot.flux.find(
      (object) => kindOf(object) === kind && namespaceOf(object) === namespace && nameOf(object) === name,
    );
  const root = find('Kustomization', fluxNamespace, fluxNamespace);
  const source = find('GitRepository', fluxNamespace, fluxNamespace);
  const leftOut = leftOutBy(root);
  const own: Meant = { component: fluxNamespace, pin: undefined, images: undefined, dependsOn: [] };
  const expected = new Set([fluxNamespace, ...meant.map(({ component }) => component)]);
  const extra = snapshot.flux
    .filter((object) => kindOf(object) === 'Kustomization' && !expected.has(nameOf(object)))
    .map((object): Meant => ({ ...own, component: nameOf(object) }));
  const components = [own, ...meant, ...extra].map((one) =>
    componentStatus(one, snapshot, { find, leftOut, clone, now }),
  );
  const notes = [
    ...(source === undefined ? [] : cloneNotes(clone, source)),
    ...(extra.length > 0
      ? [`not in this checkout: ${extra.map(({ component }) => component).join(', ')}`]
      : []),
    ...snapshot.flux.flatMap((object) =>
      field(object, 'spec', 'suspend') === true && kindOf(object) !== 'Kustomization'
        ? [`${describeObject(object)} is suspended: nothing new of it arrives`]
        : [],
    ),
  ];
  return {
    ok: components.every(({ state }) => state === 'ready' || state === 'left out'),
    source: {
      url: textField(source, 'spec', 'url'),
      revision: textField(source, 'status', 'artifact', 'revision'),
    },
    components,
    notes,
  };
}

/** What bootstrap's choice of components has patched out of the root. */
function leftOutBy(root: JsonObject | undefined): ReadonlySet<string> {
  return new Set(
    objects(field(root, 'spec', 'patches'))
      .filter((patch) => textField(patch, 'patch')?.startsWith('$patch: delete') === true)
      .flatMap((patch) => (textField(patch, 'target', 'name') ?? '').split('|')),
  );
}

function cloneNotes(clone: Clone, source: JsonObject): readonly string[] {
  const branch = textField(source, 'spec', 'ref', 'branch') ?? 'its branch';
  const revision = commitOf(textField(source, 'status', 'artifact', 'revision'));
  if (revision === undefined) return [];
  if (clone.unknown)
    return [`this clone does not know the commit ${short(revision)} that the cluster has: run \`git fetch\``];
  if (clone.ahead !== undefined && clone.ahead > 0)
    return [
      `${clone.ahead} ${clone.ahead === 1 ? 'commit' : 'commits'} of origin/${branch} ${
        clone.ahead === 1 ? 'is' : 'are'
      } not in the cluster yet; Flux looks every ${textField(source, 'spec', 'interval') ?? 'interval'}`,
    ];
  return [];
}

interface Context {
  readonly find: (kind: string, namespace: string, name: string) => JsonObject | undefined;
  readonly leftOut: ReadonlySet<string>;
  readonly clone: Clone;
  readonly now: number;
}

function componentStatus(
  { component, pin, images: meantImages, dependsOn }: Meant,
  snapshot: Snapshot,
  { find, leftOut, clone, now }: Context,
): ComponentStatus {
  const kustomization = find('Kustomization', fluxNamespace, component);
  const by = pin === undefined ? 'branch' : 'pin';
  if (kustomization === undefined) {
    const chosen = !leftOut.has(component);
    return {
      name: component,
      state: chosen ? 'absent' : 'left out',
      suspended: false,
      runs: undefined,
      meant: { commit: pin, by },
      images: [],
      meantImages,
      reasons: chosen
        ? [{ object: `Kustomization ${fluxNamespace}/${component}`, message: 'is not in the cluster' }]
        : [],
    };
  }
  const source = find(
    textField(kustomization, 'spec', 'sourceRef', 'kind') ?? 'GitRepository',
    textField(kustomization, 'spec', 'sourceRef', 'namespace') ?? fluxNamespace,
    textField(kustomization, 'spec', 'sourceRef', 'name') ?? '',
  );
  const runs = commitOf(textField(kustomization, 'status', 'lastAppliedRevision'));
  const offered = commitOf(textField(source, 'status', 'artifact', 'revision'));
  const commit = pin ?? offered;
  const inventory = inventoryOf(kustomization);
  const owned = ownedBy(inventory, snapshot);
  const images = [...new Set(owned.longLived.flatMap(({ pods }) => pods.flatMap(imagesOf)))].sort();

  const flux = [
    ...(source === undefined ? [] : reasonsOfFlux(source)),
    ...reasonsOfKustomization(kustomization, dependsOn, find),
    ...owned.releases.flatMap(reasonsOfFlux),
  ];
  const running = [
    ...[...owned.longLived, ...owned.jobs].flatMap(({ workload, pods }) =>
      reasonsOfWorkload(workload, pods, snapshot, now),
    ),
    ...owned.claims.flatMap((claim) => reasonsOfClaim(claim, snapshot)),
  ];
  const clusterPin = textField(source, 'spec', 'ref', 'commit');
  const behind: Reason[] = [
    ...(pin !== undefined && clusterPin !== pin
      ? [
          {
            object: source ? describeObject(source) : `the source of ${component}`,
            message: `names ${clusterPin === undefined ? 'no commit' : short(clusterPin)}, this checkout ${short(pin)}: pull, or merge what is here`,
          },
        ]
      : []),
    ...(commit !== undefined && runs !== undefined && runs !== commit
      ? [
          {
            object: describeObject(kustomization),
            message: `has applied ${short(runs)}, and is to apply ${short(commit)}`,
          },
        ]
      : []),
    ...otherImages(component, runs, images, meantImages, clone),
  ];
  // The same claim may hold back a pod and stand for itself.
  const isInProgress = conditionOf(kustomization, 'Ready')?.status === 'Unknown';
  // That Flux still waits is no news beside what it waits for.
  const reasons = unique([...(isInProgress && running.length > 0 ? [] : flux), ...running, ...behind]);
  const hasFailed =
    conditionOf(kustomization, 'Ready')?.status === 'False' &&
    conditionOf(kustomization, 'Ready')?.reason !== 'DependencyNotReady';
  return {
    name: component,
    state:
      reasons.length === 0 && isCurrentAndReady(kustomization)
        ? 'ready'
        : flux.length === 0 && running.length === 0
          ? 'outdated'
          : hasFailed || (isCurrentAndReady(kustomization) && running.length > 0)
            ? 'failed'
            : 'progressing',
    suspended: field(kustomization, 'spec', 'suspend') === true,
    runs,
    meant: { commit, by },
    images,
    meantImages,
    reasons,
  };
}

/** Only where the checkout is the very commit that runs does a difference mean that a hand has changed the cluster. */
function otherImages(
  component: string,
  runs: string | undefined,
  images: readonly string[],
  meantImages: readonly string[] | undefined,
  { head, clean }: Clone,
): readonly Reason[] {
  if (meantImages === undefined || runs === undefined || runs !== head || !clean) return [];
  const other = images.filter((image) => !meantImages.includes(image));
  return other.map((image) => ({
    object: component,
    message: `runs the image ${image}, which Git does not name (${meantImages.join(', ') || 'none'})`,
  }));
}

function reasonsOfFlux(object: JsonObject): readonly Reason[] {
  if (isCurrentAndReady(object)) return [];
  const ready = conditionOf(object, 'Ready');
  const message =
    ready === undefined
      ? 'Flux has not looked at it yet'
      : firstLine(ready.message || ready.reason) || 'in progress';
  return [{ object: describeObject(object), message }];
}

function reasonsOfKustomization(
  kustomization: JsonObject,
  dependsOn: readonly string[],
  find: Context['find'],
): readonly Reason[] {
  if (isCurrentAndReady(kustomization)) return [];
  const unmet = dependsOn.filter((name) => !isCurrentAndReady(find('Kustomization', fluxNamespace, name)));
  const suspended = field(kustomization, 'spec', 'suspend') === true;
  if (unmet.length > 0 && !suspended)
    return [{ object: describeObject(kustomization), message: `waits for ${unmet.join(', ')}` }];
  return reasonsOfFlux(kustomization).map(({ object, message }) => ({
    object,
    message: suspended ? `suspended; before that: ${message}` : message,
  }));
}

interface Owned {
  readonly longLived: readonly { readonly workload: JsonObject; readonly pods: readonly JsonObject[] }[];
  readonly jobs: readonly { readonly workload: JsonObject; readonly pods: readonly JsonObject[] }[];
  readonly claims: readonly JsonObject[];
  readonly releases: readonly JsonObject[];
}

const longLivedKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** What an inventory has led to: pods by way of their owners, and what Helm has made for its releases. */
function ownedBy(inventory: readonly InventoryEntry[], { flux, running }: Snapshot): Owned {
  const isIn = (object: JsonObject): boolean =>
    inventory.some(
      ({ kind, namespace, name }) =>
        kind === kindOf(object) && namespace === namespaceOf(object) && name === nameOf(object),
    );
  const releases = flux.filter((object) => kindOf(object) === 'HelmRelease' && isIn(object));
  const isOfRelease = (object: JsonObject): boolean =>
    releases.some(
      (release) =>
        textField(object, 'metadata', 'labels', 'helm.toolkit.fluxcd.io/name') === nameOf(release) &&
        textField(object, 'metadata', 'labels', 'helm.toolkit.fluxcd.io/namespace') === namespaceOf(release),
    );
  const owner = (object: JsonObject): string | undefined =>
    textField(
      list(field(object, 'metadata', 'ownerReferences')).find((one) => field(one, 'controller') === true),
      'uid',
    );
  const uid = (object: JsonObject): string | undefined => textField(object, 'metadata', 'uid');
  const workloads = running.filter(
    (object) =>
      (longLivedKinds.has(kindOf(object)) || kindOf(object) === 'Job') &&
      (isIn(object) || isOfRelease(object)),
  );
  const withPods = workloads.map((workload) => {
    const makers = new Set([
      uid(workload),
      ...running
        .filter((object) => kindOf(object) === 'ReplicaSet' && owner(object) === uid(workload))
        .map(uid),
    ]);
    return {
      workload,
      pods: running.filter((object) => kindOf(object) === 'Pod' && makers.has(owner(object))),
    };
  });
  const mounted = new Set(
    withPods.flatMap(({ pods }) =>
      pods.flatMap((pod) =>
        list(field(pod, 'spec', 'volumes')).flatMap((volume) => {
          const claim = textField(volume, 'persistentVolumeClaim', 'claimName');
          return claim === undefined ? [] : [`${namespaceOf(pod)}/${claim}`];
        }),
      ),
    ),
  );
  return {
    longLived: withPods.filter(({ workload }) => kindOf(workload) !== 'Job'),
    jobs: withPods.filter(({ workload }) => kindOf(workload) === 'Job' && !isHealthy(workload)),
    claims: running.filter(
      (object) =>
        kindOf(object) === 'PersistentVolumeClaim' && mounted.has(`${namespaceOf(object)}/${nameOf(object)}`),
    ),
    releases,
  };
}

const imagesOf = (pod: JsonObject): readonly string[] =>
  textField(pod, 'metadata', 'deletionTimestamp') !== undefined
    ? []
    : [
        ...objects(field(pod, 'spec', 'initContainers')),
        ...objects(field(pod, 'spec', 'containers')),
      ].flatMap((container) => textField(container, 'image') ?? []);

const unique = (reasons: readonly Reason[]): readonly Reason[] => [
  ...new Map(reasons.map((reason) => [`${reason.object}: ${reason.message}`, reason])).values(),
];
