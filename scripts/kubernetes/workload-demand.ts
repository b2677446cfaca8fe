/** How many pods a workload has: all the time, while it is replaced, and with one node less. */

import { isKind, type RenderedObject } from '../render/object.ts';
import { at, entriesAt, itemsAt, type Node, textAt } from '../yaml/node.ts';
import { amountsAt, nothing, type PodAmounts, podAmounts } from './pod-requests.ts';
import { booleanAt, containersOf, numberAt, type PodTemplate, podTemplateOf } from './pod-template.ts';
import { requirementsOf, unmet } from './selectors.ts';

export interface WorkloadDemand {
  readonly object: RenderedObject;
  readonly template: PodTemplate;
  /** What one pod asks for, and what it may use. */
  readonly requests: PodAmounts;
  readonly limits: PodAmounts;
  /** Pods that run all the time. */
  readonly copies: number;
  /**
   * Those of them that still have to run when one node is down: without its pod of each DaemonSet, and without the pods that
   * wait for that node because their volume or the way they are spread keeps them from the others. Where volumes lie is known
   * beforehand only of pods that are spread over all nodes, so the others all count. Undefined of a single node.
   */
  readonly oneNodeDown: number | undefined;
  /** Pods that every node has of it, however the others are placed. */
  readonly onEachNode: number;
  /** Pods that come on top for a while and must find room: the pod of a Job, or a new pod that has to start before an old one goes. */
  readonly passing: number;
  /** The most pods that a node takes of it; undefined where nothing limits them. */
  readonly mostOnNode: number | undefined;
  /** What limits them. */
  readonly apart: Apart | undefined;
}

/**
 * Why a node takes so few pods of a workload: they want the same port of the node, an anti-affinity keeps them from each other
 * (those of different revisions too, or not), or their spread wants more nodes than there are.
 */
export type Apart = 'host-port' | 'anti-affinity' | 'anti-affinity-of-revision' | 'spread';

/** What the pods of all workloads ask for; `nodes` is how many nodes there are. */
export function demandOf(objects: readonly RenderedObject[], nodes: number): readonly WorkloadDemand[] {
  const cluster: Cluster = { objects, pods: podsOf(objects) };
  return objects.flatMap((object) => {
    const template = podTemplateOf(object);
    if (!template || !isWorkload(object)) return [];
    const overhead = overheadOf(objects, template);
    const copies = copiesOf(cluster, object, nodes);
    const spread = spreadOf(cluster, object, template, nodes);
    const onEachNode = isKind(object, 'apps', 'DaemonSet')
      ? copies / Math.max(nodes, 1)
      : leastOnNode(spread, copies, nodes);
    return [
      {
        object,
        template,
        requests: podAmounts(template, 'requests', { overhead }),
        limits: podAmounts(template, 'limits', { overhead }),
        copies,
        onEachNode,
        mostOnNode: spread.mostOnNode,
        apart: spread.apart,
        oneNodeDown:
          nodes > 1
            ? withoutOneNode(cluster, { object, template, copies, spread, onEachNode }, nodes)
            : undefined,
        passing: passingPods(object, copies),
      },
    ];
  });
}

/** Amounts of many pods, and how many they are. */
export interface Demand extends PodAmounts {
  readonly pods: number;
}

/** What so many pods of each workload ask for together, or may use. */
export function sumDemand(
  workloads: readonly WorkloadDemand[],
  countOf: (workload: WorkloadDemand) => number = ({ copies }) => copies,
  bound: 'requests' | 'limits' = 'requests',
): Demand {
  const sum = { ...nothing, pods: 0 };
  for (const workload of workloads) {
    const count = countOf(workload);
    sum.cpu += count * workload[bound].cpu;
    sum.memory += count * workload[bound].memory;
    sum['ephemeral-storage'] += count * workload[bound]['ephemeral-storage'];
    sum.pods += count;
  }
  return sum;
}

interface Cluster {
  readonly objects: readonly RenderedObject[];
  readonly pods: readonly { readonly object: RenderedObject; readonly template: PodTemplate }[];
}

const isWorkload = (object: RenderedObject): boolean =>
  ['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet'].some((kind) => isKind(object, 'apps', kind)) ||
  ['Job', 'CronJob'].some((kind) => isKind(object, 'batch', kind)) ||
  ['Pod', 'ReplicationController'].some((kind) => isKind(object, '', kind));

const podsOf = (objects: readonly RenderedObject[]): Cluster['pods'] =>
  objects.flatMap((object) => {
    const template = podTemplateOf(object);
    return template && isWorkload(object) ? [{ object, template }] : [];
  });

function copiesOf({ objects }: Cluster, object: RenderedObject, nodes: number): number {
  switch (object.kind) {
    case 'DaemonSet':
      return nodes;
    case 'Pod':
      return 1;
    case 'Job':
    case 'CronJob':
      return 0;
    default: {
      const replicas = numberAt(object.node, ['spec', 'replicas']) ?? 1;
      const scaler = objects.find(
        (other) =>
          isKind(other, 'autoscaling', 'HorizontalPodAutoscaler') &&
          other.namespace === object.namespace &&
          textAt(other.node, ['spec', 'scaleTargetRef', 'kind']) === object.kind &&
          textAt(other.node, ['spec', 'scaleTargetRef', 'name']) === object.name,
      );
      // It never goes below its least, and what is above is as much as there is room for.
      return scaler ? (numberAt(scaler.node, ['spec', 'minReplicas']) ?? 1) : replicas;
    }
  }
}

function overheadOf(objects: readonly RenderedObject[], { spec }: PodTemplate): PodAmounts {
  const name = textAt(spec, ['runtimeClassName']);
  const runtime =
    name === undefined
      ? undefined
      : objects.find((object) => object.name === name && isKind(object, 'node.k8s.io', 'RuntimeClass'));
  return {
    ...nothing,
    ...(runtime ? amountsAt(runtime.node, ['overhead', 'podFixed']) : amountsAt(spec, ['overhead'])),
  };
}

const hostname = 'kubernetes.io/hostname';

interface Spread {
  /** No two on one node. */
  readonly alone: boolean;
  /** By how many pods nodes may differ; undefined where nothing says. */
  readonly maxSkew: number | undefined;
  /** Whether a node that takes no pods still counts as one that has none. */
  readonly countsLostNode: boolean;
  readonly mostOnNode: number | undefined;
  readonly apart: Apart | undefined;
}

/** What keeps the pods of a workload on different nodes; wishes do not count. */
function spreadOf(cluster: Cluster, object: RenderedObject, template: PodTemplate, nodes: number): Spread {
  const selectsOwn = (term: Node): boolean =>
    textAt(term, ['topologyKey']) === hostname &&
    at(term, ['labelSelector']) !== undefined &&
    unmet(template.labels, requirementsOf(at(term, ['labelSelector']))).length === 0;
  // Pods of others that are counted too make the numbers of this workload's own unknown.
  const selectsOthers = (term: Node): boolean =>
    cluster.pods.some(
      (other) =>
        other.object !== object &&
        other.object.namespace === object.namespace &&
        unmet(other.template.labels, requirementsOf(at(term, ['labelSelector']))).length === 0,
    );
  const constraint = itemsAt(template.spec, ['topologySpreadConstraints']).find(
    (one) =>
      (textAt(one, ['whenUnsatisfiable']) ?? 'DoNotSchedule') === 'DoNotSchedule' &&
      selectsOwn(one) &&
      !selectsOthers(one),
  );
  const repelling = itemsAt(template.spec, [
    'affinity',
    'podAntiAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
  ]).filter(selectsOwn);
  const maxSkew = constraint && (numberAt(constraint, ['maxSkew']) ?? 1);
  const wantsMoreNodes = (numberAt(constraint, ['minDomains']) ?? 1) > nodes;
  const apart: Apart | undefined = takesHostPort(template)
    ? 'host-port'
    : repelling.length > 0
      ? repelling.every(ofOneRevision)
        ? 'anti-affinity-of-revision'
        : 'anti-affinity'
      : wantsMoreNodes
        ? 'spread'
        : undefined;
  return {
    alone: apart !== undefined && apart !== 'spread',
    maxSkew,
    countsLostNode: constraint !== undefined && textAt(constraint, ['nodeTaintsPolicy']) !== 'Honor',
    mostOnNode: apart === 'spread' ? maxSkew : apart && 1,
    apart,
  };
}

const ofOneRevision = (term: Node): boolean =>
  itemsAt(term, ['matchLabelKeys']).some((label) => textAt(label, []) === 'pod-template-hash');

/** A port of the node, which one pod alone can have. */
function takesHostPort(template: PodTemplate): boolean {
  const onHost = booleanAt(template.spec, ['hostNetwork']) === true;
  return containersOf(template).some(({ node }) =>
    itemsAt(node, ['ports']).some((port) => onHost || (numberAt(port, ['hostPort']) ?? 0) > 0),
  );
}

/** How many pods each node has at least when all are placed. */
function leastOnNode({ alone, maxSkew }: Spread, copies: number, nodes: number): number {
  if (nodes === 0) return 0;
  if (nodes === 1) return copies;
  if (alone) return Math.max(0, copies - (nodes - 1));
  return maxSkew === undefined ? 0 : Math.max(0, Math.ceil((copies - maxSkew * (nodes - 1)) / nodes));
}

interface Placed {
  readonly object: RenderedObject;
  readonly template: PodTemplate;
  readonly copies: number;
  readonly spread: Spread;
  readonly onEachNode: number;
}

function withoutOneNode(
  cluster: Cluster,
  { object, template, copies, spread, onEachNode }: Placed,
  nodes: number,
): number {
  const left = nodes - 1;
  const survivors = copies - onEachNode;
  if (isKind(object, 'apps', 'DaemonSet') || hasLocalVolume(cluster, object, template)) return survivors;
  if (spread.alone) return Math.min(copies, left);
  if (spread.maxSkew !== undefined && spread.countsLostNode)
    return Math.max(survivors, Math.min(copies, spread.maxSkew * left));
  return copies;
}

/** Provisioners whose volumes are directories or disks of one node. */
const localProvisioners: ReadonlySet<string> = new Set([
  'docker.io/hostpath',
  'k8s.io/minikube-hostpath',
  'local.csi.openebs.io',
  'microk8s.io/hostpath',
  'openebs.io/local',
  'rancher.io/local-path',
  'topolvm.io',
  'zfs.csi.openebs.io',
]);

/** Whether a pod keeps to one node because a claim of it is bound to a volume there. */
function hasLocalVolume({ objects }: Cluster, object: RenderedObject, { spec }: PodTemplate): boolean {
  const named = itemsAt(spec, ['volumes']).flatMap(
    (volume) => textAt(volume, ['persistentVolumeClaim', 'claimName']) ?? [],
  );
  const claims = [
    ...itemsAt(object.node, ['spec', 'volumeClaimTemplates']),
    ...objects
      .filter(
        (other) =>
          isKind(other, '', 'PersistentVolumeClaim') &&
          other.namespace === object.namespace &&
          named.includes(other.name),
      )
      .map(({ node }) => node),
  ];
  return claims.some((claim) => isLocalClass(objects, textAt(claim, ['spec', 'storageClassName'])));
}

function isLocalClass(objects: readonly RenderedObject[], name: string | undefined): boolean {
  const storage = objects.filter((object) => isKind(object, 'storage.k8s.io', 'StorageClass'));
  const found = storage.find((object) =>
    name === undefined ? isDefaultClass(object) : object.name === name,
  );
  const provisioner = found && textAt(found.node, ['provisioner']);
  if (provisioner !== undefined && localProvisioners.has(provisioner)) return true;
  const volumes = objects.filter(
    (object) =>
      isKind(object, '', 'PersistentVolume') &&
      textAt(object.node, ['spec', 'storageClassName']) === (found?.name ?? name),
  );
  // Volumes that somebody makes by hand are local ones unless Git says otherwise.
  if (volumes.length === 0) return provisioner === 'kubernetes.io/no-provisioner';
  return volumes.some(({ node }) =>
    ['hostPath', 'local', 'nodeAffinity'].some((field) => entriesAt(node, ['spec', field]).size > 0),
  );
}

const isDefaultClass = ({ node }: RenderedObject): boolean =>
  textAt(node, ['metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class']) === 'true';

/** Pods that have to find room beside those that run all the time. */
function passingPods(object: RenderedObject, copies: number): number {
  if (object.kind === 'Job') return booleanAt(object.node, ['spec', 'suspend']) === true ? 0 : 1;
  if (object.kind === 'CronJob') return booleanAt(object.node, ['spec', 'suspend']) === true ? 0 : 1;
  if (copies === 0) return 0;
  if (object.kind === 'Deployment') {
    const { surge, unavailable } = rollingUpdateOf(object, copies);
    return unavailable === 0 ? Math.min(surge, 1) : 0;
  }
  // The new pod of a node comes before the old one goes.
  return object.kind === 'DaemonSet' &&
    share(object, ['updateStrategy', 'rollingUpdate', 'maxSurge'], copies, Math.ceil, 0) > 0
    ? 1
    : 0;
}

/** How a Deployment replaces its pods. Mirrors `ResolveFenceposts` of the deployment controller. */
export function rollingUpdateOf(
  object: RenderedObject,
  replicas: number,
): { readonly surge: number; readonly unavailable: number } {
  const strategy = ['strategy', 'rollingUpdate'];
  if (textAt(object.node, ['spec', 'strategy', 'type']) === 'Recreate')
    return { surge: 0, unavailable: replicas };
  const surge = share(object, [...strategy, 'maxSurge'], replicas, Math.ceil, 25);
  const unavailable = share(object, [...strategy, 'maxUnavailable'], replicas, Math.floor, 25);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A number of pods, or a percentage of all; `percent` where nothing is said. */
function share(
  object: RenderedObject,
  path: readonly string[],
  pods: number,
  round: (value: number) => number,
  percent: number,
): number {
  const found = at(object.node, ['spec', ...path]);
  const value = found?.type === 'scalar' ? found.value : undefined;
  if (typeof value === 'number') return value;
  const stated = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return round(((stated === undefined ? percent : Number(stated)) * pods) / 100);
}
