/** One cluster as its network sees it: pods, policies, and what was declared. */

import { describe } from '../../finding.ts';
import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import {
  type Direction,
  type NetworkPolicy,
  type Pods,
  readNetworkPolicy,
} from '../../kubernetes/network-policy.ts';
import { booleanAt, portsOf } from '../../kubernetes/pod-template.ts';
import { type Labels, labelsOf, unmet } from '../../kubernetes/selectors.ts';
import type { Environment, Repository } from '../../render/environment.ts';
import { isKind } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import { indexEnvironment, type ReferenceSubject, type Workload } from '../reference/index-objects.ts';
import { isForeign } from '../reference/known-cluster.ts';
import { unmetBy } from '../reference/matching-pods.ts';
import type { FlowsFile, UnseenPods } from './flows-file.ts';
import { type Plan, planOf } from './plan.ts';
import { flowsVersions } from './versions.ts';

/** Pods that no policy tells apart. */
export interface PodGroup extends Pods {
  readonly key: string;
  /** `Deployment infometis/grafana`, as messages call them. */
  readonly title: string;
  readonly labels: Labels;
  readonly workload?: Workload;
  readonly unseen?: UnseenPods;
  /** A pod that nobody has declared: what it can reach, whoever gets into the cluster can. */
  readonly stranger?: true;
}

export interface NetworkSubject {
  readonly environment: string;
  readonly index: ReferenceSubject;
  /** Every policy of the cluster. */
  readonly policies: readonly NetworkPolicy[];
  /** Those of this environment, which is told what is wrong with them. */
  readonly ownPolicies: readonly NetworkPolicy[];
  readonly pods: readonly PodGroup[];
  /** The namespaces that are known, with their labels. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** What network/flows.yaml declares, where it says that namespaces of this environment are closed. */
  readonly plan: Plan | undefined;
  /** Whether a part of the environment could not be built: what is missing may be in it. */
  readonly broken: boolean;
  /** Whether something that is not seen may open what the policies of a namespace close. */
  mayBeOpened(namespace: string): boolean;
}

// Policies of another kind, which add to Kubernetes' own or come before them.
const otherPolicies: readonly (readonly [group: string, kind: string])[] = [
  ['cilium.io', 'CiliumNetworkPolicy'],
  ['cilium.io', 'CiliumClusterwideNetworkPolicy'],
  ['crd.projectcalico.org', 'NetworkPolicy'],
  ['crd.projectcalico.org', 'GlobalNetworkPolicy'],
  ['projectcalico.org', 'NetworkPolicy'],
  ['projectcalico.org', 'GlobalNetworkPolicy'],
  ['policy.networking.k8s.io', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'ClusterNetworkPolicy'],
];

/** Every namespace has it, with its own name as the value. */
export const nameLabel = 'kubernetes.io/metadata.name';

/** Undefined where an environment has no policies and nothing says that it should. */
export function networkSubject(
  repository: Repository,
  environment: Environment,
  flows: FlowsFile | undefined,
): NetworkSubject | undefined {
  const closed = flows?.environments.find(({ name }) => name === environment.name)?.closed ?? [];
  const hasPolicies = environment.objects.some((object) =>
    isKind(object, 'networking.k8s.io', 'NetworkPolicy'),
  );
  if (closed.length === 0 && !hasPolicies) return undefined;
  const index = indexEnvironment(repository, environment);
  const namespaces = namespacesOf(index, environment, closed.length > 0 ? (flows?.pods ?? []) : []);
  const policies = index
    .everywhere('networking.k8s.io', 'NetworkPolicy')
    .map((object) => readNetworkPolicy(object, index.namespaceOf(object) ?? 'default'));
  const labels = (namespace: string): Labels => namespaces.get(namespace) ?? { [nameLabel]: namespace };
  const pods = [...namespaces.keys()].flatMap((namespace) =>
    index.workloadsIn(namespace).map((workload) => groupOf(workload, labels(namespace))),
  );
  const hasOthers = otherPolicies.some(([group, kind]) => index.everywhere(group, kind).length > 0);
  const isClosed = new Set(closed.map(({ namespace }) => namespace));
  const base = {
    environment: environment.name,
    index,
    policies,
    ownPolicies: policies.filter(({ object }) => object.environment === environment.name),
    namespaces,
    mayBeOpened: (namespace: string) => hasOthers || (!isClosed.has(namespace) && index.isOpaque(namespace)),
    broken: environment.builds.some(({ failures }) => failures.length > 0 && !isForeign(failures)),
  };
  if (closed.length === 0 || flows === undefined) return { ...base, pods, plan: undefined };
  const everyone = [
    ...pods,
    ...flows.pods
      .filter(({ namespace }) => namespaces.has(namespace))
      .map((unseen) => unseenGroup(unseen, labels(unseen.namespace))),
    ...[...namespaces].map(([namespace, own]) => stranger(namespace, own)),
    stranger('', {}),
  ];
  const versions = flowsVersions(repository, environment.name, flows, pods);
  return { ...base, pods: everyone, plan: planOf(versions, environment.name, flows, everyone) };
}

function namespacesOf(
  index: ReferenceSubject,
  environment: Environment,
  unseen: readonly UnseenPods[],
): ReadonlyMap<string, Labels> {
  const names = new Set(builtInNamespaces);
  for (const object of environment.objects) {
    const namespace = index.namespaceOf(object);
    if (namespace !== undefined) names.add(namespace);
  }
  const declared = index.everywhere('', 'Namespace');
  for (const { name } of declared) names.add(name);
  for (const { namespace } of unseen) if (namespace === 'flux-system') names.add(namespace);
  const result = new Map([...names].map((name): [string, Labels] => [name, { [nameLabel]: name }]));
  for (const { node, name } of declared)
    result.set(name, { ...labelsOf(at(node, ['metadata', 'labels'])), [nameLabel]: name });
  return result;
}

function groupOf(workload: Workload, namespaceLabels: Labels): PodGroup {
  const { object, namespace, template } = workload;
  return {
    key: `${object.kind} ${namespace}/${object.name}`,
    title: describe({ kind: object.kind, namespace, name: object.name }),
    namespace,
    namespaceLabels,
    hostNetwork: booleanAt(template.spec, ['hostNetwork']) === true,
    labels: template.labels,
    ports: portsOf(template),
    fulfils: (requirements) => unmetBy(workload, requirements).length === 0,
    workload,
  };
}

const unseenGroup = (unseen: UnseenPods, namespaceLabels: Labels): PodGroup => ({
  key: `pods ${unseen.name}`,
  title: `${unseen.name} (pods of namespace ${unseen.namespace})`,
  namespace: unseen.namespace,
  namespaceLabels,
  hostNetwork: unseen.hostNetwork,
  labels: unseen.labels,
  ports: unseen.ports,
  fulfils: (requirements) => unmet(unseen.labels, requirements).length === 0,
  unseen,
});

const stranger = (namespace: string, namespaceLabels: Labels): PodGroup => ({
  key: `stranger ${namespace}`,
  title: namespace === '' ? 'any pod of another namespace' : `any other pod of namespace ${namespace}`,
  namespace,
  namespaceLabels,
  hostNetwork: false,
  labels: {},
  ports: [],
  fulfils: (requirements) => unmet({}, requirements).length === 0,
  stranger: true,
});

/** Pods as the message of a rule lists them: the first few, and how many more. */
export function printPods(titles: readonly string[], limit = 3): string {
  const some = [...new Set(titles)];
  const more = some.length - limit;
  return more > 0 ? `${some.slice(0, limit).join(', ')} and ${more} more` : some.join(', ');
}

/** `ingress from`, `egress to`. */
export const toward = (direction: Direction): string => (direction === 'ingress' ? 'from' : 'to');
