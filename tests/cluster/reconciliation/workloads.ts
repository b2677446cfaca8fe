import { parseQuantity } from '../../../scripts/kubernetes/quantity.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { conditionOf } from '../harness/condition.ts';

const workloadKinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
];

const keyOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace}/${metadata.name}`;

/**
 * Every workload and every pod, by what changes when somebody changes it: a workload's identity and generation, a pod's
 * identity. Pods of a Deployment bear other names when they are made anew.
 */
export async function workloads(client: Client): Promise<ReadonlyMap<string, string>> {
  const objects = await Promise.all(workloadKinds.map((kind) => client.list(kind)));
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' });
  return new Map([
    ...objects
      .flat()
      .map((object) => [keyOf(object), `${object.metadata.uid} ${object.metadata.generation}`] as const),
    ...pods.map((pod) => [keyOf(pod), pod.metadata.uid ?? ''] as const),
  ]);
}

/** The keys whose value is another, or that only one of the two has; sorted. */
export function changed(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .sort();
}

interface Reference {
  readonly name?: string;
  readonly secretName?: string;
  readonly key?: string;
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string }[];
}

interface Source {
  readonly secret?: Reference;
  readonly configMap?: Reference;
}

interface Container {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly env?: readonly {
    readonly valueFrom?: { readonly secretKeyRef?: Reference; readonly configMapKeyRef?: Reference };
  }[];
  readonly envFrom?: readonly { readonly secretRef?: Reference; readonly configMapRef?: Reference }[];
}

interface Volume extends Source {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly sources: readonly Source[] };
}

interface PodSpec {
  readonly nodeName?: string;
  readonly volumes?: readonly Volume[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

export const podSpecOf = (pod: KubernetesObject): PodSpec => pod['spec'] as PodSpec;

/** Why pods do not run: not on a node, not Ready, not finished well. A pod that goes away counts too. */
export async function podProblems(client: Client): Promise<string[]> {
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' });
  return pods.flatMap((pod) => {
    const { phase } = pod['status'] as { phase?: string };
    const scheduled = conditionOf(pod, 'PodScheduled');
    if (pod.metadata['deletionTimestamp'] !== undefined) return [`${keyOf(pod)} is being deleted`];
    if (podSpecOf(pod).nodeName === undefined) return [`${keyOf(pod)}: ${scheduled?.message ?? 'no node'}`];
    if (phase === 'Succeeded') return [];
    return conditionOf(pod, 'Ready')?.status === 'True' ? [] : [`${keyOf(pod)} is ${phase}, not Ready`];
  });
}

/**
 * ConfigMaps, Secrets and keys of them that pods read and that are not there: a kubelet would wait for them, which nobody
 * does here.
 */
export async function referenceProblems(client: Client): Promise<string[]> {
  const [pods, secrets, configMaps] = await Promise.all([
    client.list({ apiVersion: 'v1', kind: 'Pod' }),
    client.list({ apiVersion: 'v1', kind: 'Secret' }),
    client.list({ apiVersion: 'v1', kind: 'ConfigMap' }),
  ]);
  const keysByObject = new Map(
    [...secrets, ...configMaps].map((object) => [
      keyOf(object),
      new Set(
        [object['data'], object['binaryData'], object['stringData']].flatMap((data) =>
          Object.keys((data as object | undefined) ?? {}),
        ),
      ),
    ]),
  );
  const problems = pods.flatMap((pod) => {
    const { volumes = [], containers, initContainers = [] } = podSpecOf(pod);
    const missing = (kind: string, reference: Reference | undefined): string[] => {
      if (reference === undefined || reference.optional === true) return [];
      const name = `${kind} ${pod.metadata.namespace}/${reference.name ?? reference.secretName}`;
      const there = keysByObject.get(name);
      if (there === undefined) return [`${keyOf(pod)}: there is no ${name}`];
      const wanted = [
        ...(reference.items ?? []).map(({ key }) => key),
        ...(reference.key ? [reference.key] : []),
      ];
      return wanted.filter((key) => !there.has(key)).map((key) => `${keyOf(pod)}: ${name} has no key ${key}`);
    };
    return [
      ...volumes
        .flatMap((volume): readonly Source[] => [volume, ...(volume.projected?.sources ?? [])])
        .flatMap(({ secret, configMap }) => [
          ...missing('Secret', secret),
          ...missing('ConfigMap', configMap),
        ]),
      ...[...containers, ...initContainers].flatMap(({ env = [], envFrom = [] }) => [
        ...env.flatMap(({ valueFrom }) => [
          ...missing('Secret', valueFrom?.secretKeyRef),
          ...missing('ConfigMap', valueFrom?.configMapKeyRef),
        ]),
        ...envFrom.flatMap(({ secretRef, configMapRef }) => [
          ...missing('Secret', secretRef),
          ...missing('ConfigMap', configMapRef),
        ]),
      ]),
    ];
  });
  return [...new Set(problems)];
}

/** What the pods of a node that have not ended ask for. */
export async function requestsOn(
  client: Client,
  node: string,
): Promise<{ readonly cpu: number; readonly memory: number; readonly pods: number }> {
  const pods = (await client.list({ apiVersion: 'v1', kind: 'Pod' })).filter(
    (pod) => podSpecOf(pod).nodeName === node && (pod['status'] as { phase?: string }).phase !== 'Succeeded',
  );
  const sum = (resource: string): number =>
    pods.reduce((total, pod) => total + podRequest(podSpecOf(pod), resource), 0);
  return { cpu: sum('cpu'), memory: sum('memory'), pods: pods.length };
}

// Init containers run one after the other, before the rest: the platform has no sidecars among them.
function podRequest({ containers, initContainers = [] }: PodSpec, resource: string): number {
  const of = ({ resources }: Container): number => quantity(resources?.requests?.[resource] ?? '0');
  return Math.max(
    ...initContainers.map(of),
    containers.reduce((total, container) => total + of(container), 0),
  );
}

/** @throws where it is none */
export function quantity(text: string): number {
  const value = parseQuantity(text);
  if (value === undefined) throw new Error(`${text} is no quantity`);
  return value;
}

interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

/** A PersistentVolume and its claim, as bound: the identities of both. */
export type Bindings = ReadonlyMap<string, string>;

/** Claims and volumes that are not bound to each other as the volume's `claimRef` says, and the pairs that are. */
export async function volumeBindings(
  client: Client,
): Promise<{ readonly problems: readonly string[]; readonly bindings: Bindings }> {
  const [volumes, claims] = await Promise.all([
    client.list({ apiVersion: 'v1', kind: 'PersistentVolume' }),
    client.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
  ]);
  const claimsByName = new Map(claims.map((claim) => [keyOf(claim), claim]));
  const problems: string[] = [];
  const bindings = new Map<string, string>();
  for (const volume of volumes) {
    const { claimRef } = volume['spec'] as { claimRef?: ClaimReference };
    const name = `PersistentVolume ${volume.metadata.name}`;
    const claimKey = `PersistentVolumeClaim ${claimRef?.namespace}/${claimRef?.name}`;
    const claim = claimsByName.get(claimKey);
    claimsByName.delete(claimKey);
    const { volumeName } = (claim?.['spec'] ?? {}) as { volumeName?: string };
    const phases = [volume, claim].map((object) => (object?.['status'] as { phase?: string })?.phase);
    if (claim === undefined || volumeName !== volume.metadata.name || claimRef?.uid !== claim.metadata.uid)
      problems.push(`${name} is kept for ${claimKey}, which has ${volumeName ?? 'none'}`);
    else if (phases.some((phase) => phase !== 'Bound')) problems.push(`${name}: ${phases.join(', ')}`);
    else bindings.set(claimKey, `${name} ${volume.metadata.uid} ${claim.metadata.uid}`);
  }
  problems.push(...[...claimsByName.keys()].map((key) => `no volume is kept for ${key}`));
  return { problems, bindings };
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly kind: string; readonly name: string };
}

/** Services with a selector that no Ready pod stands behind, or one of whose ports leads nowhere. */
export async function serviceProblems(client: Client): Promise<string[]> {
  const [services, slices] = await Promise.all([
    client.list({ apiVersion: 'v1', kind: 'Service' }),
    client.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }),
  ]);
  return services.flatMap((service) => {
    const { selector, ports = [] } = service['spec'] as { selector?: object; ports?: readonly object[] };
    if (selector === undefined) return [];
    const own = slices.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    );
    const ready = own
      .flatMap((slice) => (slice['endpoints'] ?? []) as readonly Endpoint[])
      .filter(({ conditions, targetRef }) => conditions?.ready && targetRef?.kind === 'Pod');
    // A port whose name no container has is left out here.
    const resolved = Math.max(0, ...own.map((slice) => ((slice['ports'] ?? []) as readonly object[]).length));
    if (ready.length === 0) return [`${keyOf(service)} has no endpoint`];
    return resolved === ports.length ? [] : [`${keyOf(service)}: ${resolved} of ${ports.length} ports`];
  });
}

/** Jobs that are not complete. */
export async function jobProblems(client: Client): Promise<string[]> {
  const jobs = await client.list({ apiVersion: 'batch/v1', kind: 'Job' });
  return jobs
    .filter((job) => conditionOf(job, 'Complete')?.status !== 'True')
    .map((job) => `${keyOf(job)} is not complete`);
}

/**
 * What Kubernetes says in passing and then gets right by itself. That each of these pods runs in the end is looked at
 * elsewhere.
 */
const passingEvents: readonly { readonly reason: string; readonly message: RegExp; readonly why: string }[] =
  [
    {
      reason: 'FailedScheduling',
      message: /persistentvolumeclaim "[^"]+" not found/,
      why: 'Flux applies a Deployment a moment before its claim',
    },
    {
      reason: 'FailedScheduling',
      message: /didn't find available persistent volumes to bind/,
      why: 'Flux applies a StatefulSet a moment before its volume',
    },
    {
      reason: 'FailedScheduling',
      message: /PreBind plugin "VolumeBinding": Operation cannot be fulfilled on persistentvolumes/,
      why: 'the scheduler and the volume controller bind at once; the one that comes second tries again',
    },
    {
      reason: 'ClusterIPNotAllocated',
      message: /is not allocated; repairing$/,
      why: 'the API server’s repair loop looks at a Service whose address is being given out at that moment',
    },
  ];

/** The warnings among the events that are more than passing. */
export async function warnings(client: Client): Promise<string[]> {
  const events = await client.list({ apiVersion: 'v1', kind: 'Event' });
  return events.flatMap((event) => {
    const { type, reason, message, involvedObject } = event as unknown as {
      readonly type: string;
      readonly reason: string;
      readonly message: string;
      readonly involvedObject: { readonly kind: string; readonly name: string };
    };
    if (type !== 'Warning') return [];
    if (passingEvents.some((known) => known.reason === reason && known.message.test(message))) return [];
    return [`${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`];
  });
}
